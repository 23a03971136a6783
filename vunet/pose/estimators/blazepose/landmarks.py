"""The 33 points and the mask of the person in a turned square.

Numbers are those of MediaPipe's graphs `pose_landmark_by_roi` and `tensors_to_pose_landmarks_and_segmentation`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import expit

from vunet.pose.estimators.blazepose.detector import Region

SIDE = 256  # pixels of the network's picture
POINTS, AUXILIARY = 33, 6
PRESENT = 0.5  # probability from which somebody is in the square
KERNEL = 7  # cells of a heatmap around a point, whose mean it becomes
CLEAR = 0.5  # value that one of them has to reach


@dataclass(frozen=True, eq=False)
class Landmarks:
    """points: (33, 2) float32, pixels of the picture, in MediaPipe's order. visibility: (33,) in [0, 1]. mask: (H, W)
    float32 in [0, 1]."""

    points: np.ndarray
    visibility: np.ndarray
    mask: np.ndarray


def cut_region(picture: np.ndarray, region: Region) -> np.ndarray:
    """(SIDE, SIDE, 3) float32 in [0, 1]; the picture's edge goes on beyond it."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrix = region.to_picture(SIDE)
    crop = cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return crop.astype(np.float32) / 255


def read_landmarks(
    raw: np.ndarray, presence: float, mask: np.ndarray, heatmaps: np.ndarray, region: Region, shape: tuple[int, ...]
) -> Landmarks | None:
    """What the network's outputs say of a picture of (H, W); None where nobody is in the square.

    raw: 39 times x, y, z in pixels of the square, and logits of visibility and presence. mask: logits (SIDE, SIDE).
    heatmaps: (64, 64, 39) logits.
    """
    if presence < PRESENT:
        return None
    rows = raw.reshape(POINTS + AUXILIARY, 5)[:POINTS]
    places = _refined(rows[:, :2] / SIDE, expit(heatmaps[..., :POINTS])) * SIDE
    matrix = region.to_picture(SIDE)
    points = places @ matrix[:, :2].T + matrix[:, 2]
    whole = cv2.warpAffine(expit(mask), matrix, shape[1::-1], flags=cv2.INTER_LINEAR)
    return Landmarks(points.astype(np.float32), expit(rows[:, 3]), whole)


def _refined(places: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """Points (P, 2) in fractions of the square, each the mean of its heatmap (h, w, P) around it where that is clear."""
    size, reach = np.array(heatmaps.shape[1::-1]), KERNEL // 2
    refined = places.copy()
    for i, (column, row) in enumerate((places * size).astype(int)):
        if not (0 <= column < size[0] and 0 <= row < size[1]):
            continue
        top, left = max(row - reach, 0), max(column - reach, 0)
        weights = heatmaps[top : row + reach + 1, left : column + reach + 1, i]
        if weights.max() >= CLEAR:
            rows, columns = np.indices(weights.shape)
            mean = np.array([((columns + left) * weights).sum(), ((rows + top) * weights).sum()]) / weights.sum()
            refined[i] = mean / size
    return refined
