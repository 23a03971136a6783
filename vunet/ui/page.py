"""The page: which panels there are, where they stand, and what they tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Thread
from typing import Any

import gradio as gr

from vunet.pose.key_poses import Motion
from vunet.studio import Studio
from vunet.ui.api.endpoints import Endpoints
from vunet.ui.components.tour import Tour
from vunet.ui.panels import (
    AboutPanel,
    LooksPanel,
    MatrixPanel,
    ModelPanel,
    MotionPanel,
    PersonPanel,
    PosesPanel,
    SavePanel,
    SecondPersonPanel,
    StagePanel,
    WardrobePanel,
)
from vunet.ui.panels.stage_outputs import StageOutputs, Updates
from vunet.ui.server.atomic_files import write_files_atomically
from vunet.ui.server.block_downloads import block_downloads
from vunet.ui.visitor.browser_storage import BrowserStorage
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.look_changes import CHOICES, WHOLE, outfit_text
from vunet.ui.visitor.session import Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import QUIET
from vunet.ui.words.texts import label

# Name of the panel: name of its tab, its class.
TABS = {
    "looks": ("looks", LooksPanel),
    "poses": ("poses", PosesPanel),
    "wardrobe": ("wardrobe", WardrobePanel),
    "second": ("transfer", SecondPersonPanel),
    "motion": ("motion", MotionPanel),
}
DELETED = (300, 3600)  # uploads and results: looked through every 5 minutes, deleted after an hour


def build_app(studio: Studio, sample_ahead: bool = False) -> gr.Blocks:
    """The whole page over one studio, not yet launched. sample_ahead: before anybody comes, the first outfits."""
    return build_page(Shared(Studios(studio)), sample_ahead)


def build_page(shared: Shared, sample_ahead: bool = False) -> gr.Blocks:
    """The whole page over what all visitors share."""
    block_downloads()
    write_files_atomically()
    with gr.Blocks(title="Variational U-Net", analytics_enabled=False, delete_cache=DELETED, fill_width=True) as demo:
        Endpoints(shared).wire()  # first, while its names are free
        session = gr.State(Session(), delete_callback=lambda left: shared.live_renderer.forget(left.token))
        panels = _lay_out(shared)
        _wire(shared, demo, session, panels)
    if sample_ahead:
        Thread(target=panels.looks.sample_ahead).start()  # no daemon: one that computes must not be cut off at the end
    return demo


@dataclass
class Panels:
    """The parts of the page. part: which body part of a look is worn on a click. outfit: what is worn, in words."""

    person: PersonPanel
    model: ModelPanel
    stage: StagePanel
    save: SavePanel
    poses: PosesPanel
    part: gr.Radio
    outfit: gr.Markdown
    looks: LooksPanel
    wardrobe: WardrobePanel
    second: SecondPersonPanel
    motion: MotionPanel
    matrix: MatrixPanel
    about: AboutPanel


def _lay_out(shared: Shared) -> Panels:
    """Where the panels stand."""
    panels: dict[str, Any] = {}
    with gr.Row(elem_classes="vu-header"):
        gr.Markdown(label("title"), elem_classes="vu-title")
        Tour(elem_id="tour", min_width=0)
        panels["save"] = SavePanel(shared)
    with gr.Row(elem_classes="vu-columns"):
        with gr.Column(min_width=0, elem_classes="vu-stage"):
            panels["stage"] = StagePanel(shared)
        with gr.Column(min_width=0, elem_classes="vu-side"):
            panels["person"] = PersonPanel(shared)
            panels |= _tabs(shared)
            panels["part"] = gr.Radio(CHOICES, value=WHOLE, label=label("part"), elem_id="part")
            panels["outfit"] = gr.Markdown(elem_classes="vu-note", elem_id="outfit")
    with gr.Row(elem_classes="vu-rest"):
        with gr.Column(min_width=280):
            panels["about"] = AboutPanel(shared)
        with gr.Column(min_width=280):
            panels["model"] = ModelPanel(shared)
        with gr.Column(min_width=280):
            panels["matrix"] = MatrixPanel(shared)
    return Panels(**panels)


def _tabs(shared: Shared) -> dict[str, Any]:
    """What is beside the stage, one at a time."""
    panels = {}
    with gr.Tabs():
        for name, (tab, panel) in TABS.items():
            with gr.Tab(label(f"tab.{tab}"), elem_id=f"tab-{tab}"):
                panels[name] = panel(shared)
    return panels


def _wire(shared: Shared, demo: gr.Blocks, session: gr.State, panels: Panels) -> None:
    """What the panels tell each other."""
    storage, stage, looks, motion = BrowserStorage(shared), panels.stage, panels.looks, panels.motion
    outputs = StageOutputs(session, stage.editor, stage.feed, looks.blend, panels.outfit, panels.part)
    # What the panels show of a session, when a new one begins.
    shown = [looks.blend, panels.outfit, looks.between, looks.strip, panels.person.placed, panels.person.correct]
    shown += [panels.person.refine, panels.about.inputs]

    def of_session(new: Session) -> Updates:
        """The blend slider, the outfit in words, no strip of in-betweens, the photo's buttons, no picture of inputs."""
        told: Updates = {looks.blend: 0.0 if new.look is new.own else 1.0, panels.outfit: outfit_text(new)}
        none: Updates = {looks.between: None, looks.strip: [], panels.about.inputs: gr.update(value=None, visible=False)}
        return told | none | panels.person.of_session(new)

    def reset_outputs(new: Session, strip: Motion) -> Updates:
        return of_session(new) | {storage.box: storage.keep(new, strip)}

    changed = [*shown, storage.box]
    reset: dict[str, Any] = dict(fn=reset_outputs, inputs=[session, motion.strip], outputs=changed, **QUIET)
    panels.save.wire(session, stage, looks, motion.strip, panels.wardrobe, panels.model, reset)
    panels.poses.wire(stage.editor)
    panels.person.wire(outputs, reset)
    looks.wire(outputs)
    panels.wardrobe.wire(outputs, looks)
    panels.second.wire(outputs)
    motion.wire(session, demo)
    panels.matrix.wire(session)
    panels.about.wire(session, stage.editor)
    panels.model.wire(outputs, looks, reset)
    # The page opens with the person that the browser remembers, or the first example person, and a full gallery.
    opened = storage.wire(demo, session, stage, motion.strip, panels.model, looks, panels.person.open_first)
    opened.success(of_session, session, shown, **QUIET)
    looks.fill(opened)
