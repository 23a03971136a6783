"""The editor's gestures in a real browser: limbs, the whole body, both sides, numbers, backdrops."""

import numpy as np
import pytest

from tests.ui import stage
from tests.ui.stage import (
    MOVED,
    SAME,
    backdrop,
    centre,
    difference,
    drag,
    middle,
    painted,
    picture,
    reload,
    spot,
    stable_picture,
    tab,
    tool,
)


def seize(page, selector, dx, dy):
    x, y = middle(page, selector)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def test_a_pulled_hand_moves_the_elbow_and_keeps_the_arms_length(page):
    stable_picture(page)
    before = {n: np.array(centre(page, n)) for n in ("lshoulder", "lelbow", "lwrist")}
    drag(page, "lwrist", 40, -200)
    stable_picture(page)
    after = {n: np.array(centre(page, n)) for n in before}
    for a, b in (("lshoulder", "lelbow"), ("lelbow", "lwrist")):
        assert np.linalg.norm(after[a] - after[b]) == pytest.approx(np.linalg.norm(before[a] - before[b]), abs=1.5)
    assert np.linalg.norm(after["lelbow"] - before["lelbow"]) > 5


def test_unlocked_a_joint_moves_alone(page):
    stable_picture(page)
    tool(page, "lock").click()
    before = centre(page, "lelbow")
    drag(page, "lwrist", 100, -150)
    assert centre(page, "lelbow") == pytest.approx(before, abs=0.5)


def test_both_sides_move_together(page):
    start = stable_picture(page)
    right = np.array(centre(page, "rwrist"))
    tool(page, "symmetric").click()
    drag(page, "lwrist", 60, -120)
    shift = np.array(centre(page, "rwrist")) - right
    assert shift[0] < -20 and shift[1] < -60
    assert difference(stable_picture(page), start) > MOVED


def test_a_limb_is_dragged_by_its_line(page):
    start = stable_picture(page)
    knee, hip = np.array(centre(page, "lknee")), np.array(centre(page, "lhip"))
    seize(page, '[data-limb="lankle-lknee"] .vu-reach', 50, 0)
    assert np.array(centre(page, "lknee")) - knee == pytest.approx([50, 0], abs=2)
    assert centre(page, "lhip") == pytest.approx(tuple(hip), abs=0.5)
    assert difference(stable_picture(page), start) > 0.2


@pytest.mark.parametrize("handle, dx, dy", [("move", 60, 20), ("turn", 30, 120), ("scale", -60, 0)])
def test_the_whole_body_is_moved_turned_and_scaled_in_one_entry(page, handle, dx, dy):
    start = stable_picture(page)
    seize(page, f'[data-handle="{handle}"]', dx, dy)
    seq = painted(page)
    assert difference(stable_picture(page, seq - 1), start) > MOVED
    tool(page, "undo").click()
    assert difference(stable_picture(page, seq), start) < SAME
    assert tool(page, "undo").is_disabled()


def test_handles_work_by_keyboard(page):
    stable_picture(page)
    before = np.array(centre(page, "cnose"))
    page.locator('[data-handle="move"]').focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert np.array(centre(page, "cnose"))[0] < before[0] - 5
    assert "Body moved" in page.locator(".vu-status").inner_text()


def test_sides_are_swapped_where_they_are(page):
    stable_picture(page)
    left, right = centre(page, "lwrist"), centre(page, "rwrist")
    tool(page, "swap").click()
    assert centre(page, "lwrist") == pytest.approx(right, abs=0.5) and centre(page, "rwrist") == pytest.approx(
        left, abs=0.5
    )


def test_a_joint_is_placed_by_numbers(page):
    start = stable_picture(page)
    page.locator('[data-joint="lwrist"]').focus()
    page.locator('[data-axis="x"]').fill("80")
    page.locator('[data-axis="y"]').fill("20")
    page.keyboard.press("Enter")
    box = page.locator(".vu-canvas svg").bounding_box()
    x, y = centre(page, "lwrist")
    assert (x - box["x"]) / box["width"] == pytest.approx(0.8, abs=0.01)
    assert (y - box["y"]) / box["height"] == pytest.approx(0.2, abs=0.01)
    assert difference(stable_picture(page, 1), start) > MOVED


