"""`pack`: the frames of a prepared folder in a few large archives, for sets whose many files a file system holds badly.

Archives are what WebDataset reads: tar files with KEY.webp and KEY.json of each person. The index says where in which of
them a frame lies, so that training reads anybody at any time: who is in a step depends on its number alone, and a run is
resumed exactly.
"""

from __future__ import annotations

import io
import itertools
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence, Set
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

    shard: of the people, with archives and an index of its own. Returns counts of its people and archives. Raises
    `VUNetError`.
    """
    index_file, name = out / shard.named(INDEX_FILE), shard.named(ARCHIVE)
    _open_folder(folder, out, index_file)
    archives = sorted(out.glob(_numbered(name, None)))
    known = {record.photo for record in read_index(out, missing_ok=True) if shard.holds(record.photo)}
    if archives:  # the last one may have been finished without its lines
        known |= _index(archives[-1], index_file, known)
    todo = (record for record in read_index(folder) if shard.holds(record.photo) and record.photo not in known)
    counts = Counter(people=len(known), archives=len(archives))
    for people in tqdm(_batches(todo, most), desc="pack", unit="archive"):
        path = out / _numbered(name, counts["archives"])
        _write(folder, people, path)
        counts += Counter(people=len(_index(path, index_file)), archives=1)
    return counts


def _open_folder(folder: Path, out: Path, index_file: Path) -> None:
    if out.resolve() == folder.resolve():
        raise VUNetError(f"{out} holds the people that are to be packed: choose another folder.")
    out.mkdir(parents=True, exist_ok=True)
    cut_last_line(index_file)
    theirs, ours = folder / SETTINGS_FILE, out / SETTINGS_FILE
    if not theirs.exists():
        return
    if ours.exists() and ours.read_bytes() != theirs.read_bytes():
        raise VUNetError(f"{out} holds people that were prepared in another way: choose another folder.")
    ours.write_bytes(theirs.read_bytes())


def _batches(records: Iterator[Record], most: int) -> Iterator[list[Record]]:
    while batch := list(itertools.islice(records, most)):
        yield batch


def _numbered(file: str, number: int | None) -> str:
    """An archive's name, or a pattern for all."""
    stem, _, ending = file.rpartition(".")
    return f"{stem}.{'[0-9]' * 5 if number is None else f'{number:05d}'}.{ending}"


def _write(folder: Path, people: Sequence[Record], path: Path) -> None:
    unfinished = path.with_suffix(".part")
    with tarfile.open(unfinished, "w", format=tarfile.USTAR_FORMAT) as archive:
        for number, record in enumerate(people):
            _add(archive, f"{number:06d}.webp", encoded_frame(folder, record))
            _add(archive, f"{number:06d}.json", record.to_json().encode())
    unfinished.replace(path)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _index(path: Path, index_file: Path, known: Set[str] = frozenset()) -> set[str]:
    """Adds an archive's people to the index, but for those that are known there; returns the names of their photos."""
    lines, added = [], set()
    with tarfile.open(path) as archive:
        members = iter(archive.getmembers())
        for frame, facts in zip(members, members, strict=True):
            text = archive.extractfile(facts)
            assert text is not None
            record = Record.from_json(text.read().decode())
            if record.photo not in known:
                lines.append(replace(record, file=path.name, place=(frame.offset_data, frame.size)).to_json() + "\n")
                added.add(record.photo)
    with index_file.open("a", encoding="utf-8") as index:
        index.writelines(lines)
    return added
