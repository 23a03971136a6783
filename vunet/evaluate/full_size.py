"""Scores of the pictures at rest, twice D's size: with the photo's own detail c, without it, and copies alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from vunet.evaluate import metrics
from vunet.evaluate.compared_pictures import EvaluationPictures, framed
from vunet.evaluate.scores import Scores, crop_distance, mean_detail, pose_scores, summaries
from vunet.losses.kernel_distance import kernel_distance
from vunet.person.ground import BACKGROUND
from vunet.person.photo_in_pose import carried
from vunet.pose.estimators.detection import Estimator
from vunet.pose.skeleton import Pose
from vunet.studio.appearance import Appearance

Render = Callable[[Appearance, Pose], np.ndarray]


def full_size_scores(
    evaluation: EvaluationPictures, estimator: Callable[[], Estimator], far: Sequence[Pose] = ()
) -> dict[str, Scores]:
    """Groups of scores by kind of picture; empty for models without a detail network. far: poses that no photo has.

    Where a model has a detail network for samples, this one draws what has no photo's detail.
    """
    studio = evaluation.studio
    if studio.size == studio.live_size:
        return {}
    kinds: dict[str, Render] = {
        "with the photo's detail": studio.render,
        "without it": lambda look, pose: studio.render(replace(look, detail=()), pose),
        "copies alone": lambda look, pose: copied(look, pose, studio.size),
    }
    photos = [framed(evaluation.data, record, studio.size) for record in evaluation.records]
    images, masks = [p.image for p in photos], [p.mask > 127 for p in photos]
    scores = {kind: _scores(evaluation, images, masks, render, estimator) for kind, render in kinds.items()}
    for kind, render in kinds.items() if far else ():
        pictures = [render(look, pose) for look, pose in zip(itertools.cycle(evaluation.looks), far)]
        scores[kind] |= {f"{name}, far": value for name, value in pose_scores(far, pictures, estimator()).items()}
    sampled = evaluation.full_size_samples
    scores["samples"] = {
        "detail": mean_detail(sampled, masks) / mean_detail(images, masks),
        "kernel distance": kernel_distance(summaries(sampled), summaries(images)),
    }
    return {f"{studio.size} px, {kind}": each for kind, each in scores.items()}


def _scores(
    evaluation: EvaluationPictures,
    images: Sequence[np.ndarray],
    masks: Sequence[np.ndarray],
    render: Render,
    estimator: Callable[[], Estimator],
) -> Scores:
    """Own poses: SSIM of the person, detail and kernel distance. Other people's: crops, kernel distance, pose."""
    own = [render(look, pose) for look, pose in zip(evaluation.looks, evaluation.poses, strict=True)]
    moved = [render(look, pose) for look, pose in zip(evaluation.looks, evaluation.other_poses, strict=True)]
    rows = [metrics.similarity(*each) for each in zip(own, images, masks, strict=True)]
    real = summaries(images)
    return {
        "ssim_person": float(np.mean([row["ssim_person"] for row in rows])),
        "detail": mean_detail(own, masks) / mean_detail(images, masks),
        "kernel distance": kernel_distance(summaries(own), real),
        "transfers": kernel_distance(summaries(moved), real),
        "crops under transfer": crop_distance(evaluation, images, moved),
    } | pose_scores(evaluation.other_poses, moved, estimator())


def copied(look: Appearance, pose: Pose, size: int) -> np.ndarray:
    """The photo's person, carried into the pose, on the plain ground: (size, size, 3) uint8."""
    copy = carried(look.detail, pose, size).picture.astype(np.float32)
    return (copy[..., :3] + BACKGROUND * (1 - copy[..., 3:] / 255)).round().astype(np.uint8)
