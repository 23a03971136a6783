"""`python -m vunet evaluate`: scores of a checkpoint on held-out people, and a sheet to look at beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from vunet.evaluate import scores
from vunet.evaluate.exhibit import SIZE, Exhibit, read_poses
from vunet.pose.estimate import load_estimator
from vunet.studio import Studio

SHEET_PEOPLE = 10


def evaluate(
    checkpoint: str | Path | None,
    data: Path,
    far_poses: Path | None = None,
    limit: int | None = None,
    sheet: Path | None = None,
) -> dict[str, Any]:
    """All scores, nested by group. far_poses: skeletons that no training photo has; sheet: a picture to write."""
    # In single precision everywhere: half draws a noise that nobody sees, and perceptual features do.
    exhibit = Exhibit(Studio.load(checkpoint, precision=torch.float32), data, limit)
    groups = _groups(exhibit, far_poses)
    bar = tqdm(groups.items(), desc="evaluate", unit="group")
    result: dict[str, Any] = {"people": len(exhibit.people), "size": exhibit.studio.size}
    for name, score in bar:
        bar.set_postfix_str(name)
        result[name] = score()
    if sheet:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(evaluation_sheet(exhibit)).save(sheet)
    return result


def _groups(exhibit: Exhibit, far_poses: Path | None) -> dict[str, Callable[[], dict[str, float]]]:
    estimator = load_estimator()
    poses = read_poses(far_poses) if far_poses else []
    groups = {
        "reconstruction": lambda: scores.reconstruction_scores(exhibit),
        "pose, own": lambda: scores.pose_scores(exhibit.poses, exhibit.reconstructions, estimator),
        "pose, shuffled": lambda: scores.pose_scores(exhibit.other_poses, exhibit.transfers, estimator),
        "pose, photos": lambda: scores.pose_scores(exhibit.poses, exhibit.images, estimator),
        "appearance under transfer": lambda: scores.appearance_scores(exhibit),
        "diversity": lambda: scores.diversity_scores(exhibit),
        "detail": lambda: scores.detail_scores(exhibit),
        "unlike photos": lambda: scores.realism_scores(exhibit),
        "latent": lambda: scores.latent_scores(exhibit),
    }
    if poses:
        groups["pose, far"] = lambda: scores.pose_scores(poses, exhibit.in_poses(poses), estimator)
    return groups


def evaluation_sheet(exhibit: Exhibit) -> np.ndarray:
    """Columns are people; rows: photo, reconstruction, the look in another's pose, that pose's owner, two samples."""
    chosen = range(min(SHEET_PEOPLE, len(exhibit.people)))
    rows = [
        [exhibit.images[i] for i in chosen],
        [exhibit.reconstructions[i] for i in chosen],
        [exhibit.transfers[i] for i in chosen],
        [exhibit.images[exhibit.others[i]] for i in chosen],
        [exhibit.samples[i][0] for i in chosen],
        [exhibit.samples[i][1] for i in chosen],
    ]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows], axis=0)


def table(result: dict[str, Any]) -> str:
    """The scores as lines of text."""
    lines = [f"{result['people']} held-out people, drawn at {result['size']} px, compared at {SIZE}"]
    for group, values in result.items():
        if isinstance(values, dict):
            lines.append(f"{group:28}" + "   ".join(f"{name} {value:.3g}" for name, value in values.items()))
    return "\n".join(lines)
