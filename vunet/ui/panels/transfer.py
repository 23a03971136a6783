"""Between people: the pose or look of a second one, and the matrix of every look in every pose (figure 6 of the paper)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import gradio as gr
import numpy as np

from vunet.errors import NoPersonFound, VUNetError
from vunet.output.provenance import marked
from vunet.person.framing import Person
from vunet.studio import Studio
from vunet.ui.api.photo_input import PhotoInput
from vunet.ui.components.skeleton_editor import stage_value
from vunet.ui.panels.person import note
from vunet.ui.panels.stage_outputs import StageOutputs, Updates
from vunet.ui.visitor.examples import example_gallery
from vunet.ui.visitor.session import SECOND, Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import PRIVATE, QUIET, with_error_messages
from vunet.ui.words.texts import label, language_of

MAX_PEOPLE = 8
TILE = 160  # pixels of one picture in the matrix


class SecondPersonPanel:
    """A second person, whose pose or look the first may take."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.person: Any = gr.State(None)
        gr.Markdown(label("second.title"))
        self.photo = PhotoInput(label=label("second.photo"), height=190, elem_id="second-photo")
        self.note = gr.Markdown(elem_classes="vu-note")
        self.people = example_gallery(shared.examples, "second-people")
        with gr.Row():
            self.pose = gr.Button(label("second.pose"), size="md", min_width=100, elem_id="take-pose")
            self.look = gr.Button(label("second.look"), size="md", min_width=100, elem_id="take-look")

    def wire(self, stage: StageOutputs) -> None:
        """Connects the panel."""
        self._stage = stage
        found = [self.person, self.note]
        self.photo.input(self.open_photo, self.photo, found, show_progress_on=self.photo, **PRIVATE)
        self.people.select(self.open_example, None, found, **QUIET)
        self.pose.click(self.take_pose, self.person, [stage.editor, self.note], **QUIET)
        self.look.click(self.take_look, [stage.session, self.person, stage.part], stage.worn, **QUIET)

    @with_error_messages
    def open_photo(self, path: str | None, request: gr.Request) -> tuple[Person | None, str]:
        """Reads the second photo's person."""
        if path is None:
            return None, ""
        try:
            second = self.shared.studio.detect(path)
        except NoPersonFound:
            raise VUNetError("No person with visible shoulders and hips was found: try another photo.") from None
        return second, note(second, language_of(request))

    @with_error_messages
    def open_example(self, event: gr.SelectData) -> tuple[Person, str]:
        """Takes an example person as the second one."""
        return self.shared.example(event.index), ""

    @with_error_messages
    def take_pose(self, second: Person | None) -> tuple[Any, str]:
        """The second person's pose, on the first."""
        return stage_value(_given(second).pose), ""

    @with_error_messages
    def take_look(self, session: Session, second: Person | None, part: str) -> Updates:
        """The second person's look, or one part of it, on the first."""
        look = self.shared.studio_of(session).encode(_given(second))
        return self._stage.of_change(self.shared.look_changes.put_on(session, look, SECOND, part))


class MatrixPanel:
    """The matrix of uploaded photos, filled up with example people."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        with gr.Accordion(label("matrix.title"), open=False, elem_id="matrix"), gr.Row():
            with gr.Column(scale=1, min_width=240):
                self.photos = gr.File(label=label("matrix.photos"), file_count="multiple", file_types=["image"], height=150)
                self.count = gr.Slider(2, MAX_PEOPLE, 4, step=1, label=label("matrix.count"))
                with gr.Row():
                    self.make = gr.Button(label("matrix.draw"), variant="primary", min_width=90, elem_id="draw-matrix")
                    self.cancel = gr.Button(label("cancel"), min_width=60)
            self.picture = gr.Image(
                label=label("matrix.picture"), show_label=False, format="png", interactive=False, scale=3,
                buttons=["fullscreen", "download"], elem_id="matrix-picture",
            )  # fmt: skip

    def wire(self, session: gr.State) -> None:
        """Connects the panel."""
        rendering = self.make.click(self.render_matrix, [self.photos, self.count, session], self.picture, **PRIVATE)
        self.cancel.click(None, cancels=rendering, **PRIVATE)

    @with_error_messages
    def render_matrix(
        self,
        paths: list[str] | None,
        count: float,
        session: Session,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Any]:
        """One picture: the people in the first row and column, every look (row) in every pose (column)."""
        paths = paths or []
        if len(paths) > MAX_PEOPLE:
            raise VUNetError(f"The matrix holds {MAX_PEOPLE} people: leave out {len(paths) - MAX_PEOPLE} of the photos.")
        count = min(max(int(count), len(paths), 2), MAX_PEOPLE)
        people = []
        for path in progress.tqdm(paths, desc="1/2"):
            people.append(self._read(path))
            yield gr.skip()
        people += [self.shared.example(i) for i in range(count - len(people))]
        rows = [self._heading(people)]
        for person in progress.tqdm(people, desc="2/2"):
            rows.append(self._row(self.shared.studios.queued(session.checkpoint), person, people))
            yield gr.skip()
        yield marked(np.concatenate(rows))

    def _read(self, path: str) -> Person:
        try:
            return self.shared.studio.detect(path)
        except VUNetError as error:
            name = path.replace("\\", "/").rsplit("/", 1)[-1]
            raise VUNetError(f"{name}: {error}") from None

    def _heading(self, people: Sequence[Person]) -> np.ndarray:
        corner = np.full((TILE, TILE, 3), 255, np.uint8)
        return np.concatenate([corner, *(_tile(person.backdrop) for person in people)], axis=1)

    def _row(self, studio: Studio, person: Person, people: Sequence[Person]) -> np.ndarray:
        look = studio.encode(person)
        pictures = studio.render_many([look] * len(people), [p.pose for p in people], studio.live_size)
        return np.concatenate([_tile(person.backdrop), *(_tile(p) for p in pictures)], axis=1)


def _given(second: Person | None) -> Person:
    if second is None:
        raise VUNetError("Give a second photo first.")
    return second


def _tile(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, (TILE, TILE), interpolation=cv2.INTER_AREA)
