"""Films as motions, read in the browser, which sends joints alone, else by the server; and films that are cancelled."""

import itertools

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.ui.stage import stable_picture, tab, until
from tests.ui.test_drop_and_paste import send
from vunet import Pose
from vunet.bench.mirror import film_poses
from vunet.output.film import write_film
from vunet.pose.joints import INDEX

EBML = b"\x1aE\xdf\xa3"  # how WebM files begin
STRIP = "() => document.querySelectorAll('.vu-keys li').length"
HEAR = "() => { document.addEventListener('vu-keys', ({ detail }) => (window.vuKeys = detail)); }"


@pytest.fixture(scope="module")
def dancer(studio):
    """Pictures of a person who dances, twelve a second, and of one who stands."""
    look = studio.sample(Pose.default(), 1, 6)[0]
    dance = studio.render_many(
        [look] * 30, list(itertools.islice(itertools.cycle(film_poses()), 0, 60, 2)), studio.live_size
    )
    return dance, studio.render(look, Pose.default(), studio.live_size)


@pytest.fixture
def motion_tab(page):
    stable_picture(page)
    tab(page, "motion")
    page.wait_for_selector(".vu-mirror[data-ready]")
    page.evaluate(HEAR)
    yield page
    page.problems[:] = [each for each in page.problems if "XNNPACK" not in each]  # the estimator says so when it starts


def said(page):
    return page.locator("#mirror .vu-told").inner_text()


def press(page, name):
    page.locator(f'#mirror [data-do="{name}"]').evaluate("button => button.click()")


def travel(motion):
    """How far the wrists of its keys come, from the hips."""
    keys = [Pose.from_dict(key) for key in motion["keys"]]
    joints = np.stack([key.joints - (key.xy("lhip") + key.xy("rhip")) / 2 for key in keys])
    return np.ptp(joints[:, [INDEX["lwrist"], INDEX["rwrist"]]], axis=0).max()


def test_a_film_is_read_in_the_browser_and_no_picture_of_it_is_sent(motion_tab, dancer, tmp_path):
    page, path = motion_tab, tmp_path / "dance.webm"
    write_film(dancer[0], path, 12)
    bodies = []
    page.on("request", lambda request: bodies.append(request.post_data_buffer or b""))
    page.locator("#mirror input[type=file]").set_input_files(path)
    until(page, lambda: "is on the strip" in said(page), 90)
    motion = page.evaluate("window.vuKeys")
    assert len(motion["keys"]) > 4 and len(motion["steps"]) == len(motion["keys"]) and travel(motion) > 0.05
    assert motion["seconds"] * sum(motion["steps"]) == pytest.approx(2.5, abs=0.6)
    assert not any(EBML in body for body in bodies) and max(map(len, bodies)) < 200_000
    until(page, lambda: page.evaluate(STRIP) == len(motion["keys"]))


def test_of_two_people_the_one_that_is_clicked_is_followed(motion_tab, dancer, tmp_path):
    page, path = motion_tab, tmp_path / "two.webm"
    dance, still = dancer
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"VP80"), 12, (448, 256))
    for picture in dance[:12]:
        both = np.full((256, 448, 3), 240, np.uint8)
        both[:, :224], both[:, 224:] = picture[:, 16:240], still[:, 16:240]
        writer.write(both[..., ::-1].copy())
    writer.release()
    ways = []
    for place in (0.25, 0.75):
        page.locator("#mirror input[type=file]").set_input_files(path)
        until(page, lambda: "Click the person" in said(page), 90)
        box = page.locator("#mirror svg").bounding_box()
        page.mouse.click(box["x"] + place * box["width"], box["y"] + box["height"] / 2)
        until(page, lambda: "is on the strip" in said(page), 90)
        ways.append(travel(page.evaluate("window.vuKeys")))
    assert ways[0] > 3 * ways[1]


def test_what_was_read_when_somebody_has_had_enough_is_on_the_strip(motion_tab, dancer, tmp_path):
    page, path = motion_tab, tmp_path / "long.webm"
    write_film(np.concatenate([dancer[0]] * 8), path, 12)
    send(page, "drop", "long.webm", "video/webm", path.read_bytes())
    until(page, lambda: "seconds left" in said(page) and int(said(page).split()[0]) > 1, 90)
    press(page, "film")
    until(page, lambda: "What was read" in said(page), 30)
    motion = page.evaluate("window.vuKeys")
    assert len(motion["keys"]) > 1 and motion["seconds"] * sum(motion["steps"]) < 15


def test_what_the_browser_cannot_show_is_read_by_the_server(motion_tab, dancer, tmp_path):
    page, path = motion_tab, tmp_path / "dance.gif"
    first, *rest = (Image.fromarray(picture) for picture in dancer[0][:10])
    first.save(path, save_all=True, append_images=rest, duration=80)
    page.locator("#mirror input[type=file]").set_input_files(path)
    until(page, lambda: page.evaluate(STRIP) > 1, 60)


def test_a_film_that_is_cancelled_is_as_long_as_it_was_made(motion_tab, tmp_path):
    page = motion_tab
    for _ in range(2):
        page.locator('#motion [data-do="add"]').click()
    page.wait_for_selector("text=2 key poses")
    slider = page.locator("#motion input[type=range]")
    slider.evaluate("e => { e.value = 2; e.dispatchEvent(new Event('change')); }")  # a hundred pictures
    page.wait_for_selector("text=4.0 seconds")
    page.locator("#make-film").click()
    until(page, lambda: page.locator("#cancel-film").is_enabled())
    page.locator("#cancel-film").click()
    link = page.locator("#film a[download]")
    link.wait_for(timeout=30_000)
    with page.expect_download() as download:
        link.click()
    film, count = cv2.VideoCapture(str(download.value.path())), 0
    while film.grab():
        count += 1
    assert 8 <= count < 100