def test_the_numbers_follow_a_drag(page):
    stable_picture(page)
    drag(page, "lwrist", 40, -60, release=False)
    shown = [float(page.locator(f'[data-axis="{axis}"]').input_value()) / 100 for axis in "xy"]
    assert shown == pytest.approx(spot(page, "lwrist"), abs=0.002)
    page.mouse.up()


def test_letters_typed_into_a_field_are_not_shortcuts(page):
    stable_picture(page)
    page.locator('[data-joint="lwrist"]').focus()
    page.locator('[data-axis="x"]').focus()
    page.keyboard.press("s")
    assert tool(page, "bones").get_attribute("aria-pressed") == "true"


def test_the_backdrop_is_the_render_the_photo_or_nothing(page):
    rendered = picture(page) if stable_picture(page) is not None else None
    backdrop(page, "photo")
    assert page.locator(".vu-photo").is_visible() and page.locator(".vu-picture").is_hidden()
    backdrop(page, "none")
    assert page.locator(".vu-photo").is_hidden() and page.locator(".vu-picture").is_hidden()
    backdrop(page, "render")
    page.locator(".vu-opacity").fill("0.5")
    assert page.locator(".vu-picture").evaluate("(image) => getComputedStyle(image).opacity") == "0.5"
    assert difference(picture(page), rendered) < SAME


def test_a_pose_is_found_in_the_library_and_taken(page):
    start = stable_picture(page)
    tab(page, "poses")
    assert page.locator(".vu-card").count() >= 24
    page.locator(".vu-search").fill("arms up")
    page.locator(".vu-card button", has_text="Arms up").click()
    assert difference(stable_picture(page, 1), start) > MOVED
    assert centre(page, "lwrist")[1] < centre(page, "cnose")[1]
    page.locator(".vu-search").fill("no such pose")
    assert page.locator(".vu-none").is_visible() and page.locator(".vu-card").count() == 0


def test_own_poses_stay_in_the_browser(page):
    stable_picture(page)
    drag(page, "lwrist", 60, -90)
    wrist = spot(page, "lwrist")
    tab(page, "poses")
    page.locator('[data-do="shelve"]').click()
    reload(page)
    stable_picture(page)
    tab(page, "poses")
    page.locator(".vu-card button", has_text="My pose 1").first.click()
    assert spot(page, "lwrist") == pytest.approx(wrist, abs=0.005)
    page.locator('[aria-label="Forget My pose 1"]').press("Enter")
    assert page.locator(".vu-card", has_text="My pose").count() == 0
    assert page.evaluate("document.activeElement.closest('.vu-card') !== null")


def test_damaged_own_poses_do_not_take_the_editor_down(page):
    stable_picture(page)
    page.evaluate("""localStorage.setItem("vunet.poses", '[{"name":"x","pose":{"joints":{}}},null,{"name":3},7]')""")
    reload(page)
    start = stable_picture(page)
    drag(page, "lwrist", 60, -90)
    assert difference(stable_picture(page), start) > MOVED
    page.evaluate("localStorage.clear()")


def test_a_typed_number_counts_even_when_the_next_joint_is_seized_at_once(page):
    stable_picture(page)
    tool(page, "lock").click()
    page.locator('[data-joint="lwrist"]').focus()
    page.locator('[data-axis="x"]').fill("80")
    drag(page, "rwrist", -40, -60)
    assert spot(page, "lwrist")[0] == pytest.approx(0.8, abs=0.01)
    assert spot(page, "rwrist")[1] < 0.45


def test_a_gesture_on_the_person_before_is_not_committed_to_the_next(page):
    stable_picture(page)
    drag(page, "lwrist", 60, -90, release=False)
    before = spot(page, "lhip")
    page.evaluate("document.querySelectorAll('#people button img')[3].click()")
    stage.until(page, lambda: spot(page, "lhip") != pytest.approx(before, abs=0.002))
    wrist = spot(page, "lwrist")
    page.mouse.move(5, 5)
    page.mouse.up()
    assert spot(page, "lwrist") == pytest.approx(wrist, abs=0.002)


