"""Are the clothes and faces of samples somebody's? Each crop's distance to the nearest that was trained on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from vunet.data.index import Record
from vunet.evaluate.compared_pictures import EvaluationPictures, framed
from vunet.evaluate.metrics import distances
from vunet.evaluate.scores import Scores, summaries
from vunet.person.crops import crop_parts
from vunet.person.regions import face_disc
from vunet.pose.anatomy import PARTS
from vunet.pose.skeleton import Pose

CROP = 96  # pixels
FACE = "face"
PLACES = (*PARTS, FACE)
NEAREST = 8  # pairs on a sheet


def crop_novelty_scores(evaluation: EvaluationPictures, sheet: Path | None = None) -> Scores:
    """The mean distance of the crops of samples at full size to the nearest training crop of the same part, relative to
    that of held-out people's: the mean over parts, faces alone, and the least part. Empty without training people.

    sheet: a picture to write, the nearest pairs, samples above.
    """
    if not evaluation.training_records:
        return {}
    sampled = [crops_of(*each) for each in zip(evaluation.full_size_samples, evaluation.poses, strict=True)]
    photos = _features(_photographed(evaluation, record) for record in evaluation.records)
    scale = np.nanstd(photos, axis=0) + 1e-6  # (places, D)
    known = _features(_photographed(evaluation, record) for record in evaluation.training_records) / scale
    usual = _mean_nearest(_to_each(photos / scale, known))  # (places,)
    away = _to_each(_features(sampled) / scale, known) / usual[:, None, None]  # (places, N, M)
    if sheet:
        _write_nearest(sheet, evaluation, sampled, away)
    novelty = _mean_nearest(away)
    return {"mean": float(novelty.mean()), FACE: float(novelty[-1]), "least": float(novelty.min())}


def crops_of(picture: np.ndarray, pose: Pose) -> np.ndarray:
    """(places, CROP, CROP, 3) of a picture (S, S, 3) uint8: its parts, and the face alone."""
    x, y, radius = face_disc(pose) * len(picture)
    patch = cv2.getRectSubPix(picture, (max(2, round(2 * radius)),) * 2, (float(x), float(y)))
    return np.concatenate([crop_parts(picture, pose, "body", CROP), cv2.resize(patch, (CROP, CROP))[None]])


def _photographed(evaluation: EvaluationPictures, record: Record) -> np.ndarray:
    person = framed(evaluation.data, record, evaluation.studio.size)
    return crops_of(person.image, person.pose)


def _features(people: Iterable[np.ndarray]) -> np.ndarray:
    """(N, places, D); NaN for parts that are not in the pose, whose crops are one grey."""
    rows = []
    for crops in people:
        row = summaries(list(crops))
        row[[crop.min() == crop.max() for crop in crops]] = np.nan
        rows.append(row)
    return np.stack(rows)


def _mean_nearest(away: np.ndarray) -> np.ndarray:
    """(places, N, M) distances to (places,), the mean of each row's least, of those who have the part."""
    nearest = away.min(axis=2)
    return np.array([row[np.isfinite(row)].mean() for row in nearest])


def _to_each(features: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Place by place, the distance of each of N rows to each of M: (places, N, M), infinite where one has no such part."""
    away = np.stack([distances(features[:, i], known[:, i]) for i in range(len(PLACES))])
    return np.where(np.isnan(away), np.inf, away)


def _write_nearest(sheet: Path, evaluation: EvaluationPictures, sampled: list[np.ndarray], away: np.ndarray) -> None:
    """The pairs that are nearest, one of each sample at most."""
    per_sample = away.min(axis=2)  # (places, N)
    chosen = np.argsort(per_sample.min(axis=0))[:NEAREST]
    pairs = []
    for sample in chosen:
        place = int(per_sample[:, sample].argmin())
        record = evaluation.training_records[int(away[place, sample].argmin())]
        pairs.append(np.concatenate([sampled[sample][place], _photographed(evaluation, record)[place]]))
    sheet.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(pairs, axis=1)).save(sheet)
