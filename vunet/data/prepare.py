"""`prepare`: a folder of photos becomes framed, cut-out people with their poses, and an index of them.

So does a dataset in the authors' layout, whose poses are known and whose backgrounds stay.
"""

from __future__ import annotations

import errno
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from vunet.data.authors_index import AuthorsIndex, read_authors_index
from vunet.data.garment_tags import read_tags, tags_of
from vunet.data.index import FRAMES, INDEX_FILE, Record, cut_last_line, read_index
from vunet.errors import BadImage, VUNetError
from vunet.person.framing import frame_person
from vunet.person.photo import UNREADABLE, find_photos, load_photo
from vunet.pose.estimators.detection import Estimator, largest_person
from vunet.pose.estimators.load_estimator import load_estimator
from vunet.runtime.shards import EVERYTHING, Shard
from vunet.runtime.worker_pool import spread

FRAME_SIZE = 320  # larger than the model's frame, so that augmentation does not soften it
SOFT_EDGE = 0.7  # pixels of blur on masks drawn by hand, whose edges are steps
REFUSED_FILE, SETTINGS_FILE = "refused.jsonl", "prepared.json"
ORIENTATION = 0x0112  # of EXIF
QUARTER_TURNS = {6: 3, 8: 1}  # anticlockwise, of a photo that lies on its side
PROPORTIONS = 0.02  # difference of height over width that rounding explains
AUTHORS_SUFFIX = ".p"


@dataclass(frozen=True)
class Framing:
    """How people are framed. size: the frame's side in pixels. masks: a folder with drawn masks, STEM.png of the photo's
    size, in which every value but 0 is the person; photos without one keep the estimator's."""

    size: int = FRAME_SIZE
    masks: Path | None = None


def prepare(
    photos: Path,
    out: Path,
    estimator: Estimator | None = None,
    limit: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    framing: Framing = Framing(),
    shard: Shard = EVERYTHING,
) -> Counter[str]:
    """Frames every photo below `photos`, or of the authors' `index.p`, into `out`; again, it goes on where it stopped.

    Writes `out/index.jsonl` (one `Record` a line), `out/frames/*.webp` (RGBA, alpha = mask) and `out/refused.jsonl` with
    the reason for each photo left out; one that changed since is tried again. estimator: for one worker only; several each
    load their own. shard: of the photos, with an index and reasons in files of its own. Returns counts of accepted photos
    and of each reason. Raises `VUNetError`.
    """
    indexed = photos.suffix == AUTHORS_SUFFIX and photos.is_file()
    folder = photos if photos.is_dir() else photos.parent
    names = [n for n in (read_authors_index(photos).names if indexed else _names(photos, folder)) if shard.holds(n)]
    begin = partial(_load_index, photos) if indexed else partial(_load_estimator, estimator)
    index_file, refused_file = out / shard.named(INDEX_FILE), out / shard.named(REFUSED_FILE)
    _open_folder(out, framing, (index_file, refused_file))
    accepted = {r.photo for r in read_index(out, missing_ok=True)}
    refused_before, tags = _refused(refused_file), read_tags(folder)
    todo = [name for name in names[:limit] if name not in accepted and refused_before.get(name) != _changed(folder / name)]
    counts: Counter[str] = Counter(accepted=len(accepted))
    with index_file.open("a") as index, refused_file.open("a") as refused:
        framed = spread(partial(_try, folder, out, framing), todo, begin, workers, cluster)
        for name, result in tqdm(framed, total=len(todo), desc="prepare", unit="photo"):
            if isinstance(result, Record):
                counts["accepted"] += 1
                print(replace(result, tags=tags_of(name, tags)).to_json(), file=index, flush=True)
            else:
                counts[type(result).__name__] += 1
                entry = {"photo": name, "reason": str(result), "changed": _changed(folder / name)}
                print(json.dumps(entry), file=refused, flush=True)
    return counts


def _open_folder(out: Path, framing: Framing, files: Sequence[Path]) -> None:
    """Makes the folder, or goes on with one that was made in the same way."""
    (out / FRAMES).mkdir(parents=True, exist_ok=True)
    for file in files:
        cut_last_line(file)
    settings = {"frame": framing.size, "masks": framing.masks is not None}
    path = out / SETTINGS_FILE
    if path.exists() and json.loads(path.read_text(encoding="utf-8")) != settings:
        raise VUNetError(f"{out} was prepared with another --frame or without the same --masks: choose a new folder.")
    path.write_text(json.dumps(settings), encoding="utf-8")


