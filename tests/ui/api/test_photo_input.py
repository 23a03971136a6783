"""A visitor's photo: its person, its skeleton, and what cannot be used."""

import pytest
from PIL import Image
from pillow_heif import register_heif_opener

from tests.ui.stage import MOVED, SAME, difference, drag, painted, picture, spot, stable_picture, tool


def test_a_photo_is_uploaded_and_its_skeleton_dragged(page, photo):
    before = stable_picture(page)
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    mine = stable_picture(page, seq)
    assert difference(mine, before) > 0.3 and tool(page, "undo").is_disabled()  # nothing has been done yet
    assert page.locator('.vu-backdrop [value="photo"]').is_enabled()
    drag(page, "lwrist", 80, -180)
    assert difference(stable_picture(page, seq + 1), mine) > MOVED


def with_another_hand(page):
    seq = painted(page)
    drag(page, "lwrist", 50, -60)
    return stable_picture(page, seq)


def test_a_skeleton_that_was_found_is_corrected_and_the_look_read_again(page, photo):
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    stable_picture(page, seq)
    found = with_another_hand(page)
    page.locator("#correct-skeleton").click()
    page.wait_for_selector("#use-skeleton")
    assert page.locator(".vu-photo").is_visible() and page.locator("#correct-skeleton").is_hidden()
    foot = spot(page, "lankle")
    drag(page, "lankle", 90, -70)
    assert spot(page, "lankle") != pytest.approx(foot, abs=0.01)
    seq = painted(page)
    page.locator("#use-skeleton").click()
    page.wait_for_selector("#use-skeleton", state="hidden")
    page.wait_for_selector("#correct-skeleton")
    stable_picture(page, seq)
    moved = spot(page, "lankle")
    assert moved != pytest.approx(foot, abs=0.01)
    assert difference(with_another_hand(page), found) > 0.2  # the look was read again; in its own pose it is the photo
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


def test_a_refused_file_leaves_what_belongs_together(page, tmp_path, wall, photo):
    """The photo, its note, its skeleton and its button are those of one file, whatever is refused after it."""
    shown = page.locator("#photo img")
    page.locator("#photo input[type=file]").set_input_files(wall)
    page.wait_for_selector("#use-skeleton")
    before = shown.get_attribute("src")
    (tmp_path / "broken.png").write_bytes(b"this is no picture")
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "broken.png")
    page.wait_for_selector("text=not a picture")
    page.wait_for_function("(src) => document.querySelector('#photo img')?.getAttribute('src') === src", arg=before)
    assert page.get_by_text("No person was found").is_visible() and page.locator("#use-skeleton").is_visible()
    page.locator("#photo button[aria-label='Remove Image']").click()
    page.wait_for_timeout(500)
    assert page.get_by_text("No person was found").is_visible()  # the stage still shows it
    page.locator("#people button img").nth(2).click()  # an example: nothing of the photo stays
    page.wait_for_selector("#use-skeleton", state="hidden")
    shown.wait_for(state="detached")
    assert page.get_by_text("No person was found").is_hidden()
    page.problems.clear()  # the browser's own complaint about the failed request


def test_what_is_difficult_about_a_photo_is_said(page, tmp_path, street):
    Image.fromarray(street[::-1, ::-1]).save(tmp_path / "turned.png")
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "turned.png")
    page.wait_for_selector("text=upside down")


def test_a_heic_photo_of_a_phone_is_read(page, tmp_path, street):
    before = stable_picture(page)
    seq = painted(page)
    register_heif_opener()
    Image.fromarray(street).save(tmp_path / "IMG_0001.HEIC", quality=80)
    page.locator("#photo input[type=file]").set_input_files(tmp_path / "IMG_0001.HEIC")
    assert difference(stable_picture(page, seq), before) > 0.3
