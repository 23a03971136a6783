"""The page in a real browser, done as a person would, judged by the picture."""

import re

import numpy as np
import pytest
from PIL import Image

from tests.ui.stage import (
    MOVED,
    SAME,
    centre,
    difference,
    drag,
    painted,
    picture,
    save_menu,
    small,
    stable_picture,
    tab,
    tool,
    wait_for_gallery,
)
from vunet.ui.panels.looks import FIRST_SEED
from vunet.ui.visitor.examples import load_examples
from vunet.ui.visitor.session import LOOKS


def test_the_first_screen_works_without_reading(page):
    before = stable_picture(page)
    drag(page, "lwrist", 90, -200)
    assert difference(stable_picture(page, painted(page) - 1), before) > MOVED
    wait_for_gallery(page)


def test_the_picture_changes_while_the_joint_is_being_dragged(page):
    stable_picture(page)
    seq = painted(page)
    page.locator("#people button img").nth(5).click()  # a sample: of a figure the picture at rest shows much more
    before = stable_picture(page, seq)
    drag(page, "lwrist", 110, -220, release=False, steps=20)
    during = stable_picture(page)  # the button is still down
    assert difference(during, before) > MOVED
    seq = painted(page)
    page.mouse.up()
    assert difference(stable_picture(page, seq), during) < difference(during, before) / 2  # the same, and finer


def test_no_picture_is_older_than_the_last_pointer_position(page, studio):
    """After release the stage shows just what the studio renders for the pose that is on it."""
    drag(page, "rwrist", -80, -240, steps=30)
    shown = stable_picture(page)
    x, y = centre(page, "rwrist")
    box = page.locator(".vu-canvas svg").bounding_box()
    again = painted(page)
    page.locator('[data-joint="rwrist"]').press("ArrowUp")  # one tiny step and back: the same pose, asked for anew
    page.keyboard.press("Control+z")
    assert difference(stable_picture(page, again), shown) < SAME
    assert 0 < (x - box["x"]) / box["width"] < 0.4 and 0 < (y - box["y"]) / box["height"] < 0.3


def test_undo_redo_and_reset(page):
    start = stable_picture(page)
    drag(page, "lwrist", 90, -200)
    moved = stable_picture(page)
    drag(page, "rwrist", -90, -200)
    seq = painted(page)
    tool(page, "undo").click()
    assert difference(stable_picture(page, seq), moved) < SAME
    page.locator('[data-joint="lwrist"]').focus()
    seq = painted(page)
    page.keyboard.press("Control+z")
    assert difference(stable_picture(page, seq), start) < SAME
    seq = painted(page)
    page.keyboard.press("Control+Shift+z")
    assert difference(stable_picture(page, seq), moved) < SAME
    seq = painted(page)
    tool(page, "reset").click()
    assert difference(stable_picture(page, seq), start) < SAME
    assert tool(page, "reset").is_disabled()


def test_escape_cancels_a_drag(page):
    start = stable_picture(page)
    drag(page, "lwrist", 90, -200, release=False)
    seq = painted(page)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert difference(stable_picture(page, seq), start) < SAME
    assert tool(page, "undo").is_disabled()


def test_joints_move_by_keyboard_and_say_so(page):
    start = stable_picture(page)
    joint = page.locator('[data-joint="lwrist"]')
    joint.focus()
    _, y = centre(page, "lwrist")
    seq = painted(page)
    for _ in range(10):
        page.keyboard.press("Shift+ArrowUp")
    assert centre(page, "lwrist")[1] < y - 50
    assert difference(stable_picture(page, seq), start) > MOVED / 2
    assert "left wrist" in page.locator(".vu-status").inner_text()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.joint")


def test_joints_are_hidden_and_restored(page):
    start = stable_picture(page)
    seq = painted(page)
    for joint in ("lankle", "lknee"):
        page.locator(f'[data-joint="{joint}"]').focus()
        page.keyboard.press("h")
    hidden = stable_picture(page, seq)
    assert difference(hidden, start) > MOVED / 2
    assert "left knee" in page.locator(".vu-hidden").inner_text()
    seq = painted(page)
    page.locator(".vu-hidden button", has_text="left knee").click()
    page.locator(".vu-hidden button", has_text="left ankle").click()
    assert page.evaluate("document.activeElement.dataset.joint") == "lankle"  # its button is gone
    assert difference(stable_picture(page, seq), start) < SAME
    assert page.locator(".vu-hidden").inner_text() == ""


def test_a_pose_without_hips_is_a_sentence_not_a_picture(page):
    start = stable_picture(page)
    page.locator('[data-joint="lhip"]').focus()
    page.keyboard.press("Delete")
    page.wait_for_function("document.querySelector('.vu-status').textContent.includes('hips')")
    assert difference(picture(page), start) < SAME


