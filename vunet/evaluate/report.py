"""`python -m vunet evaluate`: scores of a checkpoint on held-out people, and a sheet to look at beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from vunet.evaluate import sample_scores, scores
from vunet.evaluate.compared_pictures import EvaluationPictures, read_poses
from vunet.evaluate.crop_novelty import crop_novelty_scores
from vunet.evaluate.full_size import full_size_scores
from vunet.evaluate.own_pose import own_pose_scores
from vunet.evaluate.pairs import benchmark_records, pair_scores
from vunet.pose.estimators.load_estimator import load_estimator
from vunet.pose.skeleton import Pose
from vunet.runtime.shards import EVERYTHING, Shard
from vunet.studio import Studio

SHEET_PEOPLE = 10


def evaluate(
    checkpoint: str | Path | None,
    data: Path,
    far_poses: Path | None = None,
    limit: int | None = None,
    sheet: Path | None = None,
    shard: Shard = EVERYTHING,
) -> dict[str, Any]:
    """All scores, nested by group. far_poses: skeletons that no training photo has; sheet: a picture to write;
    beside it, NAME-own, the ten people who lose most in their own pose, and NAME-nearest, the samples' crops that are
    nearest to training people's."""
    # In single precision everywhere: half precision adds a noise that nobody sees, and perceptual features do.
    evaluation = EvaluationPictures(Studio.load(checkpoint, precision=torch.float32), data, limit, shard=shard)
    far = read_poses(far_poses) if far_poses else []
    bar = tqdm(_steps(evaluation, far, sheet).items(), desc="evaluate", unit="group")
    result: dict[str, Any] = {"people": len(evaluation.people), "size": evaluation.studio.size}
    for name, score in bar:
        bar.set_postfix_str(name)
        result |= score()
    if sheet:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(evaluation_sheet(evaluation)).save(sheet)
    return result


def evaluate_pairs(
    checkpoint: str | Path | None, pairs: Path, limit: int | None = None, sheet: Path | None = None
) -> dict[str, Any]:
    """Scores on pairs of pictures of one person, nested by what the second one shows."""
    studio = Studio.load(checkpoint, precision=torch.float32)
    scores = pair_scores(studio, pairs, load_estimator(), limit, sheet)
    return {"people": len(benchmark_records(pairs)[:limit]), "size": studio.size} | scores


def _steps(evaluation: EvaluationPictures, poses: list[Pose], sheet: Path | None) -> dict[str, Callable[[], dict]]:
    """What makes the groups of scores, by what the progress bar says; those of pictures at full size come last."""
    worst, nearest = (sheet and sheet.with_name(f"{sheet.stem}-{kind}{sheet.suffix}") for kind in ("own", "nearest"))
    groups = _groups(evaluation, poses) | {
        "novelty of crops": lambda: crop_novelty_scores(evaluation, nearest),
        "own pose": lambda: own_pose_scores(evaluation, worst),
    }
    steps: dict[str, Callable[[], dict]] = {name: partial(_named, name, score) for name, score in groups.items()}
    return steps | {"full size": lambda: full_size_scores(evaluation, load_estimator, poses)}


def _named(name: str, score: Callable[[], dict[str, float]]) -> dict[str, dict[str, float]]:
    return {name: score()}


def _groups(evaluation: EvaluationPictures, poses: list[Pose]) -> dict[str, Callable[[], dict[str, float]]]:
    estimator = load_estimator()
    groups = {
        "reconstruction": lambda: scores.reconstruction_scores(evaluation),
        "pose, own": lambda: scores.pose_scores(evaluation.poses, evaluation.reconstructions, estimator),
        "pose, shuffled": lambda: scores.pose_scores(evaluation.other_poses, evaluation.transfers, estimator),
        "pose, photos": lambda: scores.pose_scores(evaluation.poses, evaluation.images, estimator),
        "appearance under transfer": lambda: scores.appearance_scores(evaluation),
        "diversity": lambda: scores.diversity_scores(evaluation),
        "detail": lambda: scores.detail_scores(evaluation),
        "kernel distance to photos": lambda: sample_scores.realism_scores(evaluation),
        "pose, samples": lambda: sample_scores.sample_pose_scores(evaluation, estimator),
        "seams": lambda: sample_scores.seam_scores(evaluation),
        "novelty": lambda: sample_scores.novelty_scores(evaluation),
        "garments": lambda: sample_scores.garment_scores(evaluation),
        "colours asked for": lambda: sample_scores.colour_scores(evaluation),
        "latent": lambda: scores.latent_scores(evaluation),
    }
    if poses:
        groups["pose, far"] = lambda: scores.pose_scores(poses, evaluation.in_poses(poses), estimator)
    return groups


def evaluation_sheet(evaluation: EvaluationPictures) -> np.ndarray:
    """Columns are people; rows: photo, reconstruction, the look in another's pose, that pose's owner, two samples."""
    chosen = range(min(SHEET_PEOPLE, len(evaluation.people)))
    rows = [
        [evaluation.images[i] for i in chosen],
        [evaluation.reconstructions[i] for i in chosen],
        [evaluation.transfers[i] for i in chosen],
        [evaluation.images[evaluation.others[i]] for i in chosen],
        [evaluation.samples[i][0] for i in chosen],
        [evaluation.samples[i][1] for i in chosen],
    ]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


def table(result: dict[str, Any]) -> str:
    """The scores as lines of text."""
    lines = [f"{result['people']} held-out people, rendered at {result['size']} px"]
    for group, values in result.items():
        if isinstance(values, dict):
            lines.append(f"{group:28}" + "   ".join(f"{name} {value:.3g}" for name, value in values.items()))
    return "\n".join(lines)
