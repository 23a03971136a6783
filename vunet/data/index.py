"""The index of prepared people: one JSON line each, and the split by a hash of the name."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vunet.errors import VUNetError
from vunet.pose.skeleton import Pose

INDEX_FILE = "index.jsonl"
FRAMES = "frames"
HELD_OUT_PER_MILLE = 50

Split = Literal["train", "held-out", "all"]


@dataclass(frozen=True)
class Record:
    """One framed person: the photo's name, the frame's file below the index, its pose and how colourful it is (0-255)."""

    photo: str
    file: str
    pose: Pose
    colourfulness: float

    @property
    def held_out(self) -> bool:
        """True for about one photo in twenty: chosen by a hash of its name, so that it never depends on listing order."""
        return zlib.crc32(self.photo.encode()) % 1000 < HELD_OUT_PER_MILLE

    def to_json(self) -> str:
        """One line of the index."""
        fields = {"photo": self.photo, "file": self.file, "colourfulness": round(self.colourfulness, 3)}
        return json.dumps(fields | self.pose.to_dict())

    @classmethod
    def from_json(cls, line: str) -> Record:
        """The inverse of `to_json`; raises `VUNetError`."""
        try:
            data = json.loads(line)
            return cls(data["photo"], data["file"], Pose.from_dict(data), float(data["colourfulness"]))
        except (ValueError, KeyError, TypeError):
            raise VUNetError("The index has a line that cannot be read: run `prepare` again into a new folder.") from None


def read_index(folder: Path, split: Split = "all", missing_ok: bool = False) -> list[Record]:
    """The people of a prepared folder; raises `VUNetError` when it is not one."""
    path = folder / INDEX_FILE
    if not path.exists():
        if missing_ok:
            return []
        raise VUNetError(f"{folder} holds no prepared people: run `python -m vunet prepare PHOTOS {folder}` first.")
    records = [Record.from_json(line) for line in path.read_text().splitlines()]
    return records if split == "all" else [r for r in records if r.held_out == (split == "held-out")]