def test_joints_move_by_touch(page):
    start = stable_picture(page)
    x, y = centre(page, "rwrist")
    client = page.context.new_cdp_session(page)

    def touch(kind, *points):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})

    seq = painted(page)
    touch("touchStart", (x, y))
    for i in range(10):
        touch("touchMove", (x - 8 * i, y - 22 * i))
        page.wait_for_timeout(16)
    touch("touchEnd")
    assert difference(stable_picture(page, seq), start) > MOVED
    assert centre(page, "rwrist")[1] < y - 150


def test_looks_are_sampled_picked_and_taken_off(page):
    own = stable_picture(page)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#looks button img").nth(2).click()
    worn = stable_picture(page, seq)
    assert difference(worn, own) > 1
    first = page.locator("#looks img").first.get_attribute("src")
    page.locator("#new-looks").click()
    page.wait_for_function("(old) => document.querySelector('#looks img').src !== old", arg=first)
    assert page.locator("#looks button img").count() == 8
    seq = painted(page)
    drag(page, "lwrist", 90, -200)  # the picked look stays on while the pose changes
    assert difference(stable_picture(page, seq), worn) < difference(worn, own) + 3
    seq = painted(page)
    page.locator("#own-look").click()
    tool(page, "undo").click()
    page.wait_for_timeout(300)
    assert difference(stable_picture(page, seq), own) < SAME


def test_pose_and_look_are_taken_from_a_second_person(page, photo):
    start = stable_picture(page)
    tab(page, "transfer")
    page.locator("#second-people button img").nth(3).click()
    page.wait_for_timeout(500)
    seq = painted(page)
    page.locator("#take-look").click()
    dressed = stable_picture(page, seq)
    assert difference(dressed, start) > 1
    seq = painted(page)
    page.locator("#take-pose").click()
    posed = stable_picture(page, seq)
    assert difference(posed, dressed) > 0.3
    seq = painted(page)
    tool(page, "undo").click()
    assert difference(stable_picture(page, seq), dressed) < SAME


def test_a_phone_shows_the_stage_first_and_never_scrolls_sideways(chromium, url):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-painted]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator(".vu-canvas").bounding_box()
    assert box["y"] < 400 and box["width"] > 300
    assert page.locator("#photo").bounding_box()["y"] > box["y"]
    handle = page.locator('[data-joint="lwrist"] .vu-hit').bounding_box()
    assert handle["width"] >= 24 and handle["height"] >= 24
    context.close()


def test_visitors_do_not_see_each_others_looks(chromium, url, page):
    mine = stable_picture(page)
    wait_for_gallery(page)
    other = chromium.new_page()
    other.goto(url)
    other.wait_for_selector("[data-painted]")
    theirs = stable_picture(other)
    assert difference(theirs, mine) < SAME
    wait_for_gallery(other)
    seq = painted(other)
    other.locator("#looks button img").nth(1).click()
    stable_picture(other, seq)
    seq = painted(page)
    page.locator('[data-joint="lwrist"]').press("ArrowUp")
    page.locator('[data-joint="lwrist"]').press("ArrowDown")
    assert difference(stable_picture(page, seq), mine) < SAME
    other.close()


def test_an_outfit_is_mixed_part_by_part(page):
    own = stable_picture(page)
    wait_for_gallery(page)
    page.locator("#part label", has_text="Legs").click()
    seq = painted(page)
    page.locator("#looks button img").nth(2).click()
    mixed = stable_picture(page, seq)
    height = own.shape[0]
    legs, top = slice(int(0.55 * height), height), slice(int(0.2 * height), int(0.42 * height))
    assert difference(mixed[legs], own[legs]) > 2 * difference(mixed[top], own[top])
    page.locator("#part label", has_text="Everything").click()
    seq = painted(page)
    page.locator("#looks button img").nth(2).click()
    assert difference(stable_picture(page, seq)[top], mixed[top]) > difference(mixed[top], own[top])


def test_two_looks_are_blended_by_a_slider(page):
    own = stable_picture(page)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#looks button img").nth(1).click()
    other = stable_picture(page, seq)
    seq = painted(page)
    slider = page.locator("#blend input[type=range]")
    assert slider.input_value() == "1"
    slider.fill("0.5")
    between = stable_picture(page, seq)
    assert max(difference(between, own), difference(between, other)) < difference(own, other)
    seq = painted(page)
    slider.fill("0")
    assert difference(stable_picture(page, seq), own) < SAME


def test_more_looks_like_the_chosen_one(page):
    stable_picture(page)
    wait_for_gallery(page)
    first = page.locator("#looks img").first.get_attribute("src")
    page.locator("#more-looks").click()
    page.wait_for_function("(old) => document.querySelector('#looks img').src !== old", arg=first)
    assert page.locator("#looks button img").count() == 8


