"""Looks locked, kept, worn part by part, and the steps between two of them."""

import io
import json

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from tests.ui.stage import come_to_rest, difference, painted, save_menu, stable_picture, tab, visit, wait_for_gallery
from vunet import Pose, Studio
from vunet.ui.panels import LooksPanel
from vunet.ui.panels.looks import FIRST_SEED, LOOKS, TEMPERATURE
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.session import Session
from vunet.ui.visitor.shared import Shared

SAME = 0.15


def test_the_gallery_that_the_page_opens_with_is_drawn_once_for_all(studio, raised, monkeypatch):
    with gr.Blocks():
        panel = LooksPanel(Shared(Studios(studio)))
    monkeypatch.setattr("vunet.ui.panels.looks.LOOKS", 2)
    sent = Pose.from_dict(json.loads(json.dumps(panel.shared.examples[0].pose.to_dict())))
    seed, temperature = panel.seed.value, panel.temperature.value
    opening = panel.sample(sent, Session(), seed, temperature)
    assert len(opening) == 2 and panel.sample(sent, Session(), seed, temperature) is opening
    for other in ((raised, Session(), seed, 1.0), (sent, Session(), seed + 1, 1.0), (sent, Session(), seed, 0.5)):
        assert difference(panel.sample(*other)[0].picture.astype(int), opening[0].picture) > SAME
    monkeypatch.setattr(panel, "_sampled", lambda *wanted: wanted)
    assert panel.sample(sent, Session(checkpoint="other"), seed, temperature)[-2] == "other"


@pytest.fixture
def looks(page):
    stable_picture(page)
    wait_for_gallery(page)
    return page


def source(page, gallery, index):
    return page.locator(f"#{gallery} button img").nth(index).get_attribute("src")


def wear(page, gallery, index):
    seq = painted(page)
    page.locator(f"#{gallery} button img").nth(index).click()
    return stable_picture(page, seq)


def test_a_locked_look_stays_when_others_are_drawn(looks):
    worn = wear(looks, "looks", 2)
    looks.locator("#lock-look").click()
    looks.wait_for_selector("#looks >> text=locked")
    first = source(looks, "looks", 0)
    looks.locator("#new-looks").click()
    looks.wait_for_function("(old) => document.querySelector('#looks img').src !== old", arg=first)
    wear(looks, "looks", 0)
    assert difference(wear(looks, "looks", 2), worn) < SAME


def test_a_strip_leads_from_the_own_look_to_the_chosen_one(looks):
    own = stable_picture(looks)
    other = wear(looks, "looks", 1)
    looks.locator("#between").click()
    looks.wait_for_function("document.querySelectorAll('#strip img').length >= 7")
    middle = wear(looks, "strip", 3)
    assert max(difference(middle, own), difference(middle, other)) < difference(own, other)
    assert difference(wear(looks, "strip", 0), own) < SAME
    assert difference(wear(looks, "strip", 6), other) < SAME
    assert looks.locator("#blend input[type=range]").input_value() == "1"


def redness(page):
    """Of the tops in the gallery, in grey levels."""
    pictures = [page.request.get(source(page, "looks", i)).body() for i in range(LOOKS)]
    tops = [np.array(Image.open(io.BytesIO(p)).convert("RGB").resize((64, 64)), float)[16:26, 28:36] for p in pictures]
    return np.mean([top[..., 0] - top[..., 1:].mean(axis=2) for top in tops])


def test_a_colour_is_asked_for_in_a_menu(looks):
    before, first = redness(looks), source(looks, "looks", 0)
    looks.locator("#looks-options button").first.click()
    looks.locator("#asked-top input").click()
    looks.get_by_role("option", name="red", exact=True).click()
    looks.wait_for_function("(old) => document.querySelector('#looks img').src !== old", arg=first)
    assert redness(looks) > before + 30


def test_without_a_chosen_look_there_is_a_sentence_and_no_strip(looks):
    looks.locator("#between").click()
    looks.wait_for_selector("text=Choose a look first.")
    looks.problems.clear()


def test_what_cannot_work_is_disabled_and_empty_places_say_what_to_do(looks):
    for button in ("#lock-look", "#keep-look"):
        assert looks.locator(button).is_disabled()
    wear(looks, "looks", 1)
    looks.wait_for_selector("#lock-look:enabled")
    tab(looks, "wardrobe")
    assert looks.get_by_text("Nothing here yet").is_visible() and looks.locator("#wardrobe-remove").is_disabled()
    looks.locator("#wardrobe-add").click()
    looks.wait_for_selector("#wardrobe img")
    assert looks.get_by_text("Nothing here yet").is_hidden()
    tab(looks, "motion")
    assert looks.locator("#make-film").is_disabled() and looks.locator("#cancel-film").is_disabled()
    looks.locator('[data-do="wave"]').click()
    looks.wait_for_selector("#make-film:enabled")


