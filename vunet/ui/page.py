"""The page: which panels there are, where they stand, and what they tell each other."""

from __future__ import annotations

from typing import Any

import gradio as gr

from vunet.studio import Studio
from vunet.ui.dressing import CHOICES, WHOLE, outfit_text
from vunet.ui.endpoints import Endpoints
from vunet.ui.friendly import QUIET
from vunet.ui.keepsake import Keepsake
from vunet.ui.motion_strip import Motion
from vunet.ui.no_fetch import refuse_addresses
from vunet.ui.panels import (
    KeepPanel,
    LooksPanel,
    MatrixPanel,
    ModelPanel,
    MotionPanel,
    PersonPanel,
    PoseFilesPanel,
    SecondPanel,
    StagePanel,
    WardrobePanel,
)
from vunet.ui.panels.person import buttons
from vunet.ui.session import Session
from vunet.ui.shared import Shared
from vunet.ui.studios import Studios
from vunet.ui.texts import label
from vunet.ui.whole_files import write_whole_files

DELETED = (300, 3600)  # uploads and results: looked through every 5 minutes, deleted after an hour


def build_app(studio: Studio) -> gr.Blocks:
    """The whole page over one studio, not yet launched."""
    return build_page(Shared(Studios(studio)))


def build_page(shared: Shared) -> gr.Blocks:
    """The whole page over what all visitors share."""
    refuse_addresses()
    write_whole_files()
    with gr.Blocks(title="Variational U-Net", analytics_enabled=False, delete_cache=DELETED) as demo:
        Endpoints(shared).wire()  # first, while its names are free
        session = gr.State(Session(), delete_callback=lambda left: shared.line.forget(left.token))
        keepsake = Keepsake(shared)
        gr.Markdown(label("title"), elem_classes="vu-title")
        with gr.Row(elem_classes="vu-columns"):
            with gr.Column(scale=3, min_width=240):
                person = PersonPanel(shared)
                model = ModelPanel(shared)
                with gr.Accordion(label("about.title"), open=False, elem_id="about"):
                    gr.Markdown(label("about.text"), latex_delimiters=[{"left": "$", "right": "$", "display": False}])
            with gr.Column(scale=6, min_width=320, elem_classes="vu-stage"):
                stage = StagePanel(shared)
                keep = KeepPanel(shared)
                pose_files = PoseFilesPanel()
            with gr.Column(scale=4, min_width=300):
                part = gr.Radio(CHOICES, value=WHOLE, label=label("part"), info=label("part.info"), elem_id="part")
                outfit = gr.Markdown(elem_classes="vu-note", elem_id="outfit")
                with gr.Tabs():
                    with gr.Tab(label("tab.looks"), elem_id="tab-looks"):
                        looks = LooksPanel(shared)
                    with gr.Tab(label("tab.wardrobe"), elem_id="tab-wardrobe"):
                        wardrobe = WardrobePanel(shared)
                    with gr.Tab(label("tab.transfer"), elem_id="tab-transfer"):
                        second = SecondPanel(shared)
                    with gr.Tab(label("tab.motion"), elem_id="tab-motion"):
                        motion = MotionPanel(shared)
        matrix = MatrixPanel(shared)

        wear = [session, stage.feed, looks.blend, outfit]
        # What the panels show of a session, when a new one begins.
        shown = [looks.blend, outfit, looks.between, looks.strip, person.placed, person.correct]

        def fresh(new: Session, strip: Motion) -> tuple[Any, ...]:
            return *_of_session(new), keepsake.keep(new, strip)

        reset: dict[str, Any] = dict(fn=fresh, inputs=[session, motion.strip], outputs=[*shown, keepsake.box], **QUIET)
        keep.wire(session, stage, looks.drawn, motion.strip, wardrobe, model, reset)
        pose_files.wire(stage.editor)
        person.wire(session, stage.editor, reset)
        looks.wire(session, stage.editor, part, wear)
        wardrobe.wire(session, stage.editor, part, wear, looks)
        second.wire(session, stage.editor, part, wear)
        motion.wire(session)
        matrix.wire(session)
        model.wire(session, wear, looks, stage.editor, reset)
        # The page opens with whom the browser remembers, or the first example person, and a full gallery.
        opened = keepsake.wire(demo, session, stage, motion.strip, model, person.open_first)
        opened.success(_of_session, session, shown, **QUIET)
        looks.fill(opened, stage.editor)
    return demo


def _of_session(session: Session) -> tuple[Any, ...]:
    """The blend slider, the outfit in words, no strip of in-betweens, the buttons of the skeleton."""
    blend = 0.0 if session.look is session.own else 1.0
    return blend, outfit_text(session), None, [], *buttons(session)
