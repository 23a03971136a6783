"""What one visitor has made so far. A value: handlers take one and return the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vunet.appearance import Appearance
from vunet.person import Person


@dataclass(frozen=True, eq=False)
class Session:
    """person: whose photo is on the stage. photo: path of an upload whose skeleton is still being placed by hand.
    own: the look of that photo. look: the one worn now. picked: the last whole look that was put on, which the own one
    can be blended with. version counts changes of the look.

    The looks of the gallery and the second person are states of their own: making them takes long enough for the session
    to change meanwhile.
    """

    person: Person | None = None
    photo: str | None = None
    own: Appearance | None = None
    look: Appearance | None = None
    picked: Appearance | None = None
    version: int = 0

    def wearing(self, look: Appearance | None) -> Session:
        """The session with another look on."""
        return replace(self, look=look, version=self.version + 1)

    def with_person(self, person: Person, own: Appearance) -> Session:
        """The session with a new person on the stage, wearing their own look."""
        return replace(self, person=person, photo=None, own=own, picked=own).wearing(own)
