"""The scores of an evaluation, group by group. Distances between people are given in those of random pairs of photos."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from vunet.errors import NoPersonFound
from vunet.evaluate import metrics
from vunet.evaluate.compared_pictures import EvaluationPictures
from vunet.losses.kernel_distance import judging_features
from vunet.losses.kernel_distance import summaries as tensor_summaries
from vunet.losses.perceptual import feature_distance
from vunet.model.latent import Gaussian, kl_divergence
from vunet.person.crops import crop_parts
from vunet.person.tensors import condition, to_tensor
from vunet.pose.estimators.detection import Estimator, largest_person
from vunet.pose.joints import JOINTS
from vunet.pose.skeleton import Pose

Scores = dict[str, float]
LOOKED_AT = 768  # pixels of the picture in which a pose is estimated again


def reconstruction_scores(evaluation: EvaluationPictures) -> Scores:
    """SSIM over the frame and over the person, PSNR, perceptual distance on features that no training loss uses."""
    pictures, truths = evaluation.reconstructions, evaluation.images
    rows = [metrics.similarity(*each) for each in zip(pictures, truths, evaluation.masks, strict=True)]
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return means | {"perceptual": _perceptual(pictures, truths)}


def pose_scores(poses: Sequence[Pose], pictures: Sequence[np.ndarray], estimator: Estimator) -> Scores:
    """Pose of the output, estimated again: share of pictures with a person found, mean joint error in pixels at 256 over
    the people found, PCKh@0.5 over all joints of all pictures, and over the wrists alone, which are hardest."""
    found = [_estimated(picture, estimator) for picture in pictures]
    errors = [metrics.joint_errors(wanted, got, 256) for wanted, got in zip(poses, found, strict=True)]
    heads, flat = [metrics.head_length(pose, 256) for pose in poses], np.concatenate(errors)
    return {
        "found": float(np.mean([pose is not None for pose in found])),
        "joint_error": float(flat[np.isfinite(flat)].mean()) if np.isfinite(flat).any() else float("inf"),
        "pckh": metrics.pckh(errors, heads),
        "pckh_wrists": metrics.pckh([e[_wrists(pose)] for e, pose in zip(errors, poses, strict=True)], heads),
    }


def _wrists(pose: Pose) -> np.ndarray:
    """Which of the visible joints are wrists: (V,) bool."""
    return np.array([name.endswith("wrist") for name, seen in zip(JOINTS, pose.visible, strict=True) if seen])


def appearance_scores(evaluation: EvaluationPictures) -> Scores:
    """Colours and crops of each look in another pose against the source's: 0 kept, 1 no nearer than a random person."""
    moved = _colours(evaluation.transfers, evaluation.other_poses)
    kept = [metrics.colour_distance(a, b) for a, b in zip(_real_colours(evaluation), moved, strict=True)]
    return {
        "colour": float(np.mean(kept)) / _spread(_real_colours(evaluation)),
        "perceptual": crop_distance(evaluation, evaluation.images, evaluation.transfers),
    }


def crop_distance(evaluation: EvaluationPictures, photos: Sequence[np.ndarray], moved: Sequence[np.ndarray]) -> float:
    """Perceptual distance of the parts' crops in other people's poses to the photos' crops, relative to random pairs."""
    strips = _strips(photos, evaluation.poses)
    random = _perceptual([strips[i] for i in evaluation.others], strips)
    return _perceptual(_strips(moved, evaluation.other_poses), strips) / random


def diversity_scores(evaluation: EvaluationPictures) -> Scores:
    """Spread of the samples of one pose against real people's; distance of a sample to the nearest person's colours
    against that of a real person (1: like a person, more: like nobody)."""
    real = _real_colours(evaluation)
    sampled = [_colours(row, [pose] * len(row)) for row, pose in zip(evaluation.samples, evaluation.poses, strict=True)]
    nearest = [min(metrics.colour_distance(c, r) for r in real) for row in sampled for c in row]
    usual = [min(metrics.colour_distance(a, b) for b in real if b is not a) for a in real]
    return {
        "spread": float(np.mean([_spread(row) for row in sampled])) / _spread(real),
        "distance_to_people": float(np.mean(nearest) / np.mean(usual)),
    }


