"""The index of prepared people: one JSON line each, and the split by a hash of the name."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vunet.errors import VUNetError
from vunet.pose.skeleton import Pose

INDEX_FILE = "index.jsonl"
FRAMES = "frames"
HELD_OUT_PER_MILLE = 50
OPTIONAL = ("test", "tags", "person", "view", "depths", "place")  # fields that a line may lack

Split = Literal["train", "held-out", "all"]


@dataclass(frozen=True)
class Record:
    """One framed person: the photo's name, the frame's file below the index, its pose and how colourful it is (0-255).

    test: whether its dataset keeps it for tests; None where it says nothing. tags: words for what the person wears, None
    where nothing is known. person: who it is, where several pictures show the same person in the same clothes. view: what a
    rendered picture shows, "front", "back", ... depths: of the 15 joints towards the camera, in sides of the frame, where
    they are known. place: where the frame begins in the file and how many bytes it has; None where it is the whole file.
    """

    photo: str
    file: str
    pose: Pose
    colourfulness: float
    test: bool | None = None
    tags: Sequence[str] | None = None
    person: str | None = None
    view: str | None = None
    depths: Sequence[float] | None = None
    place: Sequence[int] | None = None

    @property
    def held_out(self) -> bool:
        """As the dataset says, or else true for about one photo in twenty: chosen by a hash of its name, so that it never
        depends on listing order."""
        return self.test if self.test is not None else zlib.crc32(self.photo.encode()) % 1000 < HELD_OUT_PER_MILLE

    def to_json(self) -> str:
        """One line of the index."""
        fields = {"photo": self.photo, "file": self.file, "colourfulness": round(self.colourfulness, 3)}
        known = {name: getattr(self, name) for name in OPTIONAL if getattr(self, name) is not None}
        return json.dumps(fields | known | self.pose.to_dict())

    @classmethod
    def from_json(cls, line: str) -> Record:
        """The inverse of `to_json`; raises `VUNetError`."""
        try:
            data = json.loads(line)
            pose, colourfulness = Pose.from_dict(data), float(data["colourfulness"])
            known = {name: data[name] for name in OPTIONAL if name in data}
            return cls(data["photo"], data["file"], pose, colourfulness, **known)
        except (ValueError, KeyError, TypeError):
            raise VUNetError("The index has a line that cannot be read: run `prepare` again into a new folder.") from None


class Index(Sequence[Record]):
    """The people of a prepared folder. Sixteen bytes a person are held in memory; a record is read when it is asked for."""

    def __init__(self, paths: Sequence[Path], table: np.ndarray) -> None:
        """table: file, offset and colour of each line; file: a number of `paths`."""
        self.paths, self.table = tuple(paths), table

    @property
    def colourfulness(self) -> np.ndarray:
        """(N,) of all people."""
        return self.table["colour"]

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return Index(self.paths, self.table[i])
        row = self.table[i]  # an IndexError here ends an iteration
        with self.paths[row["file"]].open("rb") as lines:
            lines.seek(int(row["offset"]))
            return Record.from_json(lines.readline().decode("utf-8"))


def encoded_frame(folder: Path, record: Record) -> bytes:
    """The frame of a person of a prepared folder, as an encoded picture. Raises `VUNetError` where it is gone."""
    start, length = record.place or (0, -1)
    try:
        with (folder / record.file).open("rb") as file:
            file.seek(start)
            return file.read(length)
    except FileNotFoundError:
        raise VUNetError(
            f"{folder / record.file} is named by the index, and is not there: prepare the folder anew."
        ) from None


def index_files(folder: Path) -> list[Path]:
    """The index of a prepared folder, and those of its shards."""
    stem, _, ending = INDEX_FILE.rpartition(".")
    return sorted({*folder.glob(INDEX_FILE), *folder.glob(f"{stem}.*-of-*.{ending}")})


def read_index(folder: Path, split: Split = "all", missing_ok: bool = False) -> Index:
    """The people of a prepared folder, all shards together; raises `VUNetError` when it is not one."""
    paths = index_files(folder)
    if not paths and not missing_ok:
        raise VUNetError(f"{folder} holds no prepared people: run `python -m vunet prepare PHOTOS {folder}` first.")
    rows = (
        (number, offset, colour)
        for number, path in enumerate(paths)
        for offset, colour, held_out in _scan(path)
        if split == "all" or held_out == (split == "held-out")
    )
    return Index(paths, np.fromiter(rows, dtype=[("file", np.int32), ("offset", np.int64), ("colour", np.float32)]))


def _scan(path: Path) -> Iterator[tuple[int, float, bool]]:
    """(offset, colourfulness, held out) of each line."""
    if not path.exists():
        return
    offset = 0
    with path.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):  # cut off in the middle: its photo is prepared again
                return
            record = Record.from_json(line.decode("utf-8"))
            yield offset, record.colourfulness, record.held_out
            offset += len(line)


def cut_last_line(path: Path) -> None:
    """Takes away what stands after the last line's end: a killed process, or a full disk, may have left half a line."""
    if path.exists():
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(path, whole)
