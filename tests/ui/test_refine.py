"""The button that brings the look of a photo nearer to it."""

import gradio as gr
import pytest

from tests.ui.stage import difference, drag, painted, stable_picture, wait_for_gallery
from vunet.ui.panels import PersonPanel
from vunet.ui.panels.person import Refined
from vunet.ui.panels.stage_outputs import StageOutputs
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.look_changes import LookChanges
from vunet.ui.visitor.session import OWN, Session
from vunet.ui.visitor.shared import Shared

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
    stable_picture(page, seq)
    seq = painted(page)
    drag(page, "lwrist", 70, -70)  # in its own pose a photo is shown as it is
    before = stable_picture(page, seq)
    wait_for_gallery(page)
    seq = painted(page)
    page.locator("#refine").click()
    page.wait_for_selector("#refine:disabled")
    page.wait_for_selector(MESSAGE, timeout=90_000)
    assert difference(stable_picture(page, seq), before) > 0.01
    page.wait_for_selector("#refine:enabled")


def test_the_own_look_is_changed_wherever_it_is_worn(changes, looks):
    own, better, other = looks
    session = Session(own=own, look=own, picked=own)
    changed = changes.with_own(session, better).session
    assert changed.own is changed.look is changed.picked is better
    worn = changes.with_own(session.wearing(other, "6/1"), better).session
    assert worn.own is better and worn.look is other and worn.picked is other


@pytest.fixture
def panel(studio):
    shared = Shared(Studios(studio))
    shared.__dict__["look_changes"] = LookChanges({"": studio}, Kept())
    with gr.Blocks():
        outputs = StageOutputs(gr.State(), gr.State(), gr.State(), gr.Slider(), gr.Markdown(), gr.Radio())
        panel = PersonPanel(shared)
        panel.wire(outputs, {"fn": lambda: None})
        return panel


def test_the_note_says_what_became_of_the_look(panel, looks):
    own, better, other = looks
    session = Session(person="someone", own=own, look=own, picked=own)
    told = lambda refined, worn: panel.wear_refined(refined, worn)[panel.note]  # noqa: E731
    assert "nearer to the photo now" in told(Refined("someone", own, better), session)
    assert "what is worn stays" in told(Refined("someone", own, better), session.wearing(other, "6/1"))
    assert "as near" in told(Refined("someone", own, own), session)
    assert told(Refined("someone", other, better), session) == ""  # read again by another model meanwhile
    assert told(Refined("somebody else", other, better), session) not in ("", None)  # left alone: it is another photo's


def test_a_blend_of_the_own_look_with_itself_is_the_own_look(changes, looks, studio):
    own, better, _ = looks
    session = Session(own=own, look=studio.blend(own, own, 0.3), picked=own)
    assert changes.with_own(session, better).session.look is better


def test_clothes_that_were_put_on_stay_on(changes, looks, studio):
    own, better, other = looks
    session = changes.put_on(Session(own=own, look=own, picked=own), other, "6/1", "torso").session
    changed = changes.with_own(session, better).session
    wanted = studio.outfit(better, torso=other)
    assert session.base == OWN
    assert all((a == b).all() for a, b in zip(changed.look.codes[1:], wanted.codes[1:], strict=True))
