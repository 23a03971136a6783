"""Putting looks on the person on the stage, whole or part by part."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from vunet.errors import VUNetError
from vunet.pose.anatomy import PART_GROUPS
from vunet.studio.appearance import Appearance
from vunet.ui.components.skeleton_editor import wear
from vunet.ui.visitor.live_render import LiveRenderer
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.session import NOBODY, OWN, Session
from vunet.ui.words.texts import LABELS, label

WHOLE, CLOTHES = "everything", "clothes"
# The parts of a look that a click takes, by the choice; all but the whole look keep the rest of what is worn.
PARTS: dict[str, tuple[str, ...]] = {CLOTHES: ("torso", "legs", "shoes")} | {name: (name,) for name in PART_GROUPS}
CHOICES = [(label(f"part.{name}"), name) for name in (WHOLE, *PARTS)]  # (label, value)


@dataclass(frozen=True)
class LookChanges:
    """Changes of the look. Each answer: the session, a message to the stage, the blend slider, the outfit in words."""

    studios: Studios
    live_renderer: LiveRenderer

    def put_on(
        self, session: Session, look: Appearance, name: str, part: str = WHOLE, checkpoint: str | None = None
    ) -> tuple[Any, ...]:
        """A whole look, or one part of it; a mixed outfit can be blended with the own look too.

        checkpoint: the name of the model that the look is of, where it may be another than the session's.
        """
        if session.look is None:
            raise VUNetError(NOBODY)
        studio = self.studios[session.checkpoint]
        if checkpoint is not None:
            look = self.converted(session, look, checkpoint)
        parts = PARTS.get(part, ())
        if parts:
            look = studio.outfit(session.look, **dict.fromkeys(parts, look))
        return self._answer(session.wearing(look, name, parts), 1.0)

    def converted(self, session: Session, look: Appearance, checkpoint: str) -> Appearance:
        """A look as the session's model sees it; checkpoint: the name of the model that it is of."""
        if checkpoint == session.checkpoint:
            return look
        return self.studios[session.checkpoint].reencode(look, self.studios[checkpoint])

    def put_on_own(self, session: Session) -> tuple[Any, ...]:
        """Back to the look of the photo."""
        if session.own is None:
            return (gr.skip(),) * 4
        return self._answer(session.wearing(session.own, OWN), 0.0)

    def with_own(self, session: Session, own: Appearance) -> tuple[Any, ...]:
        """Another look of the same photo in the place of the own one; clothes that were put on stay on."""
        picked = own if session.picked is session.own else session.picked
        changed = replace(session, own=own, look=self._redressed(session, own), picked=picked)
        return *self._answer(changed, None)[:2], gr.skip(), gr.skip()

    def _redressed(self, session: Session, own: Appearance) -> Appearance:
        assert session.look is not None
        if session.own in (session.look, session.picked):
            return own  # a blend of the own look with itself is it, too
        if session.base != OWN or not session.worn:
            return session.look  # a whole look, or a blend: there is nothing of the own one to tell apart
        return self.studios[session.checkpoint].outfit(own, **dict.fromkeys(session.worn, session.look))

    def blend(self, session: Session, weight: float) -> tuple[Any, ...]:
        """A look between the own one and the one put on last."""
        if session.own is None or session.picked is None:
            return (gr.skip(),) * 4
        look = self.studios[session.checkpoint].blend(session.own, session.picked, min(max(float(weight), 0.0), 1.0))
        return *self._answer(replace(session, look=look), None)[:2], gr.skip(), gr.skip()

    def worn_again(self, session: Session) -> tuple[Any, ...]:
        """The look that is worn already, after its codes changed."""
        if session.look is None:
            return session, gr.skip(), gr.skip(), gr.skip()
        return *self._answer(session, None)[:2], gr.skip(), gr.skip()

    def _answer(self, session: Session, weight: float | None) -> tuple[Any, ...]:
        assert session.look is not None
        token = self.live_renderer.keep(session.look, session.token, session.checkpoint, session.person)
        session = replace(session, token=token)
        return session, wear(session.token, time.time_ns()), weight, outfit_text(session)


def outfit_text(session: Session) -> str:
    """Which look each body part comes from, as one line; empty while nothing is mixed."""
    if not session.worn:
        return ""
    words = LABELS[session.language]
    named = {part: session.worn.get(part, session.base) for part in PART_GROUPS}
    shown = {part: words.get(f"name.{name}") or plain(name) for part, name in named.items()}
    return " · ".join(f"{words[f'part.{part}']}: **{name}**" for part, name in shown.items())


def plain(name: str) -> str:
    """A name of a visitor's, whatever is in it, as text for a Markdown field."""
    return re.sub(r"([^\w\s])", r"\\\1", name).replace("\n", " ")
