"""A visitor's work comes back: after a reload in the same browser, after the server started anew; and to nobody else."""

import os
import signal
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.serving import answers, free_port
from tests.ui.stage import difference, drag, painted, reload, spot, stable_picture, tab, until, visit, wait_for_gallery

SAME = 1.5  # grey levels: codes are kept in half precision, and the picture is a JPEG


def kept(page):
    """What the browser remembers, in cipher; the pose of the stage is kept apart."""
    return page.evaluate("localStorage.getItem('vunet.session')")


def worn_and_moved(page):
    """Puts on a drawn look and raises a hand; what is on the stage then."""
    stable_picture(page)
    wait_for_gallery(page)
    seq, before = painted(page), kept(page)
    page.locator("#looks button img").nth(3).click()
    stable_picture(page, seq)
    seq = painted(page)
    drag(page, "lwrist", 70, -120)
    seen = stable_picture(page, seq)
    until(page, lambda: kept(page) != before)
    page.wait_for_timeout(500)
    return seen


def test_a_reload_brings_back_pose_and_look(page):
    photos_hand = spot(page, "lwrist")
    seen = worn_and_moved(page)
    hand = spot(page, "lwrist")
    tab(page, "motion")
    before = kept(page)
    page.locator('[data-do="add"]').click()
    until(page, lambda: kept(page) != before)
    reload(page)
    assert difference(stable_picture(page), seen) < SAME
    assert page.locator("#blend input[type=range]").input_value() == "1"
    tab(page, "motion")
    assert page.locator(".vu-keys li").count() == 1
    assert spot(page, "lwrist") == pytest.approx(hand, abs=0.01)
    page.locator('.vu-bar [data-do="reset"]').click()
    assert spot(page, "lwrist") == pytest.approx(photos_hand, abs=0.01)


def test_another_browser_sees_nothing_of_it(page, chromium, url):
    seen = worn_and_moved(page)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    other = context.new_page()
    other.goto(url)
    other.wait_for_selector("[data-painted]")
    assert difference(stable_picture(other), seen) > 2
    context.close()


def test_what_is_damaged_in_the_browser_does_no_harm(page):
    stable_picture(page)
    wait_for_gallery(page)
    page.evaluate(
        "localStorage.setItem('vunet.session', '\"garbage\"'); localStorage.setItem('vunet.pose', '{\"joints\": 3}')"
    )
    reload(page)
    stable_picture(page)
    page.problems[:] = [told for told in page.problems if "localStorage" not in told]  # Gradio says what it found there


def test_the_page_goes_on_after_the_server_started_anew(chromium, tmp_path):
    port = free_port()
    environment = {**os.environ, "GRADIO_SERVER_PORT": port, "TMPDIR": str(tmp_path)}
    environment.pop("GRADIO_TEMP_DIR", None)
    url = f"http://127.0.0.1:{port}/"

    def start():
        with (tmp_path / "log").open("a") as log:
            process = subprocess.Popen([sys.executable, str(ROOT / "app.py")], env=environment, stdout=log, stderr=log)
        assert answers(url, process)
        return process

    first = start()
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-painted]")
    seen = worn_and_moved(page)
    hand = spot(page, "lwrist")
    first.send_signal(signal.SIGTERM)
    first.wait(30)
    assert not [p for p in tmp_path.glob("vunet-page-*") if p.is_dir()]  # nothing of a visitor stays on the disk
    second = start()
    try:
        drag(page, "rwrist", -20, 20)  # finds out that the look is gone; it comes back by itself
        until(page, lambda: difference(stable_picture(page), seen) < 6)
        assert difference(stable_picture(page), seen) > 0.05  # the other hand
        assert spot(page, "lwrist") == pytest.approx(hand, abs=0.01)
        page.locator("#looks button img").nth(2).click()
        page.wait_for_selector("text=The server does not remember these looks any more")
    finally:
        second.terminate()
        second.wait(30)
        context.close()


def test_two_tabs_keep_their_own_work(page, visitor, url):
    other = visitor.new_page()
    visit(other, url)
    mine = worn_and_moved(page)
    stable_picture(other)
    wait_for_gallery(other)
    seq, before = painted(other), kept(other)
    other.locator("#looks button img").nth(5).click()
    stable_picture(other, seq)
    until(other, lambda: kept(other) != before)
    other.wait_for_timeout(500)
    reload(page)
    assert difference(stable_picture(page), mine) < SAME
    other.close()