@pytest.mark.parametrize("button, channels", [("save-png", 3), ("save-cutout", 4)])
def test_the_person_on_the_stage_is_saved(page, studio, tmp_path, button, channels):
    shown = stable_picture(page)
    with page.expect_download() as download:
        save_menu(page, button).click()
    download.value.save_as(tmp_path / "person.png")
    saved = np.asarray(Image.open(tmp_path / "person.png"))
    assert saved.shape == (studio.size, studio.size, channels)
    assert difference(small(saved), shown) < 2  # the stage shows a JPEG
    if channels == 4:
        assert saved[5, 5, 3] == 0 and saved[studio.size // 2, studio.size // 2, 3] == 255


def test_every_look_in_every_pose_is_one_picture(page, photo):
    stable_picture(page)
    page.locator("#matrix button").first.click()
    page.locator("#matrix input[type=file]").set_input_files([photo])
    page.locator('#matrix input[type="number"]').fill("3")
    page.locator('#matrix input[type="number"]').press("Tab")
    page.wait_for_function("() => document.querySelector('#matrix input[type=range]').value === '3'")
    page.locator("#draw-matrix").click()
    image = page.locator("#matrix img")
    image.wait_for()
    assert image.evaluate("(i) => i.decode().then(() => [i.naturalWidth, i.naturalHeight])") == [640, 640]


def test_two_photos_uploaded_at_once_do_not_lose_each_other(page, photo):
    before = stable_picture(page)
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    tab(page, "transfer")
    page.locator("#second-photo input[type=file]").set_input_files(photo)
    mine = stable_picture(page, seq)
    assert difference(mine, before) > 0.3
    page.wait_for_selector("#second-photo img")
    page.wait_for_timeout(1500)
    seq = painted(page)
    page.locator("#take-look").click()  # the second person is there, and the first is still on the stage
    assert difference(stable_picture(page, seq), mine) < difference(mine, before)
    assert tool(page, "undo").is_disabled()  # of the new person nothing has been done yet


def test_a_sheet_shows_photo_skeleton_own_look_worn_look_and_the_gallery(page, studio, tmp_path):
    stable_picture(page)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#looks button img").nth(2).click()
    worn = stable_picture(page, seq)
    with page.expect_download() as download:
        save_menu(page, "save-sheet").click()
    download.value.save_as(tmp_path / "sheet.png")
    sheet = np.asarray(Image.open(tmp_path / "sheet.png")).astype(int)
    size = studio.size
    assert sheet.shape == (3 * size, 4 * size, 3)
    tile = lambda row, column: small(sheet[row * size : (row + 1) * size, column * size : (column + 1) * size])  # noqa: E731
    look = studio.sample(load_examples()[0].pose, LOOKS, FIRST_SEED)[2]
    gallery = small(studio.render(look, look.pose, studio.live_size))
    assert difference(tile(0, 3), worn) < 2 and difference(tile(1, 2), gallery) < 1  # the stage shows a JPEG
    assert difference(tile(0, 2), worn) > 1 and tile(0, 1).min() == 0


def test_a_long_drawing_is_cancelled_and_the_page_goes_on(page):
    start = stable_picture(page)
    wait_for_gallery(page)
    page.locator("#matrix button").first.click()
    page.locator('#matrix input[type="number"]').fill("8")
    page.locator("#draw-matrix").click()
    page.wait_for_selector("#matrix-picture .progress-text, #matrix-picture .progress-level")
    page.locator("#matrix button", has_text="Cancel").click()
    page.wait_for_selector("#matrix-picture .progress-level", state="detached")
    page.wait_for_timeout(500)
    assert page.locator("#matrix img").count() == 0
    page.evaluate("scrollTo(0, 0)")
    drag(page, "lwrist", 60, -90)
    assert difference(stable_picture(page), start) > MOVED


def test_a_silent_server_is_told_and_no_more_once_it_answers(page):
    stable_picture(page)
    seq = painted(page)
    page.route(re.compile("component_server"), lambda route: route.abort())
    drag(page, "lwrist", 40, -60)
    page.wait_for_selector(".vu-status.vu-bad >> text=does not answer")
    page.unroute(re.compile("component_server"))
    stable_picture(page, seq)
    page.wait_for_function("!document.querySelector('.vu-status').classList.contains('vu-bad')")
    page.problems.clear()


def test_on_a_slow_line_the_picture_comes_on_release(page):
    start = stable_picture(page)
    wait_for_gallery(page)
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    line = {"offline": False, "latency": 1000, "downloadThroughput": -1, "uploadThroughput": -1}
    client.send("Network.emulateNetworkConditions", line)
    for key in ("ArrowUp", "ArrowUp", "ArrowUp"):  # three round trips, and the editor knows
        seq = painted(page)
        page.locator('[data-joint="rwrist"]').press(key)
        stable_picture(page, seq)
    sent = page.locator(".vu-editor").get_attribute("data-sent")
    drag(page, "lwrist", 80, -160, release=False)
    page.wait_for_timeout(300)
    assert page.locator(".vu-editor").get_attribute("data-sent") == sent
    page.mouse.up()
    assert difference(stable_picture(page, int(sent)), start) > MOVED