def test_the_wardrobe_is_filled_from_samples_and_photos_and_worn_part_by_part(looks, photo):
    own = stable_picture(looks)
    wear(looks, "looks", 3)
    looks.locator("#keep-look").click()
    tab(looks, "wardrobe")
    looks.wait_for_selector("#wardrobe img")
    with looks.expect_file_chooser() as chooser:
        looks.locator("#wardrobe-photos").click()
    chooser.value.set_files([photo])
    looks.wait_for_function("document.querySelectorAll('#wardrobe img').length === 2", timeout=15_000)
    seq = painted(looks)
    tab(looks, "looks")
    looks.locator("#own-look").click()
    assert difference(stable_picture(looks, seq), own) < SAME
    tab(looks, "wardrobe")
    looks.locator("#part label", has_text="Top").click()
    mixed = wear(looks, "wardrobe", 0)
    height = own.shape[0]
    top, feet = slice(int(0.2 * height), int(0.42 * height)), slice(int(0.8 * height), height)
    assert difference(mixed[top], own[top]) > 2 * difference(mixed[feet], own[feet])
    assert f"Top: {FIRST_SEED}/4" in looks.locator("#outfit").inner_text()
    looks.locator("#part label", has_text="Shoes").click()
    wear(looks, "wardrobe", 1)
    assert "Shoes: street" in looks.locator("#outfit").inner_text()
    looks.locator("#wardrobe-remove").click()
    looks.wait_for_function("document.querySelectorAll('#wardrobe img').length === 1")


def test_a_session_is_saved_and_opened_again(looks, tmp_path):
    worn = wear(looks, "looks", 5)
    looks.locator("#keep-look").click()
    looks.wait_for_selector("text=Kept in the wardrobe.")
    seq = painted(looks)
    looks.locator('[data-joint="lwrist"]').press("Shift+ArrowUp")
    worn = stable_picture(looks, seq)
    tab(looks, "motion")
    looks.locator('[data-do="add"]').click()
    with looks.expect_download() as download:
        save_menu(looks, "save-session").click()
    path = tmp_path / "session.json"
    download.value.save_as(path)
    come_to_rest(looks)
    visit(looks, looks.url)
    assert difference(stable_picture(looks), worn) > 1
    seq = painted(looks)
    with looks.expect_file_chooser() as chooser:
        save_menu(looks, "open-session").click()
    chooser.value.set_files(path)
    assert difference(stable_picture(looks, seq), worn) < 0.5  # codes are kept in half precision
    tab(looks, "motion")
    assert looks.locator(".vu-keys li").count() == 1
    tab(looks, "looks")
    seq = painted(looks)
    looks.locator("#own-look").click()
    assert difference(stable_picture(looks, seq), worn) > 1
    tab(looks, "wardrobe")
    assert difference(wear(looks, "wardrobe", 0), worn) < 0.5


def test_the_temperature_is_set_by_keyboard(looks):
    first = source(looks, "looks", 0)
    looks.locator("#looks-options > button").click()
    come_to_rest(looks)  # what was folded away is mounted, and takes its first value, only now
    looks.locator("input[type=range][aria-label*='ariety']").first.press("ArrowLeft")
    looks.wait_for_function("(old) => document.querySelector('#looks img').src !== old", arg=first)


def test_a_file_that_is_no_session_is_one_sentence(looks, tmp_path):
    shown = stable_picture(looks)
    (tmp_path / "x.json").write_text('{"format": "vunet-session-1", "pose": 3}')
    with looks.expect_file_chooser() as chooser:
        save_menu(looks, "open-session").click()
    chooser.value.set_files(tmp_path / "x.json")
    looks.wait_for_selector("text=This is no session that can be opened")
    assert difference(stable_picture(looks), shown) < SAME
    looks.problems.clear()


def test_the_first_outfits_are_drawn_before_anybody_comes(studio, monkeypatch):
    shared = Shared(Studios(studio))
    with gr.Blocks():
        panel = LooksPanel(shared)
    panel.sample_ahead()
    monkeypatch.setattr(Studio, "sample", lambda *_, **__: pytest.fail("drawn again"))
    drawn = panel.sample(shared.examples[0].pose, Session(), FIRST_SEED, TEMPERATURE)
    assert len(drawn) == LOOKS and drawn[0].name == f"{FIRST_SEED}/1"
