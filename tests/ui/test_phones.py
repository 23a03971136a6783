"""The page as an iPhone or an embedding site shows it: narrow, touched, without motion, storage blocked, a slow network."""

import pytest

from tests.ui.stage import MOVED, centre, difference, painted, stable_picture, tab

BLOCKED = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, {
        configurable: true, get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
    });"""
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 400_000, "uploadThroughput": 200_000}  # bytes a second


@pytest.fixture
def page(chromium, url):
    """A page with all of that at once."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=3,
        reduced_motion="reduce",
    )
    context.add_init_script(BLOCKED)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.goto(url)
    page.wait_for_selector("[data-painted]", timeout=120_000)
    yield page
    context.close()
    assert page.problems == []


def touch_and_move(page, joint, dx, dy):
    client = page.context.new_cdp_session(page)
    page.locator(f'[data-joint="{joint}"] .vu-dot').scroll_into_view_if_needed()
    x, y = centre(page, joint)

    def send(kind, *points):
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})

    send("touchStart", (x, y))
    for i in range(1, 9):
        send("touchMove", (x + dx * i / 8, y + dy * i / 8))
        page.wait_for_timeout(30)
    send("touchEnd")


def test_a_photo_is_posed_on_a_phone_with_blocked_storage_and_a_slow_network(page, photo):
    assert page.get_by_text("keeps nothing for this page").is_visible()
    assert page.evaluate("matchMedia('(pointer: coarse)').matches && matchMedia('(prefers-reduced-motion)').matches")
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    before = stable_picture(page, seq)
    seq = painted(page)
    touch_and_move(page, "lwrist", 30, -90)
    assert difference(stable_picture(page, seq), before) > MOVED
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_poses_kept_without_storage_last_as_long_as_the_page(page):
    tab(page, "poses")
    page.locator('[data-do="shelve"]').click()
    assert page.locator(".vu-forget").count() == 1
    assert page.locator(".vu-said", has_text="save your session before you leave").is_visible()
