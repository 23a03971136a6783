"""`prepare`: a folder of photos becomes framed, cut-out people with their poses, and an index of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from vunet.data.index import FRAMES, INDEX_FILE, Record, read_index
from vunet.errors import VUNetError
from vunet.person import Person, frame_person
from vunet.photo import load_photo
from vunet.pose.estimate import Estimator, largest_person, load_estimator

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
FRAME_SIZE = 320  # larger than the model's frame, so that augmentation does not soften it
REFUSED_FILE = "refused.jsonl"


def prepare(photos: Path, out: Path, estimator: Estimator | None = None, limit: int | None = None) -> Counter[str]:
    """Frames every photo below `photos` into `out`; running it again goes on where it stopped.

    Writes `out/index.jsonl` (one `Record` a line), `out/frames/*.webp` (RGBA, alpha = mask) and `out/refused.jsonl` with
    the reason for each photo left out. Returns counts of accepted photos and of each reason.
    """
    sources = sorted(p for p in photos.rglob("*") if p.suffix.lower() in SUFFIXES)[:limit]
    if not sources:
        raise VUNetError(f"There are no photos in {photos}: give a folder with JPEG, PNG, WebP, BMP or TIFF files.")
    (out / FRAMES).mkdir(parents=True, exist_ok=True)
    done = {r.photo for r in read_index(out, missing_ok=True)} | _refused(out)
    todo = [p for p in sources if p.relative_to(photos).as_posix() not in done]
    estimator = estimator or (load_estimator() if todo else None)
    counts: Counter[str] = Counter(accepted=len(done))
    with (out / INDEX_FILE).open("a") as index, (out / REFUSED_FILE).open("a") as refused:
        for path in tqdm(todo, desc="prepare", unit="photo"):
            name = path.relative_to(photos).as_posix()
            try:
                assert estimator is not None
                record = _frame(path, name, out, estimator)
            except VUNetError as error:
                counts[type(error).__name__] += 1
                print(json.dumps({"photo": name, "reason": str(error)}), file=refused, flush=True)
            else:
                counts["accepted"] += 1
                print(record.to_json(), file=index, flush=True)
    return counts


def _refused(out: Path) -> set[str]:
    path = out / REFUSED_FILE
    return {json.loads(line)["photo"] for line in _lines(path)} if path.exists() else set()


def _lines(path: Path) -> Iterator[str]:
    with path.open() as lines:
        yield from lines


def _frame(path: Path, name: str, out: Path, estimator: Estimator) -> Record:
    photo = load_photo(path)
    detection, people = largest_person(estimator, photo)
    person = frame_person(photo, detection, FRAME_SIZE, people)
    file = f"{FRAMES}/{name.replace('/', '_')}.webp"
    rgba = np.dstack([person.backdrop, person.mask])
    Image.fromarray(rgba).save(out / file, quality=95, exact=True, method=2)
    return Record(name, file, person.pose, colourfulness(person))


def colourfulness(person: Person) -> float:
    """Mean |R - G| + |B - G| over the person's pixels, 0-255: black, white and denim are near 0."""
    pixels = person.image[person.mask > 200].astype(np.float32)
    if not len(pixels):
        return 0.0
    return float((np.abs(pixels[:, 0] - pixels[:, 1]) + np.abs(pixels[:, 2] - pixels[:, 1])).mean())