def _changed(path: Path) -> int:
    """When a file was last written."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


Outcome = Record | VUNetError


_SOURCE: list[Estimator | AuthorsIndex] = []  # where poses come from; one for each worker process


def _load_estimator(estimator: Estimator | None) -> None:
    _SOURCE[:] = [estimator or load_estimator()]


def _load_index(path: Path) -> None:
    _SOURCE[:] = [read_authors_index(path)]


def _names(photos: Path, folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_photos(photos, *UNREADABLE)]


def _try(photos: Path, out: Path, framing: Framing, name: str) -> Outcome:
    """The record of a photo, or why there is none."""
    try:
        return _frame(photos / name, name, out, framing)
    except VUNetError as error:
        return error
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        return BadImage("The name of this file is too long: shorten it.")


def _refused(path: Path) -> dict[str, int]:
    """Photos that were left out, and when they had been written."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    entries = [json.loads(line) for line in lines]
    return {entry["photo"]: entry.get("changed", 0) for entry in entries}


def _frame(path: Path, name: str, out: Path, framing: Framing) -> Record:
    photo, source = load_photo(path), _SOURCE[0]
    if isinstance(source, AuthorsIndex):
        row = source.row(name)
        test: bool | None = not source.train[row]
        person = frame_person(photo, source.detection(row, photo), framing.size, whole=True)
    else:
        test = None
        detection, people = largest_person(source, photo)
        drawn = drawn_mask(framing.masks, path, photo.shape[:2])
        person = frame_person(photo, detection, framing.size, people, drawn=drawn)
    file = f"{FRAMES}/{name}.webp"
    rgba = np.dstack([person.backdrop, person.mask])
    (out / file).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba).save(out / file, quality=95, exact=True, method=2)
    return Record(name, file, person.pose, colourfulness_of(person.image, person.mask), test)


def drawn_mask(masks: Path | None, photo: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """(H, W) float32 in [0, 1] of a photo that was read to a shape, or None where no mask was drawn; raises `BadImage`.

    A mask has the photo's size, or its proportions, upright or as the file holds it. Its person is every value but 0, or,
    where it has an opacity that varies, what is opaque.
    """
    file = masks / f"{photo.stem}.png" if masks else None
    if file is None or not file.exists():
        return None
    try:
        with Image.open(file) as mask, Image.open(photo) as original:
            person, orientation = _person_of(mask), original.getexif().get(ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadImage(f"The mask {file.name} cannot be read: draw it anew, or remove it.") from None
    if not _same_proportions(person.shape, shape) and orientation in QUARTER_TURNS:
        person = np.ascontiguousarray(np.rot90(person, QUARTER_TURNS[orientation]))
    if not _same_proportions(person.shape, shape):
        raise BadImage(f"The mask {file.name} has other proportions than its photo.")
    person = cv2.resize(person, shape[::-1], interpolation=cv2.INTER_AREA) if person.shape != shape else person
    return cv2.GaussianBlur(person, (0, 0), SOFT_EDGE)


def _person_of(mask: Image.Image) -> np.ndarray:
    """(H, W) float32, 1 on the person."""
    values = np.array(mask.convert("RGBA") if mask.mode in ("P", "PA") and "transparency" in mask.info else mask)
    if values.ndim == 2:
        return (values > 0).astype(np.float32)
    opacity = values[..., -1] if values.shape[2] in (2, 4) else None
    if opacity is not None and opacity.min() < opacity.max():
        return np.asarray(opacity > 0, np.float32)
    colours = values if opacity is None else values[..., :-1]
    return np.asarray((colours > 0).any(axis=2), np.float32)


def _same_proportions(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return abs(a[0] / a[1] - b[0] / b[1]) < PROPORTIONS * b[0] / b[1]


def colourfulness_of(picture: np.ndarray, mask: np.ndarray) -> float:
    """Mean |R - G| + |B - G| over the person's pixels, 0-255: black, white and denim are near 0."""
    pixels = picture[mask > 200].astype(np.float32)
    if not len(pixels):
        return 0.0
    return float((np.abs(pixels[:, 0] - pixels[:, 1]) + np.abs(pixels[:, 2] - pixels[:, 1])).mean())
