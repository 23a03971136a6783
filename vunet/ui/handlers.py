"""What the page's events do. Each handler takes the visitor's `Session` and returns the next one and what to show."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr
import numpy as np

from vunet import Appearance, NoPersonFound, Pose, Studio, VUNetError
from vunet.person import Person, lift
from vunet.ui.examples import Example
from vunet.ui.pictures import data_url, png_url
from vunet.ui.session import Session
from vunet.ui.skeleton_editor import EditorState, complaint, download, frame, refresh, stage_value

LOOKS = 8
# What a click on a look takes of it: the words on the page, and the studio's names of the parts.
PARTS: dict[str, str | None] = {"Everything": None, "Head": "head", "Top": "torso", "Legs": "legs", "Shoes": "shoes"}
Gallery = list[tuple[np.ndarray, str]]
Looks = tuple[Appearance, ...]


def friendly(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Turns a `VUNetError` into a message of one sentence; all else is a bug and stays one."""

    @functools.wraps(handler)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return handler(*args, **kwargs)
        except VUNetError as error:
            raise gr.Error(str(error), duration=8, print_exception=False) from None

    return guarded


class Handlers:
    """The page's events, over one shared `Studio`."""

    def __init__(self, studio: Studio, examples: list[Example]) -> None:
        self.studio, self.examples = studio, examples

    # --- the stage ---

    def live(self, editor: EditorState | None, session: Session) -> dict[str, Any]:
        """A pose from a drag becomes a picture, or a sentence under the stage."""
        if editor is None or session.look is None:
            return complaint(editor.seq if editor else 0, "")
        try:
            return frame(editor.seq, data_url(self.studio.render(session.look, editor.pose)))
        except VUNetError as error:
            return complaint(editor.seq, str(error))

    @friendly
    def save(self, editor: EditorState | None, session: Session, transparent: bool) -> dict[str, Any]:
        """The person on the stage as a PNG for the visitor, without the background if wanted."""
        if editor is None or session.look is None:
            raise VUNetError("There is nobody on the stage yet: choose a person first.")
        picture = self.studio.render(session.look, editor.pose)
        kept = lift(picture) if transparent else picture
        return download("person-cutout.png" if transparent else "person.png", png_url(kept), time.time_ns())

    # --- people ---

    def open_example(self, index: int, session: Session) -> tuple[Session, dict, str]:
        """Puts an example person on the stage."""
        person = self.examples[index].person(self.studio.size)
        session = session.with_person(person, self.studio.encode(person))
        return session, stage_value(person.pose, data_url(person.backdrop), new_person=True), ""

    @friendly
    def open_photo(self, path: str | None, session: Session) -> tuple[Any, Any, str, Any]:
        """Puts the person of an uploaded photo on the stage; without one, a skeleton to place by hand."""
        if path is None:
            return gr.skip(), gr.skip(), "", gr.skip()
        try:
            person = self.studio.detect(path)
        except NoPersonFound as error:
            return self._place_by_hand(path, session, str(error))
        session = session.with_person(person, self.studio.encode(person))
        stage = stage_value(person.pose, data_url(person.backdrop), new_person=True)
        return session, stage, _note(person.people, person.pose), gr.update(visible=False)

    def _place_by_hand(self, path: str, session: Session, reason: str) -> tuple[Any, Any, str, Any]:
        person = self.studio.place(path)
        session = session.with_person(person, self.studio.encode(person))
        session = replace(session, photo=path)
        stage = stage_value(person.pose, data_url(person.backdrop), new_person=True, placing=True)
        note = f"{reason} Drag the joints onto the body, hide those that cannot be seen, then press the button below."
        return session, stage, note, gr.update(visible=True)

    @friendly
    def use_placed(self, editor: EditorState | None, session: Session) -> tuple[Any, Any, str, Any]:
        """Reads the look along the skeleton that was placed by hand."""
        if editor is None or session.photo is None:
            return gr.skip(), gr.skip(), "", gr.update(visible=False)
        person = self.studio.place(session.photo, editor.pose)
        session = session.with_person(person, self.studio.encode(person))
        stage = stage_value(person.pose, data_url(person.backdrop), new_person=True)
        return session, stage, "", gr.update(visible=False)

    # --- looks ---

    @friendly
    def sample(self, editor: EditorState | None, seed: float, temperature: float) -> tuple[Looks, Gallery]:
        """Draws looks from p(z|ŷ) for the pose on the stage."""
        pose = editor.pose if editor else Pose.default()
        looks = self.studio.sample(pose, LOOKS, int(seed or 0), float(temperature))
        pictures = self.studio.render_many(looks, [pose] * len(looks))
        return tuple(looks), [(picture, f"look {i + 1}") for i, picture in enumerate(pictures)]

    def reseed(self) -> int:
        """Another seed, for the button that draws new looks."""
        return random.randrange(1, 10_000)

    @friendly
    def vary(self, editor: EditorState | None, session: Session, seed: float) -> tuple[Looks, Gallery]:
        """Draws looks around the one that is worn."""
        if session.look is None or editor is None:
            raise VUNetError("Choose a person first.")
        looks = self.studio.vary(session.look, LOOKS, int(seed or 0))
        pictures = self.studio.render_many(looks, [editor.pose] * len(looks))
        return tuple(looks), [(picture, f"variation {i + 1}") for i, picture in enumerate(pictures)]

    @friendly
    def wear(self, session: Session, looks: Looks, part: str, event: gr.SelectData) -> tuple[Any, Any, Any]:
        """Puts on a look of the gallery, or one part of it."""
        if not 0 <= event.index < len(looks):
            return gr.skip(), gr.skip(), gr.skip()
        return self._put_on(session, looks[event.index], part)

    def wear_own(self, session: Session) -> tuple[Session, dict, float]:
        """Back to the look of the photo."""
        return *self._wearing(replace(session, picked=session.own), session.own), 0.0

    def blend(self, session: Session, weight: float) -> tuple[Any, Any]:
        """A look between the own one and the one picked last."""
        if session.own is None or session.picked is None:
            return gr.skip(), gr.skip()
        return self._wearing(session, self.studio.blend(session.own, session.picked, min(max(float(weight), 0.0), 1.0)))

    def _put_on(self, session: Session, look: Appearance, part: str) -> tuple[Session, dict, Any]:
        """A whole look, or the part of it that `PARTS` names; a mixed outfit can be blended with the own look too."""
        group = PARTS.get(part)
        if group and session.look is not None:
            look = self.studio.outfit(session.look, **{group: look})
        return *self._wearing(replace(session, picked=look), look), 1.0

    @staticmethod
    def _wearing(session: Session, look: Any) -> tuple[Session, dict]:
        session = session.wearing(look)
        return session, refresh(session.version)

    # --- transfer ---

    @friendly
    def open_second(self, path: str | None) -> tuple[Person | None, str]:
        """Reads the second photo's person."""
        if path is None:
            return None, ""
        try:
            second = self.studio.detect(path)
        except NoPersonFound:
            raise VUNetError("No person with visible shoulders and hips was found: try another photo.") from None
        return second, _note(second.people, second.pose)

    def second_example(self, index: int) -> tuple[Person, str]:
        """Takes an example person as the second one."""
        return self.examples[index].person(self.studio.size), ""

    @friendly
    def take_pose(self, second: Person | None) -> tuple[Any, str]:
        """The second person's pose, on the first."""
        return stage_value(_given(second).pose), ""

    @friendly
    def take_look(self, session: Session, second: Person | None, part: str) -> tuple[Session, dict, Any]:
        """The second person's look, or one part of it, on the first."""
        return self._put_on(session, self.studio.encode(_given(second)), part)


def _given(second: Person | None) -> Person:
    if second is None:
        raise VUNetError("Give a second photo first.")
    return second


def _note(people: int, pose: Pose) -> str:
    notes = []
    if people > 1:
        notes.append(f"{people} people were found; the largest was taken.")
    if not pose.visible.all():
        notes.append("Joints that cannot be seen are hidden; restore them with the buttons under the stage.")
    return " ".join(notes)
