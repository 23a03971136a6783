"""What is seen of the stage: zoom, pan, pinch, the wipe; and several joints at once."""

import numpy as np
import pytest

from tests.ui.stage import backdrop, centre, difference, drag, middle, picture, spot, stable_picture, tool


@pytest.fixture
def stage(page):
    stable_picture(page)
    return page


def scale(page):
    boxes = [page.locator(s).bounding_box()["width"] for s in (".vu-world", ".vu-canvas")]
    return boxes[0] / boxes[1]


def world_spot(page, joint):
    """Where a joint is in the picture, whatever is seen of it."""
    (x, y), box = centre(page, joint), page.locator(".vu-world").bounding_box()
    return (x - box["x"]) / box["width"], (y - box["y"]) / box["height"]


def test_buttons_zoom_and_a_joint_still_follows_the_pointer(stage):
    stage.locator('[data-zoom="in"]').click()
    assert scale(stage) == pytest.approx(1.5, abs=0.05)
    before = np.array(centre(stage, "lelbow"))
    tool(stage, "lock").click()
    drag(stage, "lelbow", 60, -40)
    assert np.array(centre(stage, "lelbow")) - before == pytest.approx([60, -40], abs=2)
    stage.locator('[data-zoom="fit"]').click()
    assert scale(stage) == pytest.approx(1, abs=0.02)


def test_the_wheel_zooms_about_the_pointer_with_ctrl_and_scrolls_without(stage):
    x, y = centre(stage, "cnose")
    stage.mouse.move(x, y)
    stage.mouse.wheel(0, -200)
    assert scale(stage) == pytest.approx(1, abs=0.02)
    stage.keyboard.down("Control")
    stage.mouse.wheel(0, -300)
    stage.keyboard.up("Control")
    stage.wait_for_timeout(100)
    assert scale(stage) > 1.4
    assert centre(stage, "cnose") == pytest.approx((x, y), abs=3)


def test_the_ground_of_a_zoomed_stage_is_dragged(stage):
    stage.locator('[data-zoom="in"]').click()
    before, nose = centre(stage, "cnose"), world_spot(stage, "cnose")
    box = stage.locator(".vu-canvas").bounding_box()
    x, y = box["x"] + 60, box["y"] + 200
    stage.mouse.move(x, y)
    stage.mouse.down()
    stage.mouse.move(x + 40, y + 30, steps=4)
    stage.mouse.up()
    assert np.array(centre(stage, "cnose")) - before == pytest.approx([40, 30], abs=3)
    assert world_spot(stage, "cnose") == pytest.approx(nose, abs=0.002)
    assert tool(stage, "undo").is_disabled()


def test_two_fingers_pinch(stage):
    x, y = middle(stage, ".vu-canvas")
    client = stage.context.new_cdp_session(stage)

    def touch(kind, spread):
        points = [{"x": x - spread, "y": y, "id": 0}, {"x": x + spread, "y": y, "id": 1}] if spread else []
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 60)
    for spread in (70, 90, 120):
        touch("touchMove", spread)
    touch("touchEnd", 0)
    assert scale(stage) == pytest.approx(2, abs=0.1)
    assert tool(stage, "undo").is_disabled()


def test_photo_and_render_are_compared_by_a_wipe(stage):
    backdrop(stage, "compare")
    assert stage.locator(".vu-photo").is_visible() and stage.locator(".vu-picture").is_visible()
    stage.locator(".vu-split").fill("0.25")
    assert stage.locator(".vu-photo").evaluate("(i) => getComputedStyle(i).clipPath") == "inset(0px 75% 0px 0px)"
    assert stage.locator(".vu-wipe").bounding_box()["x"] == pytest.approx(
        stage.locator(".vu-canvas").bounding_box()["x"] + 0.25 * stage.locator(".vu-canvas").bounding_box()["width"], abs=3
    )
    backdrop(stage, "render")
    assert stage.locator(".vu-photo").is_hidden()


def test_all_joints_are_selected_and_moved_by_one_key(stage):
    start = picture(stage)
    before = {name: np.array(spot(stage, name)) for name in ("cnose", "lankle", "rwrist")}
    tool(stage, "all").click()
    stage.locator('[data-joint="rwrist"]').press("Shift+ArrowLeft")
    for name, at in before.items():
        assert np.array(spot(stage, name)) - at == pytest.approx([-0.025, 0], abs=0.002)
    assert difference(stable_picture(stage, 1), start) > 0.4
    tool(stage, "undo").click()
    assert spot(stage, "cnose") == pytest.approx(tuple(before["cnose"]), abs=0.002)
    tool(stage, "all").click()
    assert stage.locator(".vu-joint.vu-chosen").count() == 0


def test_shift_and_a_click_gather_joints(stage):
    before = {name: np.array(centre(stage, name)) for name in ("lwrist", "rwrist", "lelbow")}
    for name in ("lwrist", "rwrist"):
        stage.locator(f'[data-joint="{name}"] .vu-dot').click(modifiers=["Shift"])
    assert stage.locator(".vu-joint.vu-chosen").count() == 2
    drag(stage, "lwrist", 20, -30)
    for name in ("lwrist", "rwrist"):
        assert np.array(centre(stage, name)) - before[name] == pytest.approx([20, -30], abs=2)
    assert centre(stage, "lelbow") == pytest.approx(tuple(before["lelbow"]), abs=0.5)


def test_space_gathers_joints_by_keyboard(stage):
    before = np.array(spot(stage, "lwrist"))
    stage.locator('[data-joint="lwrist"]').focus()
    stage.locator('[data-joint="rwrist"]').press("ArrowUp")
    for name in ("lwrist", "cnose"):
        stage.locator(f'[data-joint="{name}"]').evaluate("(node) => node.focus()")
    stage.keyboard.press("Space")
    assert stage.locator('[data-joint="cnose"]').get_attribute("aria-pressed") == "false"
    stage.keyboard.press("Space")
    assert stage.locator('[data-joint="cnose"]').get_attribute("aria-pressed") == "true"
    assert spot(stage, "lwrist") == pytest.approx(tuple(before), abs=0.002)


def test_the_wipe_stands_where_photo_and_render_meet_when_zoomed(stage):
    backdrop(stage, "compare")
    stage.locator('[data-zoom="in"]').click()
    world, wipe = (stage.locator(s).bounding_box() for s in (".vu-world", ".vu-wipe"))
    assert wipe["x"] == pytest.approx(world["x"] + 0.5 * world["width"], abs=3)
