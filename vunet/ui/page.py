"""The page: layout and wiring."""

from __future__ import annotations

import functools
from typing import Any

import gradio as gr

from vunet.pose.formats import FORMATS
from vunet.studio import Studio
from vunet.ui import pose_files
from vunet.ui.examples import load_examples
from vunet.ui.handlers import PARTS, Handlers
from vunet.ui.matrix import MAX_PEOPLE, Matrix
from vunet.ui.photo_input import PhotoInput
from vunet.ui.session import Session
from vunet.ui.skeleton_editor import FrameFeed, SkeletonEditor

TITLE = """# Variational U-Net
Drag a joint: the person follows. Draw other clothes from the learned prior, or swap looks and poses between two people."""
MIXER = "One part after another makes an outfit of several people."
PRIVATE: dict[str, Any] = {"api_visibility": "private"}


def build_app(studio: Studio) -> gr.Blocks:
    """The whole page over one shared studio, not yet launched."""
    handlers = Handlers(studio, load_examples())
    with gr.Blocks(title="Variational U-Net", analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
        session = gr.State(Session())
        gr.Markdown(TITLE, elem_classes="vu-title")
        with gr.Row(elem_classes="vu-columns"):
            with gr.Column(scale=3, min_width=240):
                source = _Source(handlers)
                second = _Second(handlers)
            with gr.Column(scale=6, min_width=320, elem_classes="vu-stage"):
                stage = _Stage()
                documents = _PoseFiles()
            with gr.Column(scale=4, min_width=280):
                looks = _Looks()
        matrix = _MatrixPanel()
        matrix.wire(Matrix(studio, handlers.examples))
        documents.wire(stage)
        source.wire(handlers, session, stage, looks)
        stage.wire(handlers, session, source, looks)
        looks.wire(handlers, session, stage)
        second.wire(handlers, session, stage, looks)
        _open_first(demo, handlers, session, stage, looks)
    return demo


class _Source:
    """Where the person comes from: a photo or an example."""

    def __init__(self, handlers: Handlers) -> None:
        gr.Markdown("### A person")
        self.photo = PhotoInput(label="Your photo", height=230, elem_id="photo")
        self.note = gr.Markdown(elem_classes="vu-note")
        self.placed = gr.Button("Use this skeleton", variant="primary", visible=False, elem_id="use-skeleton")
        self.people = _people(handlers, "people")

    def wire(self, handlers: Handlers, session: gr.State, stage: _Stage, looks: _Looks) -> None:
        outputs = [session, stage.editor, self.note]
        self.photo.input(
            handlers.open_photo, [self.photo, session], [*outputs, self.placed], show_progress_on=self.photo, **PRIVATE
        ).then(**looks.own_look_on)

        def open_example(current: Session, event: gr.SelectData) -> tuple:
            return handlers.open_example(event.index, current)

        self.people.select(open_example, session, outputs, show_progress="hidden", **PRIVATE).then(**looks.own_look_on)


class _Stage:
    """The rendered person with the skeleton over it."""

    def __init__(self) -> None:
        self.editor = SkeletonEditor(elem_id="stage")
        self.feed = FrameFeed(elem_classes="vu-feed")
        with gr.Row():
            self.png = gr.Button("Save PNG", size="sm", min_width=100, elem_id="save-png")
            self.cutout = gr.Button("Save without background", size="sm", min_width=100, elem_id="save-cutout")

    def wire(self, handlers: Handlers, session: gr.State, source: _Source, looks: _Looks) -> None:
        self.editor.pose_live(
            handlers.live, [self.editor, session], self.feed,
            queue=False, show_progress="hidden", trigger_mode="multiple", **PRIVATE,
        )  # fmt: skip
        for button, transparent in ((self.png, False), (self.cutout, True)):
            save = functools.partial(handlers.save, transparent=transparent)
            button.click(save, [self.editor, session], self.feed, show_progress="hidden", **PRIVATE)
        outputs = [session, self.editor, source.note, source.placed]
        source.placed.click(handlers.use_placed, [self.editor, session], outputs, **PRIVATE).then(**looks.own_look_on)


class _PoseFiles:
    """Poses in and out as text: OpenPose, COCO, our own."""

    def __init__(self) -> None:
        self.read: Any = gr.State(())
        with gr.Accordion("Pose files: OpenPose, COCO", open=False, elem_id="pose-files"):
            with gr.Row():
                self.file = gr.UploadButton("Open a file", file_types=[".json"], min_width=110, size="sm")
                self.use = gr.Button("Use the pasted text", min_width=110, size="sm", elem_id="use-pasted")
            self.text = gr.Textbox(label="Or paste JSON here", lines=2, max_lines=6, elem_id="pasted-pose")
            self.person = gr.Dropdown([], label="Several people: choose one", visible=False, elem_id="pose-person")
            self.form = gr.Dropdown(list(FORMATS), value=next(iter(FORMATS)), label="Write the pose on the stage as")
            self.write = gr.Button("Write", size="sm", elem_id="write-pose")
            self.out = gr.Code(language="json", label="Copy or download", lines=3, max_lines=8, elem_id="written-pose")

    def wire(self, stage: _Stage) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", **PRIVATE}
        found = [self.read, self.person, stage.editor]
        self.file.upload(pose_files.open_file, self.file, found, **quiet)
        self.use.click(pose_files.open_text, self.text, found, **quiet)
        self.person.input(pose_files.choose, [self.read, self.person], stage.editor, **quiet)
        self.write.click(pose_files.write, [stage.editor, self.form], self.out, **quiet)


class _Looks:
    """The gallery of looks drawn from p(z|ŷ)."""

    def __init__(self) -> None:
        self.drawn = gr.State(())
        gr.Markdown("### Looks drawn from the prior p(z|ŷ)")
        self.part = gr.Radio(list(PARTS), value=next(iter(PARTS)), label="A click takes", elem_id="part", info=MIXER)
        self.gallery = gr.Gallery(
            label="Looks drawn from p(z|ŷ)", show_label=False, columns=4, height="auto", allow_preview=False,
            object_fit="cover", interactive=False, elem_id="looks", buttons=[],
        )  # fmt: skip
        with gr.Row():
            self.new = gr.Button("New", variant="primary", min_width=70, size="md", elem_id="new-looks")
            self.more = gr.Button("Similar", min_width=70, size="md", elem_id="more-looks")
            self.own = gr.Button("Own", min_width=70, size="md", elem_id="own-look")
        self.blend = gr.Slider(0, 1, 0, step=0.01, label="Own look to chosen look", elem_id="blend")
        with gr.Row():
            self.seed = gr.Number(label="Seed", value=1, precision=0, minimum=0, maximum=2**31, min_width=110)
            self.temperature = gr.Slider(0, 1.5, 1.0, step=0.05, label="Temperature", min_width=150)

    def wire(self, handlers: Handlers, session: gr.State, stage: _Stage) -> None:
        sample = self.sampling(handlers, stage)
        self.new.click(handlers.reseed, None, self.seed, show_progress="hidden", **PRIVATE).then(**sample)
        self.more.click(handlers.reseed, None, self.seed, show_progress="hidden", **PRIVATE).then(
            handlers.vary, [stage.editor, session, self.seed], [self.drawn, self.gallery], **PRIVATE
        )
        self.seed.submit(**sample)
        self.temperature.release(**sample)
        wear = [session, stage.feed, self.blend]
        quiet: dict[str, Any] = {"show_progress": "hidden", **PRIVATE}
        self.gallery.select(handlers.wear, [session, self.drawn, self.part], wear, **quiet)
        self.own.click(handlers.wear_own, session, wear, **quiet)
        self.blend.input(handlers.blend, [session, self.blend], wear[:2], trigger_mode="always_last", **quiet)

    @property
    def own_look_on(self) -> dict[str, Any]:
        """The event that sets the blending back, because a new person wears the own look."""
        return dict(fn=lambda: 0.0, inputs=None, outputs=self.blend, show_progress="hidden", **PRIVATE)

    def sampling(self, handlers: Handlers, stage: _Stage) -> dict[str, Any]:
        """The event that fills the gallery."""
        inputs = [stage.editor, self.seed, self.temperature]
        return dict(fn=handlers.sample, inputs=inputs, outputs=[self.drawn, self.gallery], **PRIVATE)


class _MatrixPanel:
    """Every look in every pose, as in the paper's figures."""

    def __init__(self) -> None:
        with gr.Accordion("Transfer matrix: every look in every pose", open=False, elem_id="matrix"), gr.Row():
            with gr.Column(scale=1, min_width=240):
                self.photos = gr.File(
                    label="Photos, one person each", file_count="multiple", file_types=["image"], height=150
                )
                self.count = gr.Slider(2, MAX_PEOPLE, 4, step=1, label="People; example people fill up")
                self.draw = gr.Button("Draw the matrix", variant="primary", elem_id="draw-matrix")
            self.picture = gr.Image(
                label="Looks in rows, poses in columns", show_label=False, format="png", interactive=False, scale=3,
                buttons=["fullscreen", "download"],
            )  # fmt: skip

    def wire(self, matrix: Matrix) -> None:
        self.draw.click(matrix.draw, [self.photos, self.count], self.picture, **PRIVATE)


class _Second:
    """A second person, whose pose or look the first may take."""

    def __init__(self, handlers: Handlers) -> None:
        self.person = gr.State(None)
        gr.Markdown("### A second person")
        self.photo = PhotoInput(label="Second photo", height=190, elem_id="second-photo")
        self.note = gr.Markdown(elem_classes="vu-note")
        self.people = _people(handlers, "second-people")
        with gr.Row():
            self.pose = gr.Button("Take pose", size="md", min_width=100, elem_id="take-pose")
            self.look = gr.Button("Take look", size="md", min_width=100, elem_id="take-look")

    def wire(self, handlers: Handlers, session: gr.State, stage: _Stage, looks: _Looks) -> None:
        found = [self.person, self.note]
        self.photo.input(handlers.open_second, self.photo, found, show_progress_on=self.photo, **PRIVATE)

        def choose(event: gr.SelectData) -> tuple:
            return handlers.second_example(event.index)

        quiet: dict[str, Any] = {"show_progress": "hidden", **PRIVATE}
        self.people.select(choose, None, found, **quiet)
        self.pose.click(handlers.take_pose, self.person, [stage.editor, self.note], **quiet)
        self.look.click(handlers.take_look, [session, self.person, looks.part], [session, stage.feed, looks.blend], **quiet)


def _people(handlers: Handlers, elem_id: str) -> gr.Gallery:
    pictures = [(str(e.path), "") for e in handlers.examples]
    return gr.Gallery(
        pictures, label="Example people", show_label=False, columns=len(pictures) // 2, height="auto", allow_preview=False,
        object_fit="cover", interactive=False, buttons=[], elem_id=elem_id, elem_classes="vu-people",
    )  # fmt: skip


def _open_first(demo: gr.Blocks, handlers: Handlers, session: gr.State, stage: _Stage, looks: _Looks) -> None:
    """The first example person is on the stage when the page opens, and the gallery is full."""

    def first(current: Session) -> tuple:
        return handlers.open_example(0, current)[:2]

    opened = demo.load(first, session, [session, stage.editor], show_progress="hidden", **PRIVATE)
    opened.then(**looks.sampling(handlers, stage))