def detail_scores(evaluation: EvaluationPictures) -> Scores:
    """Vertical detail over the person, relative to the photos."""
    real = mean_detail(evaluation.images, evaluation.masks)
    sampled = [mean_detail(column, evaluation.masks) for column in zip(*evaluation.samples, strict=True)]
    return {
        "reconstructions": mean_detail(evaluation.reconstructions, evaluation.masks) / real,
        "samples": float(np.mean(sampled)) / real,
    }


def latent_scores(evaluation: EvaluationPictures) -> Scores:
    """Each latent scale: the change of the person (0-255) with another person's z, and, for models that hold the authors'
    prior, half of ||mu_q - mu_p||^2 in nats.

    The prior sees the posterior's means, not samples of it as in training: this is a little less than KL(q || p).
    """
    scores: Scores = {}
    if evaluation.studio.config.autoregressive:
        divergences = np.mean([_divergences(evaluation, i) for i in range(len(evaluation.people))], axis=0)
        scores |= {f"kl_{scale}": float(divergence) for scale, divergence in enumerate(divergences)}
    for scale in range(evaluation.studio.config.latents):
        each = zip(evaluation.swapped(scale), evaluation.reconstructions, evaluation.masks, strict=True)
        scores[f"swap_{scale}"] = float(np.mean([np.abs(a.astype(int) - b)[mask].mean() for a, b, mask in each]))
    return scores


@torch.no_grad()
def _divergences(evaluation: EvaluationPictures, index: int) -> list[float]:
    model, look = evaluation.studio.model, evaluation.looks[index]
    like = next(model.parameters())
    inputs = {name: value[None] for name, value in condition(evaluation.poses[index], model.config).items()}
    zs = [torch.from_numpy(code)[None].to(like) for code in look.codes]
    transforms = inputs["transforms"].to(like.device) if "transforms" in inputs else None
    priors = model.decode(inputs["shape"].to(like), zs, transforms)[1]
    return [float(kl_divergence(Gaussian(z), p)) for z, p in zip(zs, priors, strict=True)]


def _estimated(picture: np.ndarray, estimator: Estimator) -> Pose | None:
    large = np.array(Image.fromarray(picture).resize((LOOKED_AT, LOOKED_AT), Image.Resampling.BICUBIC))
    try:
        detection, _ = largest_person(estimator, large)
    except NoPersonFound:
        return None
    return Pose(np.clip(detection.joints / LOOKED_AT, -0.5, 1.5), detection.visible)


def _colours(pictures: Sequence[np.ndarray], poses: Sequence[Pose]) -> list[np.ndarray]:
    return [metrics.part_colours(picture, pose) for picture, pose in zip(pictures, poses, strict=True)]


def _real_colours(evaluation: EvaluationPictures) -> list[np.ndarray]:
    return _colours(evaluation.images, evaluation.poses)


def _spread(colours: Sequence[np.ndarray]) -> float:
    return float(np.mean([metrics.colour_distance(a, b) for a, b in itertools.combinations(colours, 2)]))


def _strips(pictures: Sequence[np.ndarray], poses: Sequence[Pose]) -> list[np.ndarray]:
    """The body-part crops of each picture, side by side."""
    return [np.concatenate(list(crop_parts(i, p, "body", 64)), axis=1) for i, p in zip(pictures, poses, strict=True)]


def mean_detail(pictures: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> float:
    """The mean of `metrics.vertical_detail`."""
    return float(np.mean([metrics.vertical_detail(p, m) for p, m in zip(pictures, masks, strict=True)]))


def summaries(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """What the kernel distance compares of pictures (S, S, 3) uint8: (N, D)."""
    return tensor_summaries(to_tensor(picture) for picture in pictures)


@torch.no_grad()
def _perceptual(pictures: Sequence[np.ndarray], truths: Sequence[np.ndarray]) -> float:
    features = judging_features()
    pairs = [(features(to_tensor(a)[None]), features(to_tensor(b)[None])) for a, b in zip(pictures, truths, strict=True)]
    return float(np.mean([feature_distance(*pair) for pair in pairs]))
