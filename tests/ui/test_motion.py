"""Motion on the strip: ready-made, built from key poses, played live, stopped by a hand, kept as a film."""

import re

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.ui.stage import centre, difference, drag, painted, picture, spot, stable_picture, tab, tool


@pytest.fixture
def strip(page):
    stable_picture(page)
    tab(page, "motion")
    return page


def motion(page, name):
    return page.locator(f'#motion [data-do="{name}"]')


def test_a_walk_is_played_live_and_a_hand_stops_it(strip):
    before = picture(strip)
    motion(strip, "walk").click()
    strip.wait_for_selector(".vu-keys .vu-now")
    ankles, pictures = [], []
    for _ in range(6):
        strip.wait_for_timeout(150)
        ankles.append(spot(strip, "lankle"))
        pictures.append(picture(strip))
    assert np.ptp(np.array(ankles), axis=0).max() > 0.02
    assert max(difference(p, before) for p in pictures) > 0.4
    assert motion(strip, "play").inner_text() == "Stop"
    drag(strip, "rwrist", -30, -40)
    assert motion(strip, "play").inner_text() == "Play"
    at = centre(strip, "lankle")
    strip.wait_for_timeout(400)
    assert centre(strip, "lankle") == pytest.approx(at, abs=0.5)
    stable_picture(strip)
    tool(strip, "undo").click()
    tool(strip, "undo").click()
    assert difference(stable_picture(strip, 1), before) < 0.15


def test_a_tool_used_while_a_motion_plays_stops_it_and_counts(strip):
    motion(strip, "walk").click()
    strip.wait_for_selector(".vu-keys .vu-now")
    motion(strip, "walk").click()  # twice, and there is still one motion
    strip.wait_for_selector(".vu-keys .vu-now")
    tool(strip, "mirror").click()
    assert motion(strip, "play").inner_text() == "Play"
    at = spot(strip, "lankle")
    strip.wait_for_timeout(500)
    assert spot(strip, "lankle") == pytest.approx(at, abs=0.002)
    assert strip.locator(".vu-status").inner_text() == "Mirrored"


def test_key_poses_are_added_reordered_removed_and_shown(strip):
    motion(strip, "add").click()
    assert "Add two poses or more" in strip.locator(".vu-said").inner_text()
    assert motion(strip, "play").is_disabled()
    low = spot(strip, "lwrist")
    drag(strip, "lwrist", 80, -180)
    high = spot(strip, "lwrist")
    motion(strip, "add").click()
    strip.wait_for_selector("text=2 key poses")
    strip.locator(".vu-keys li").nth(0).locator(".vu-show").click()
    assert spot(strip, "lwrist") == pytest.approx(low, abs=0.005)
    strip.locator('[aria-label="Key pose 2 earlier"]').click()
    strip.locator(".vu-keys li").nth(0).locator(".vu-show").click()
    assert spot(strip, "lwrist") == pytest.approx(high, abs=0.005)
    strip.locator('[aria-label="Remove key pose 1"]').click()
    assert strip.locator(".vu-keys li").count() == 1 and motion(strip, "play").is_disabled()
    strip.locator('[aria-label="Remove key pose 1"]').press("Enter")
    assert strip.locator(".vu-keys li").count() == 0
    assert strip.evaluate("document.activeElement.dataset.do") == "add"  # the keyboard does not fall off the page


def test_a_server_that_was_silent_is_asked_again_when_the_motion_is_played(strip):
    strip.route(re.compile("component_server"), lambda route: route.abort())
    for _ in range(2):
        motion(strip, "add").click()
    strip.wait_for_selector("text=The server does not answer")
    strip.unroute(re.compile("component_server"))
    motion(strip, "play").click()
    strip.wait_for_selector(".vu-keys .vu-now")
    strip.problems.clear()


@pytest.mark.parametrize("kind", ["webm", "gif"])
def test_a_film_of_the_motion_is_made(strip, tmp_path, kind):
    seq = painted(strip)
    motion(strip, "wave").click()
    strip.wait_for_function("(seq) => Number(document.querySelector('.vu-editor').dataset.painted) > seq + 2", arg=seq)
    motion(strip, "play").click()
    strip.locator("#tab-motion label, label").filter(has_text=kind.upper()).last.click()
    strip.locator("#make-film").click()
    link = strip.locator("#film a[download]")
    link.wait_for(timeout=30_000)
    with strip.expect_download() as download:
        link.click()
    path = tmp_path / f"film.{kind}"
    download.value.save_as(path)
    frames = _frames(path)
    assert len(frames) == 18  # two keys 0.35 seconds apart, there and back, at 16 pictures a second
    assert np.abs(frames[0].astype(int) - frames[len(frames) // 2]).mean() > 0.2


def _frames(path):
    if path.suffix == ".gif":
        with Image.open(path) as film:
            return [np.asarray(film.seek(i) or film.convert("RGB")) for i in range(film.n_frames)]
    film, frames = cv2.VideoCapture(str(path)), []
    while (read := film.read())[0]:
        frames.append(read[1])
    return frames
