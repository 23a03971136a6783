"""Turning the body: the picture follows while the slider moves, and one undo takes the whole turn back."""

from tests.ui.stage import difference, painted, picture, spot, stable_picture, tab, tool, until

SET = "(slider, degrees) => { slider.value = degrees; slider.dispatchEvent(new Event('input', {bubbles: true})); }"
RELEASE = "slider => slider.dispatchEvent(new Event('change', {bubbles: true}))"


def test_the_slider_turns_the_person_live_and_one_undo_takes_it_back(page):
    before, shoulders = stable_picture(page), abs(spot(page, "rshoulder")[0] - spot(page, "lshoulder")[0])
    slider = page.locator(".vu-turn")
    for degrees in (20, 40, 60):
        seq = painted(page)
        slider.evaluate(SET, degrees)
        until(page, lambda seen=seq: painted(page) > seen)  # while the slider is held
    assert abs(spot(page, "rshoulder")[0] - spot(page, "lshoulder")[0]) < 0.75 * shoulders
    seq = painted(page)
    slider.evaluate(RELEASE)
    turned = stable_picture(page, seq)
    assert difference(turned, before) > 1 and slider.input_value() == "0"
    seq = painted(page)
    tool(page, "undo").click()
    assert difference(stable_picture(page, seq), before) < 0.15


def test_the_film_shows_a_full_turn(page):
    stable_picture(page)
    tab(page, "motion")
    page.locator('#motion [data-do="turn"]').click()
    page.wait_for_selector(".vu-keys .vu-now")
    widths = []
    for _ in range(12):
        page.wait_for_timeout(150)
        widths.append(spot(page, "lshoulder")[0] - spot(page, "rshoulder")[0])
    assert min(widths) < 0 < max(widths)
    assert picture(page).std() > 5
