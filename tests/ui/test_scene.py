"""Back into the photo: what is kept of a person shows them in front of their own street, where there is one."""

import numpy as np
import pytest
from PIL import Image

from tests.ui.stage import painted, save_menu, stable_picture, tab
from vunet.person.ground import BACKGROUND


@pytest.fixture
def uploaded(page, photo):
    stable_picture(page)
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    stable_picture(page, seq)
    return page


def plain(picture):
    """How much of a picture's upper edge is the plain ground."""
    return float((np.abs(picture[:8].astype(int) - BACKGROUND).max(axis=2) <= 4).mean())


def saved(page, button, path):
    with page.expect_download() as download:
        button.click()
    download.value.save_as(path)
    return np.asarray(Image.open(path).convert("RGB"))


def test_the_picture_and_the_sheet_show_the_person_in_the_photo(uploaded, studio, tmp_path):
    assert plain(saved(uploaded, save_menu(uploaded, "save-png"), tmp_path / "plain.png")) > 0.9
    assert plain(saved(uploaded, save_menu(uploaded, "save-scene"), tmp_path / "scene.png")) < 0.5
    sheet, size = saved(uploaded, save_menu(uploaded, "save-sheet"), tmp_path / "sheet.png"), studio.size
    assert plain(sheet[:size, 3 * size :]) > 0.9 and plain(sheet[size : 2 * size, :size]) < 0.5


def film(page, path):
    tab(page, "motion")
    page.locator('#motion [data-do="wave"]').click()
    page.locator("#tab-motion label, label").filter(has_text="GIF").last.click()
    page.locator("#film-in-photo input").check()
    page.locator("#make-film:enabled").click()
    link = page.locator("#film a[download]")
    link.wait_for(timeout=60_000)
    return saved(page, link, path)


def test_a_film_shows_the_person_in_the_photo(uploaded, tmp_path):
    assert plain(film(uploaded, tmp_path / "film.gif")) < 0.5


def test_without_a_photo_a_film_in_it_is_one_sentence(page):
    stable_picture(page)
    tab(page, "motion")
    page.locator('#motion [data-do="wave"]').click()
    page.locator("#film-in-photo input").check()
    page.locator("#make-film:enabled").click()
    page.wait_for_selector("text=There is no photo to stand in")
