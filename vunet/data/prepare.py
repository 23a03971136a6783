"""`prepare`: a folder of photos becomes framed, cut-out people with their poses, and an index of them.

So does a dataset in the authors' layout, whose poses are known and whose backgrounds stay.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from vunet.data.authors_index import AuthorsIndex, read_authors_index
from vunet.data.index import FRAMES, INDEX_FILE, Record, read_index
from vunet.data.tags import read_tags, tags_of
from vunet.errors import VUNetError
from vunet.person.framing import frame_person
from vunet.person.photo import UNREADABLE, find_photos, load_photo
from vunet.pose.estimators.detection import Estimator, largest_person
from vunet.pose.estimators.load import load_estimator
from vunet.runtime.worker_pool import spread

FRAME_SIZE = 320  # larger than the model's frame, so that augmentation does not soften it
SOFT_EDGE = 0.7  # pixels of blur on masks drawn by hand, whose edges are steps
REFUSED_FILE = "refused.jsonl"
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
    framing: Framing = Framing(),
) -> Counter[str]:
    """Frames every photo below `photos`, or of the authors' `index.p`, into `out`; again, it goes on where it stopped.

    Writes `out/index.jsonl` (one `Record` a line), `out/frames/*.webp` (RGBA, alpha = mask) and `out/refused.jsonl` with
    the reason for each photo left out. estimator: for one worker only; several each load their own. Returns counts of
    accepted photos and of each reason. Raises `VUNetError`.
    """
    indexed = photos.suffix == AUTHORS_SUFFIX and photos.is_file()
    folder = photos if photos.is_dir() else photos.parent
    names = read_authors_index(photos).names if indexed else _names(photos, folder)
    begin = partial(_load_index, photos) if indexed else partial(_load_estimator, estimator)
    (out / FRAMES).mkdir(parents=True, exist_ok=True)
    accepted = {r.photo for r in read_index(out, missing_ok=True)}
    done = accepted | _refused(out)
    tags = read_tags(folder)
    todo = [name for name in names[:limit] if name not in done]
    counts: Counter[str] = Counter(accepted=len(accepted))
    with (out / INDEX_FILE).open("a") as index, (out / REFUSED_FILE).open("a") as refused:
        framed = spread(partial(_try, folder, out, framing), todo, begin, workers)
        for name, result in tqdm(framed, total=len(todo), desc="prepare", unit="photo"):
            if isinstance(result, Record):
                counts["accepted"] += 1
                print(replace(result, tags=tags_of(name, tags)).to_json(), file=index, flush=True)
            else:
                counts[type(result).__name__] += 1
                print(json.dumps({"photo": name, "reason": str(result)}), file=refused, flush=True)
    return counts


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


def _refused(out: Path) -> set[str]:
    path = out / REFUSED_FILE
    return {json.loads(line)["photo"] for line in _lines(path)} if path.exists() else set()


def _lines(path: Path) -> Iterator[str]:
    with path.open() as lines:
        yield from lines


def _frame(path: Path, name: str, out: Path, framing: Framing) -> Record:
    photo, source = load_photo(path), _SOURCE[0]
    if isinstance(source, AuthorsIndex):
        row = source.row(name)
        test: bool | None = not source.train[row]
        person = frame_person(photo, source.detection(row, photo), framing.size, whole=True)
    else:
        test = None
        detection, people = largest_person(source, photo)
        drawn = _drawn_mask(framing.masks, path, photo.shape[:2])
        detection = detection if drawn is None else replace(detection, mask=drawn)
        person = frame_person(photo, detection, framing.size, people)
    file = f"{FRAMES}/{name}.webp"
    rgba = np.dstack([person.backdrop, person.mask])
    (out / file).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgba).save(out / file, quality=95, exact=True, method=2)
    return Record(name, file, person.pose, colourfulness_of(person.image, person.mask), test)


def _drawn_mask(masks: Path | None, photo: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """(H, W) float32 in [0, 1], or None without a mask of that photo and size."""
    file = masks / f"{photo.stem}.png" if masks else None
    if file is None or not file.exists():
        return None
    person = (np.array(Image.open(file)) > 0).astype(np.float32)
    return cv2.GaussianBlur(person, (0, 0), SOFT_EDGE) if person.shape == shape else None


def colourfulness_of(picture: np.ndarray, mask: np.ndarray) -> float:
    """Mean |R - G| + |B - G| over the person's pixels, 0-255: black, white and denim are near 0."""
    pixels = picture[mask > 200].astype(np.float32)
    if not len(pixels):
        return 0.0
    return float((np.abs(pixels[:, 0] - pixels[:, 1]) + np.abs(pixels[:, 2] - pixels[:, 1])).mean())
