"""The mirror: a film of a person that this project renders is the camera; the stage follows, the video stays here."""

import json

import numpy as np
import pytest

from tests.ui.stage import tab, until, visit
from vunet import Pose
from vunet.bench.mirror import camera_film, film_poses, with_camera
from vunet.pose.retarget import retargeted
from vunet.ui.server.page_files import ESTIMATOR, VENDOR, page_file

JPEG = b"\xff\xd8\xff"


@pytest.fixture(scope="module")
def camera(studio, tmp_path_factory):
    path = tmp_path_factory.mktemp("camera") / "person.mjpeg"
    camera_film(studio, path)
    return path


@pytest.fixture
def launched(chromium, camera):
    """A browser with that camera."""
    with with_camera(chromium, camera) as browser:
        yield browser


def opened(browser, url, allowed=True, **options):
    context = browser.new_context(permissions=["camera"] if allowed else [], reduced_motion="reduce", **options)
    context.add_init_script("try { localStorage.setItem('vunet.toured', '1'); } catch {}")
    page = context.new_page()
    visit(page, url)
    tab(page, "motion")
    page.wait_for_selector("#mirror .vu-mirror[data-ready]")  # a key is heard from then on
    return page


def press(page, name):
    """On a phone the stage stays in view, over what is scrolled below it."""
    page.locator(f'#mirror [data-do="{name}"]').evaluate("button => button.click()")


def said(page):
    return page.locator("#mirror .vu-told").inner_text()


def seen(page):
    return int(page.locator("#mirror").evaluate("e => (e.querySelector('[data-seen]') || e).dataset.seen || 0"))


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)], ids=["desktop", "phone"])
def test_the_person_follows_the_camera_and_no_picture_of_it_is_sent(launched, url, size):
    page = opened(launched, url, viewport={"width": size[0], "height": size[1]}, has_touch=size[0] < 500)
    bodies = []
    page.on("request", lambda request: bodies.append((request.url, request.post_data_buffer or b"")))
    before = page.locator(".vu-picture").get_attribute("src")
    press(page, "mirror")
    until(page, lambda: seen(page) > 12, 90)
    until(page, lambda: page.locator(".vu-picture").get_attribute("src") != before)
    renders = [json.loads(body) for address, body in bodies if "component_server" in address and b"render" in body]
    poses = [each["data"]["pose"]["joints"] for each in renders if "pose" in str(each)]
    ways = [np.ptp([pose[name][axis] for pose in poses]) for name in ("lwrist", "rwrist") for axis in "xy"]
    assert max(ways) > 0.02
    assert all(len(body) < 6000 and JPEG not in body for _, body in bodies)
    assert all(address.startswith((url, "data:", "blob:")) for address, _ in bodies)
    press(page, "mirror")
    assert "last pose stays" in said(page)
    page.context.close()


STAGE_POSE = (
    "() => { let pose; document.querySelector('.vu-stage').dispatchEvent(new CustomEvent('vu-ask',"
    " { detail: { answer: (p) => (pose = p) } })); return pose; }"
)


def from_the_hips(pose):
    return pose.joints - (pose.xy("lhip") + pose.xy("rhip")) / 2


LISTEN = (
    "() => { window.vuShown = []; document.querySelector('.vu-stage').addEventListener('vu-show',"
    " ({ detail }) => detail.pose && window.vuShown.push(detail.pose)); }"
)


def test_the_joints_are_those_that_the_camera_shows(launched, url):
    """The film's own poses are the truth: the stage shows them mirrored, with the body's proportions."""
    page = opened(launched, url, viewport={"width": 1280, "height": 900})
    body = Pose.from_dict(page.evaluate(STAGE_POSE))
    page.evaluate(LISTEN)
    page.locator('#mirror [data-do="mirror"]').click()
    until(page, lambda: seen(page) > 25, 90)
    shown = np.stack([from_the_hips(Pose.from_dict(each)) for each in page.evaluate("window.vuShown")])
    film = np.stack([from_the_hips(retargeted(pose.mirrored(), body)) for pose in film_poses()])
    apart = np.linalg.norm(shown[:, None] - film[None], axis=-1).mean(-1).min(1)
    still = np.linalg.norm(shown - from_the_hips(body), axis=-1).mean(-1)
    assert np.median(apart) < 0.03 < np.median(still)
    page.context.close()


def test_what_is_recorded_can_be_saved_and_added_to_the_strip(launched, url):
    page = opened(launched, url, viewport={"width": 1280, "height": 900})
    page.locator('#mirror [data-do="mirror"]').click()
    until(page, lambda: seen(page) > 3, 90)
    page.locator('#mirror [data-do="record"]').click()
    until(page, lambda: "Recording" in said(page) or "End the recording" in page.locator("#mirror").inner_text(), 20)
    start = seen(page)
    until(page, lambda: seen(page) > start + 6, 60)
    page.locator('#mirror [data-do="record"]').click()
    until(page, lambda: page.locator('#mirror [data-do="strip"]').is_enabled())
    with page.expect_download() as download:
        page.locator('#mirror [data-do="save"]').click()
    assert download.value.path().stat().st_size > 2000 and download.value.suggested_filename == "mirror.webm"
    page.locator('#mirror [data-do="strip"]').click()
    until(page, lambda: page.locator(".vu-keys li").count() > 2)
    page.context.close()


def test_a_refused_camera_is_one_sentence(launched, url):
    page = opened(launched, url, allowed=False, viewport={"width": 1280, "height": 900})
    page.locator('#mirror [data-do="mirror"]').click()
    until(page, lambda: "refused the camera" in said(page))
    page.context.close()


def test_an_unplugged_camera_is_one_sentence_and_the_key_starts_it_again(launched, url):
    page = opened(launched, url, viewport={"width": 1280, "height": 900})
    page.keyboard.press("m")
    until(page, lambda: seen(page) > 1, 90)
    page.locator("#mirror .vu-camera").evaluate("v => v.srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    until(page, lambda: "unplugged" in said(page))
    page.context.close()


def test_a_hidden_tab_waits_and_goes_on_when_it_is_shown_again(launched, url):
    page = opened(launched, url, viewport={"width": 1280, "height": 900})
    press(page, "mirror")
    until(page, lambda: seen(page) > 2, 90)
    hide = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); }"
    page.evaluate(hide, True)
    page.wait_for_timeout(500)
    before = seen(page)
    page.wait_for_timeout(1000)
    assert seen(page) <= before + 1
    page.evaluate(hide, False)
    until(page, lambda: seen(page) > before + 3, 60)
    page.context.close()


def test_vendored_files_are_what_the_lock_says():
    import hashlib

    lock = json.loads((VENDOR / "LOCK.json").read_text(encoding="utf-8"))
    assert lock["version"] == "0.10.35"
    for name, digest in lock["sha256"].items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
    assert all(page_file(f"/vunet-mirror/{name}").content() for name in ESTIMATOR) and page_file("/vunet-mirror/x") is None
