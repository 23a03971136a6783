"""What one visitor has made so far. A value: handlers take one and return the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from vunet.person.framing import Person
from vunet.studio.appearance import Appearance

LOOKS = 8  # samples in a gallery
# Names of looks that are neither of the gallery nor of the wardrobe; texts.json has their words.
OWN, SECOND, SESSION = "own", "second", "session"
NO_SCENE = "There is no photo to stand in: upload one first."
NOBODY = "There is nobody on the stage yet: choose a person first."


@dataclass(frozen=True, eq=False)
class Session:
    """person: whose photo is on the stage. photo: path of an upload in which nobody was found. placing: whether a skeleton
    is being placed on it by hand; correctable: whether one can be. upload: path of the photo that the photo input shows.
    own: the look of that photo. look: the one worn now.
    picked: the last whole look that was put on, which the own one can be blended with. worn: for each body part that does
    not come with the rest, the name of the look it comes from. base: the name of the rest. language: the visitor's, for
    what the server writes. token: what the live renderer knows the look by. checkpoint: name of the looks' model,
    "" for the one that the page was started with.

    The looks of the gallery, the wardrobe and the second person are states of their own: making them takes long enough
    for the session to change meanwhile.
    """

    person: Person | None = None
    photo: str | None = None
    placing: bool = False
    correctable: bool = False
    upload: str | None = None
    own: Appearance | None = None
    look: Appearance | None = None
    picked: Appearance | None = None
    base: str = OWN
    worn: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    checkpoint: str = ""
    token: str = ""

    def wearing(self, look: Appearance, name: str, parts: Sequence[str] = ()) -> Session:
        """The session with a look on; its `name` is that of these parts alone where some are given."""
        base, worn = (self.base, {**self.worn, **dict.fromkeys(parts, name)}) if parts else (name, {})
        return replace(self, look=look, picked=look, base=base, worn=worn)

    def with_person(self, person: Person | None, own: Appearance) -> Session:
        """The session with a new person on the stage, wearing their own look."""
        empty = Session(language=self.language, checkpoint=self.checkpoint, token=self.token)
        return replace(empty, person=person, own=own, look=own, picked=own)
