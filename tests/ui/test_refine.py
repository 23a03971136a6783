"""The button that brings the look of a photo nearer to it."""

import pytest

from tests.ui.stage import difference, painted, stable_picture, wait_for_gallery
from vunet.ui.look_changes import LookChanges
from vunet.ui.session import OWN, Session

MESSAGE = "text=The look is nearer to the photo now."


@pytest.fixture
def looks(studio, raised):
    return studio.sample(raised, 3, seed=1)


class Kept:
    """A live renderer that keeps nothing."""

    def keep(self, look, token, checkpoint, person):
        return "token"


@pytest.fixture
def changes(studio):
    return LookChanges({"": studio}, Kept())


def test_a_photos_look_is_refined_and_worn(page, photo):
    stable_picture(page)
    assert not page.locator("#refine").is_visible()
    seq = painted(page)
    page.locator("#photo input[type=file]").set_input_files(photo)
    before = stable_picture(page, seq)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#refine").click()
    page.wait_for_selector("#refine:disabled")
    page.wait_for_selector(MESSAGE, timeout=90_000)
    assert difference(stable_picture(page, seq), before) > 0.05
    page.wait_for_selector("#refine:enabled")


def test_the_own_look_is_changed_wherever_it_is_worn(changes, looks):
    own, better, other = looks
    session = Session(own=own, look=own, picked=own)
    changed = changes.with_own(session, better)[0]
    assert changed.own is changed.look is changed.picked is better
    worn = changes.with_own(session.wearing(other, "6/1"), better)[0]
    assert worn.own is better and worn.look is other and worn.picked is other


def test_clothes_that_were_put_on_stay_on(changes, looks, studio):
    own, better, other = looks
    session = changes.put_on(Session(own=own, look=own, picked=own), other, "6/1", "torso")[0]
    changed = changes.with_own(session, better)[0]
    wanted = studio.outfit(better, torso=other)
    assert session.base == OWN
    assert all((a == b).all() for a, b in zip(changed.look.codes[1:], wanted.codes[1:], strict=True))
