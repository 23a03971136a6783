"""Metrics as pure functions of pictures and poses. Pictures are (S, S, 3) uint8 RGB, masks (S, S) bool."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from vunet.losses.seams import BESIDE, STEP
from vunet.person.part_colours import colours_in
from vunet.person.parts import part_quads
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


BORDER_POINTS = 24  # along each border of a part


def seams(picture: np.ndarray, pose: Pose, mask: np.ndarray) -> float:
    """Mean step of grey values across the borders of the parts' crops, in that across lines beside them, within the person;
    1 where borders are nowhere to be seen. NaN where no border lies in the person."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    size = len(grey)
    inner = cv2.erode(mask.astype(np.uint8), np.ones((7, 7), np.uint8))
    points, normals = _borders(pose, size)
    here = _steps(grey, inner, points, normals)
    beside = [_steps(grey, inner, points + way * BESIDE * normals, normals) for way in (-1, 1)]
    return float(np.mean(here) / np.mean(np.concatenate(beside))) if len(here) and len(np.concatenate(beside)) else np.nan


def _borders(pose: Pose, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, 2) in pixels along the borders of all parts, and unit normals there."""
    along = np.linspace(0, 1, BORDER_POINTS + 2)[1:-1, None]
    points, normals = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for quad in part_quads(pose, "body"):
        if quad is not None:
            for a, b in zip(quad * size, np.roll(quad, -1, axis=0) * size, strict=True):
                points.append(a + along * (b - a))
                normal = np.array([a[1] - b[1], b[0] - a[0]]) / max(float(np.linalg.norm(b - a)), 1e-6)
                normals.append(np.broadcast_to(normal, (BORDER_POINTS, 2)))
    return np.concatenate(points), np.concatenate(normals)


def _steps(grey: np.ndarray, mask: np.ndarray, points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    ends = [(points + way * STEP * normals).astype(np.float32) for way in (-1, 1)]
    low, high = (cv2.remap(grey, each[:, :1], each[:, 1:], cv2.INTER_LINEAR)[:, 0] for each in ends)
    inside = cv2.remap(mask, points[:, :1].astype(np.float32), points[:, 1:].astype(np.float32), cv2.INTER_NEAREST)[:, 0]
    return np.abs(high - low)[inside > 0]


def distances(features: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Of each row (N, D) to each of the known ones (M, D): (N, M)."""
    squares = (features**2).sum(1)[:, None] + (known**2).sum(1) - 2 * features @ known.T
    return np.sqrt(squares.clip(0))


def mean_distance(features: np.ndarray) -> float:
    """Mean distance between two different rows (N, D)."""
    pairs = [np.linalg.norm(features[i + 1 :] - row, axis=1) for i, row in enumerate(features[:-1])]
    return float(np.concatenate(pairs).mean())
