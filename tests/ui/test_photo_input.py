"""A visitor's photo: its person, its skeleton, and what cannot be used."""

import pytest

from tests.ui.stage import MOVED, SAME, difference, drag, painted, picture, spot, stable_picture, tool


def test_a_photo_is_uploaded_and_its_skeleton_dragged(page, photo):
    before = stable_picture(page)
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    mine = stable_picture(page, seq)
    assert difference(mine, before) > 0.3
    assert page.locator('.vu-backdrop [value="photo"]').is_enabled()
    drag(page, "lwrist", 80, -180)
    assert difference(stable_picture(page, seq + 1), mine) > MOVED


def test_a_skeleton_that_was_found_is_corrected_and_the_look_read_again(page, photo):
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    found = stable_picture(page, seq)
    page.locator("#correct-skeleton").click()
    page.wait_for_selector("#use-skeleton")
    assert page.locator(".vu-photo").is_visible() and page.locator("#correct-skeleton").is_hidden()
    foot = spot(page, "lankle")
    drag(page, "lankle", 60, -40)
    assert spot(page, "lankle") != pytest.approx(foot, abs=0.01)
    seq = painted(page)
    page.locator("#use-skeleton").click()
    page.wait_for_selector("#use-skeleton", state="hidden")
    page.wait_for_selector("#correct-skeleton")
    assert difference(stable_picture(page, seq), found) > 0.2
    moved = spot(page, "lankle")
    tool(page, "mirror").click()
    tool(page, "reset").click()  # goes back to the corrected skeleton
    assert spot(page, "lankle") == pytest.approx(moved, abs=0.005)
    page.locator("#people button img").nth(2).click()
    page.wait_for_selector("#correct-skeleton", state="hidden")


def test_nobody_in_the_photo_is_no_dead_end(page, wall):
    page.locator("#photo input[type=file]").set_input_files(wall)
    page.wait_for_selector("text=No person was found")
    assert page.locator(".vu-photo").is_visible()
    stable_picture(page)
    drag(page, "rwrist", -20, -30)
    seq = painted(page)
    page.locator("#use-skeleton").click()
    page.wait_for_selector("#use-skeleton", state="hidden")
    stable_picture(page, seq)


@pytest.mark.parametrize("name, content, words", [("x.jpg", b"this is no picture", "not a picture")])
def test_a_bad_file_is_one_sentence_and_nothing_is_lost(page, tmp_path, name, content, words):
    start = stable_picture(page)
    (tmp_path / name).write_bytes(content)
    page.locator("#photo input[type=file]").set_input_files(tmp_path / name)
    page.wait_for_selector(f"text={words}")
    assert difference(picture(page), start) < SAME
    page.problems.clear()  # the browser's own complaint about the failed request