def test_joints_that_the_person_does_not_follow_are_marked_where_asked(page, studio, monkeypatch):
    monkeypatch.setattr(studio, "astray", lambda look, pose: ["lwrist", "lknee"])
    stable_picture(page)
    assert page.locator(".vu-astray").count() == 0
    tool(page, "follow").click()
    drag(page, "lwrist", 60, -150)
    page.wait_for_function("document.querySelectorAll('.vu-astray').length === 2")
    assert page.locator(".vu-status").inner_text() == "Not followed: left wrist, left knee"
    tool(page, "follow").click()
    page.wait_for_function("document.querySelectorAll('.vu-astray').length === 0")


def test_a_hand_pulled_out_of_the_picture_moves_the_body_in_one_step(page):
    stable_picture(page)
    before = {name: np.array(spot(page, name)) for name in ("lankle", "cnose")}
    drag(page, "lwrist", 20, -700)
    high = np.array(spot(page, "lwrist"))
    assert 0.04 < high[1] < 0.1 and before["lankle"][1] < spot(page, "lankle")[1] < 0.97  # all of it is in the picture
    tool(page, "undo").click()
    assert spot(page, "cnose") == pytest.approx(tuple(before["cnose"]), abs=0.002)
    assert tool(page, "undo").is_disabled()


def test_the_photo_is_seen_while_a_button_is_held(page):
    stable_picture(page)
    button = tool(page, "peek")
    button.dispatch_event("pointerdown")
    assert page.locator(".vu-photo").is_visible() and page.locator(".vu-picture").is_hidden()
    button.dispatch_event("pointerup")
    assert page.locator(".vu-photo").is_hidden() and page.locator(".vu-picture").is_visible()


def test_the_person_stands_in_the_visitors_photo_again(page, photo):
    stable_picture(page)
    assert tool(page, "scene").is_disabled()  # example people have no photo
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    plain = stable_picture(page, seq)
    seq = painted(page)
    tool(page, "scene").click()
    shown = stable_picture(page, seq)
    corner = (slice(100, 180), slice(5, 40))
    assert plain[corner].mean() > 225 > 150 > shown[corner].mean()  # the wall of the photo is dark


def test_what_the_model_reads_is_shown(page):
    stable_picture(page)
    page.locator("#about > button").click()
    page.locator("#show-inputs").click()
    image = page.locator("#inputs img")
    image.wait_for()
    assert image.evaluate("(i) => i.decode().then(() => [i.naturalWidth, i.naturalHeight])") == [384 + 3 * 96, 384]


def test_a_folded_arm_is_put_behind_the_body_and_back_to_what_the_model_says(page):
    stable_picture(page)
    x, y = (np.array(centre(page, "lhip")) + centre(page, "lshoulder")) / 2 - centre(page, "lwrist")
    drag(page, "lwrist", x - 30, y)
    folded = stable_picture(page)
    behind = page.locator('[data-depth="behind"]')
    behind.click()
    assert behind.get_attribute("aria-pressed") == "true"
    assert difference(stable_picture(page, painted(page)), folded) > SAME
    page.locator('[data-joint="lwrist"]').press("b")
    assert behind.get_attribute("aria-pressed") == "false"
    assert difference(stable_picture(page, painted(page)), folded) < SAME
    tool(page, "undo").click()
    assert behind.get_attribute("aria-pressed") == "true"


def test_the_button_of_where_a_hand_lies_by_itself_is_dashed(page):
    stable_picture(page)
    x, y = (np.array(centre(page, "lhip")) + centre(page, "lshoulder")) / 2 - centre(page, "lwrist")
    drag(page, "lwrist", x - 30, y)
    page.wait_for_selector('[data-depth="front"].vu-guess')
    page.locator('[data-depth="behind"]').click()
    assert not page.locator(".vu-guess").count()


def test_a_face_has_no_depth(page):
    stable_picture(page)
    page.locator('[data-joint="cnose"]').focus()
    assert not page.locator(".vu-depth").is_visible()
    page.locator('[data-joint="rknee"]').focus()
    assert page.locator(".vu-depth").is_visible()
