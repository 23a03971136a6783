"""Scores on pairs of pictures of one person: read from one, rendered in the pose of another, and compared with that.

Pairs of rendered people, of whom no picture was trained on, by what the target shows. Where one look is seen from two sides
there is a truth to compare with, which single photos do not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from vunet.data.avatars.choice import BENCHMARK, ROWS, SOURCE
from vunet.data.dataset import read_person
from vunet.data.index import Record, read_index
from vunet.errors import VUNetError
from vunet.evaluate import metrics
from vunet.evaluate.scores import Scores, mean_detail, pose_scores
from vunet.person.framing import Person
from vunet.pose.estimators.detection import Estimator
from vunet.studio import Studio

OWN = "own"  # the source's own pose
SHEET_FIGURES = 8


@dataclass(frozen=True, eq=False)
class Compared:
    """view: of `ROWS`, or `OWN`. picture: what was rendered; there: (S, S) bool, where a person is in it. truth: the person
    as they are in that pose."""

    figure: str
    view: str
    picture: np.ndarray
    there: np.ndarray
    truth: Person


def pair_scores(
    studio: Studio, folder: Path, estimator: Estimator, limit: int | None = None, sheet: Path | None = None
) -> dict[str, Scores]:
    """A group of scores for each kind of view. limit: only the first so many figures; sheet: a picture to write.

    Raises `VUNetError` for a folder without held-out pairs.
    """
    figures = benchmark_records(folder)[:limit]
    compared = [
        each for records in tqdm(figures, desc="pairs", unit="figure") for each in _compared(studio, folder, records)
    ]
    if sheet:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_sheet(compared)).save(sheet)
    rows = {view: [each for each in compared if each.view == view] for view in (OWN, *ROWS)}
    return {f"pairs, {view}": _scores(row, estimator) for view, row in rows.items() if row}


def benchmark_records(folder: Path) -> list[list[Record]]:
    """For each held-out figure the source's record, then those of its targets; raises `VUNetError`."""
    figures: dict[str, list[Record]] = {}
    for record in read_index(folder, "held-out"):
        if record.person and record.view:
            figures.setdefault(record.person, []).append(record)
    whole = [sorted(each, key=lambda r: r.photo)[: len(BENCHMARK)] for each in figures.values()]
    whole = [each for each in whole if each[0].view == SOURCE and each[0].pose.usable()]
    if not whole:
        raise VUNetError(f"{folder} holds no pairs of held-out people: make some with `python -m vunet prepare-avatars`.")
    return whole


def _compared(studio: Studio, folder: Path, records: Sequence[Record]) -> Iterator[Compared]:
    source, *targets = records
    look = studio.encode(read_person(folder, source).resized(studio.size))
    for record in (source, *targets):
        if record.pose.usable():
            truth = read_person(folder, record).resized(studio.size)
            view = OWN if record is source else str(record.view)
            rendered = studio.renderer.result(studio.renderer.submit(look, record.pose))
            there = studio.renderer.off_ground(rendered)[..., 3] > 127
            yield Compared(str(record.person), view, studio.renderer.on_ground(rendered), there, truth)


def _scores(row: Sequence[Compared], estimator: Estimator) -> Scores:
    """SSIM and mean error in grey levels over the person, overlap of the outlines, pose of the picture, detail."""
    pictures, truths = [each.picture for each in row], [each.truth for each in row]
    masks = [truth.mask > 127 for truth in truths]
    pairs = list(zip(pictures, truths, masks, strict=True))
    return {
        "ssim_person": float(np.mean([metrics.similarity(a, b.image, m)["ssim_person"] for a, b, m in pairs])),
        "error": float(np.mean([np.abs(a.astype(int) - b.image)[m].mean() for a, b, m in pairs])),
        "outline": float(np.mean([overlap(each.there, m) for each, m in zip(row, masks, strict=True)])),
        "detail": mean_detail(pictures, masks) / mean_detail([truth.image for truth in truths], masks),
    } | pose_scores([truth.pose for truth in truths], pictures, estimator)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two masks."""
    return float((a & b).sum() / max((a | b).sum(), 1))


def _sheet(compared: Sequence[Compared]) -> np.ndarray:
    """For each figure a row of truths above a row of what was rendered."""
    rows = []
    for figure in list(dict.fromkeys(each.figure for each in compared))[:SHEET_FIGURES]:
        own = [each for each in compared if each.figure == figure]
        for pictures in ([each.truth.image for each in own], [each.picture for each in own]):
            tiles = [cv2.resize(picture, (192, 192), interpolation=cv2.INTER_AREA) for picture in pictures]
            tiles += [np.full_like(tiles[0], 255)] * (len(BENCHMARK) - len(tiles))
            rows.append(np.concatenate(tiles, axis=1))
    return np.concatenate(rows)
