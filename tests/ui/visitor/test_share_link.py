"""Links: what they hold, that they open the same draw, and that a broken one is one sentence."""

import numpy as np
import pytest

from tests.ui.stage import difference, drag, painted, save_menu, spot, stable_picture, wait_for_gallery
from vunet import Pose, VUNetError
from vunet.ui.visitor.browser_storage import BrowserStorage
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.share_link import Link, Sample, read_link, write_link
from vunet.ui.visitor.shared import Shared


def test_a_link_is_read_as_it_was_written(raised):
    pose = Pose(raised.joints, np.arange(15) != 0, {"larm": "behind", "rleg": "front"})
    link = Link(pose, Sample(raised, 7, 0.5, ("dress", "coat"), 3))
    read = read_link(write_link(link))
    assert read.pose.joints == pytest.approx(pose.joints, abs=6e-4) and (read.pose.visible == pose.visible).all()
    assert read.pose.depth == pose.depth
    assert (read.sample.seed, read.sample.temperature, read.sample.wearing, read.sample.index) == (
        7,
        0.5,
        ("dress", "coat"),
        3,
    )
    assert read_link(write_link(Link(pose))).sample is None and len(write_link(link)) < 600


@pytest.mark.parametrize("text", [None, 3, "", "section-2"])
def test_an_address_without_a_link_opens_as_ever(text):
    assert read_link(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "pose=1_2",
        "pose=" + ".".join(["9999_0"] * 15),
        "pose=x",
        f"{write_link(Link(Pose.default()))}&depth=larm-up",
        f"{write_link(Link(Pose.default()))}&depth=larm",
        "pose=" + ".".join(["h1_1"] * 15),
        "pose=&seed=1",
        "pose=" + ".".join(["1_1"] * 14 + ["9" * 400 + "_1"]),
    ],
)
def test_a_broken_link_is_one_sentence(text):
    with pytest.raises(VUNetError, match="cannot be read"):
        read_link(text)


def test_garments_and_variety_that_the_page_does_not_have_are_left_out(studio):
    storage = BrowserStorage(Shared(Studios(studio)))
    wishes = ("dress", "red top", "hat", "crown", "long sleeves", "#aa1e28 shoes")
    link = Link(Pose.default(), Sample(Pose.default(), 7, 2.0, wishes, 0))
    assert read_link(write_link(link)).sample.wearing == wishes
    assert storage._settings(link) == (7, 1.5, ["dress"], "red top", "", "", "long sleeves")


def test_a_link_opens_the_same_draw_in_the_same_pose_for_somebody_else(page, chromium, url):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stable_picture(page)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#looks .thumbnail-item").nth(2).click()
    stable_picture(page, seq)
    drag(page, "lwrist", 60, -120)
    mine = stable_picture(page)
    save_menu(page, "copy-link").click()
    page.wait_for_selector("text=Link copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(url) and "data:" not in link
    other = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce").new_page()
    other.goto(link)
    other.wait_for_selector("[data-painted]")
    assert difference(stable_picture(other), mine) < 0.6  # its pose is in thousandths
    assert spot(other, "lwrist") == pytest.approx(spot(page, "lwrist"), abs=0.002)
    assert "#" not in other.url  # a reload shows what the visitor has done since
    other.context.close()
