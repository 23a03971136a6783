"""Putting looks on the person on the stage, whole or part by part."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import Any

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


@dataclass(frozen=True, eq=False)
class LookChange:
    """A change of the look. message: to the stage. weight: of the blend slider; outfit: in words; None where they stay."""

    session: Session
    message: dict[str, Any]
    weight: float | None = None
    outfit: str | None = None


@dataclass(frozen=True)
class LookChanges:
    """What visitors do to the look that is worn. None where there is nothing to change."""

    studios: Studios
    live_renderer: LiveRenderer

    def put_on(
        self, session: Session, look: Appearance, name: str, part: str = WHOLE, checkpoint: str | None = None
    ) -> LookChange:
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
        return self._changed(session.wearing(look, name, parts), 1.0)

    def converted(self, session: Session, look: Appearance, checkpoint: str) -> Appearance:
        """A look as the session's model sees it; checkpoint: the name of the model that it is of."""
        if checkpoint == session.checkpoint:
            return look
        return self.studios[session.checkpoint].reencode(look, self.studios[checkpoint])

    def put_on_own(self, session: Session) -> LookChange | None:
        """Back to the look of the photo."""
        return None if session.own is None else self._changed(session.wearing(session.own, OWN), 0.0)

    def with_own(self, session: Session, own: Appearance) -> LookChange:
        """Another look of the same photo in the place of the own one; clothes that were put on stay on."""
        picked = own if session.picked is session.own else session.picked
        changed = replace(session, own=own, look=self._redressed(session, own), picked=picked)
        return self.worn_again(changed)

    def _redressed(self, session: Session, own: Appearance) -> Appearance:
        assert session.look is not None
        if session.own in (session.look, session.picked):
            return own  # a blend of the own look with itself is it, too
        if session.base != OWN or not session.worn:
            return session.look  # a whole look, or a blend: there is nothing of the own one to tell apart
        return self.studios[session.checkpoint].outfit(own, **dict.fromkeys(session.worn, session.look))

    def blend(self, session: Session, weight: float) -> LookChange | None:
        """A look between the own one and the one put on last."""
        if session.own is None or session.picked is None:
            return None
        look = self.studios[session.checkpoint].blend(session.own, session.picked, min(max(float(weight), 0.0), 1.0))
        return self.worn_again(replace(session, look=look))

    def worn_again(self, session: Session) -> LookChange:
        """The look that is worn, after its codes changed."""
        assert session.look is not None
        token = self.live_renderer.keep(session.look, session.token, session.checkpoint, session.person)
        session = replace(session, token=token)
        return LookChange(session, wear(session.token, time.time_ns()))

    def _changed(self, session: Session, weight: float) -> LookChange:
        return replace(self.worn_again(session), weight=weight, outfit=outfit_text(session))


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
