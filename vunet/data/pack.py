"""`pack`: the frames of a prepared folder in a few large archives, for sets whose many files a file system holds badly.

Archives are what WebDataset reads: tar files with KEY.webp and KEY.json of each person. The index says where in which of
them a frame lies, so that training reads anybody at any time: who is in a step depends on its number alone, and a run is
resumed exactly. Held in memory are some bytes a person.
"""

from __future__ import annotations

import io
import itertools
import shutil
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from vunet.data.index import INDEX_FILE, Record, cut_last_line, encoded_frame, read_index
from vunet.data.prepare import SETTINGS_FILE
from vunet.errors import VUNetError
from vunet.runtime.shards import EVERYTHING, Shard

ARCHIVE = "people.tar"  # of which each has a number before the ending
MOST = 1000  # people in an archive


def pack(folder: Path, out: Path, most: int = MOST, shard: Shard = EVERYTHING) -> Counter[str]:
    """Copies a prepared folder into archives of up to `most` people; again, it goes on where it stopped.

    shard: of the people, with archives and an index of its own. Returns counts of people and archives. Raises `VUNetError`.
    """
    if out.resolve() == folder.resolve():
        raise VUNetError(f"{out} holds the people that are to be packed: choose another folder.")
    index_file = out / shard.named(INDEX_FILE)
    out.mkdir(parents=True, exist_ok=True)
    cut_last_line(index_file)
    packed = list(read_index(out, missing_ok=True))
    known, mine = {r.photo for r in packed}, {r.file for r in packed if shard.holds(r.photo)}
    todo = (record for record in read_index(folder) if shard.holds(record.photo) and record.photo not in known)
    if (folder / SETTINGS_FILE).exists():
        shutil.copy(folder / SETTINGS_FILE, out)
    counts = Counter(people=len(known), archives=len(mine))
    for people in tqdm(_batches(todo, most), desc="pack", unit="archive"):
        _write(folder, people, out / _numbered(shard.named(ARCHIVE), counts["archives"]), index_file)
        counts += Counter(people=len(people), archives=1)
    return counts


def _batches(records: Iterator[Record], most: int) -> Iterator[list[Record]]:
    while batch := list(itertools.islice(records, most)):
        yield batch


def _numbered(file: str, number: int) -> str:
    stem, _, ending = file.rpartition(".")
    return f"{stem}.{number:05d}.{ending}"


def _write(folder: Path, people: Sequence[Record], path: Path, index_file: Path) -> None:
    """One archive, then its lines in the index: one that was cut short is in no index, and is written again."""
    unfinished = path.with_suffix(".part")
    with tarfile.open(unfinished, "w", format=tarfile.USTAR_FORMAT) as archive:
        for number, record in enumerate(people):
            _add(archive, f"{number:06d}.webp", encoded_frame(folder, record))
            _add(archive, f"{number:06d}.json", record.to_json().encode())
    with tarfile.open(unfinished) as archive:
        places = [(m.offset_data, m.size) for m in archive if m.name.endswith(".webp")]
    unfinished.replace(path)
    lines = [replace(r, file=path.name, place=place).to_json() for r, place in zip(people, places, strict=True)]
    with index_file.open("a", encoding="utf-8") as index:
        index.write("\n".join(lines) + "\n")


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
