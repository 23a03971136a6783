"""Metrics as pure functions of pictures and poses. Pictures are (S, S, 3) uint8 RGB, masks (S, S) bool."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from vunet.losses.seams import border_ratio
from vunet.person.part_colours import colours_in
from vunet.person.parts import part_transforms
from vunet.person.tensors import to_tensor
from vunet.pose.anatomy import PART_GROUPS
from vunet.pose.skeleton import Pose


def similarity(picture: np.ndarray, truth: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    """SSIM over the frame and over the person's pixels (a plain background flatters the former), PSNR in dB."""
    whole, local = structural_similarity(picture, truth, channel_axis=2, full=True)
    return {
        "ssim": float(whole),
        "ssim_person": float(local.mean(axis=2)[mask].mean()),
        "psnr": float(peak_signal_noise_ratio(truth, picture)),
    }


def joint_errors(wanted: Pose, found: Pose | None, size: int) -> np.ndarray:
    """Distances in pixels of the joints visible in `wanted`; infinite when nobody was found.

    An estimator's own doubts do not count: a joint that it calls hidden is compared where it puts it.
    """
    if found is None:
        return np.full(int(wanted.visible.sum()), np.inf)
    return (np.linalg.norm(wanted.joints - found.joints, axis=1) * size)[wanted.visible]


def head_length(pose: Pose, size: int) -> float:
    """Pixels from neck to nose, the head size of our PCKh; at least two fifths of the shoulders' width."""
    return pose.head_length() * size


def pckh(errors: Sequence[np.ndarray], heads: Sequence[float], threshold: float = 0.5) -> float:
    """Share of joints closer than `threshold` head lengths."""
    return float(np.mean(np.concatenate([e < threshold * h for e, h in zip(errors, heads, strict=True)])))


def part_colours(picture: np.ndarray, pose: Pose) -> np.ndarray:
    """(4, 3) mean CIELAB colours of head, torso, legs, shoes, as `colours_in` reads them."""
    return colours_in(picture, pose, PART_GROUPS)


def colour_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Mean CIELAB distance of two sets of part colours, over the parts that both have."""
    return float(np.nanmean(np.linalg.norm(a - b, axis=-1)))


def vertical_detail(picture: np.ndarray, mask: np.ndarray) -> float:
    """Mean step of grey values between rows, over the person: a blur has little of it."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    inside = mask[1:] & mask[:-1]
    return float(np.abs(np.diff(grey, axis=0))[inside].mean())


def seams(picture: np.ndarray, pose: Pose, mask: np.ndarray) -> float:
    """`border_ratio` of one picture: 1 where borders of parts are nowhere to be seen, NaN where none lies in the person."""
    transforms = torch.from_numpy(part_transforms(pose, "body"))[None]
    return float(border_ratio(to_tensor(picture)[None], transforms, torch.from_numpy(mask)[None, None])) or np.nan


def distances(features: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Of each row (N, D) to each of the known ones (M, D): (N, M)."""
    squares = (features**2).sum(1)[:, None] + (known**2).sum(1) - 2 * features @ known.T
    return np.sqrt(squares.clip(0))


def mean_distance(features: np.ndarray) -> float:
    """Mean distance between two different rows (N, D)."""
    pairs = [np.linalg.norm(features[i + 1 :] - row, axis=1) for i, row in enumerate(features[:-1])]
    return float(np.concatenate(pairs).mean())
