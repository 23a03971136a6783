"""Where a person is: the boxes of an SSD detector over a letterboxed picture, and the turned square about the best of them.

Numbers are those of MediaPipe's graph `pose_detection` and `pose_detection_to_roi`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import expit

SIDE = 224  # pixels of the network's picture
STRIDES = (8, 16, 32, 32, 32)  # of its five layers; each has two anchors a cell
CERTAIN = 0.5  # score from which a box is a person
SAME = 0.3  # intersection over union above which two boxes are of one person
AROUND = 2.5  # side of the square over the distance from the hips to the top of the circle about the person
HIPS, TOP = 0, 1  # key points of a box


@dataclass(frozen=True)
class Region:
    """A turned square of a picture. centre: x, y in pixels. side: pixels. angle: radians, clockwise on the screen."""

    centre: tuple[float, float]
    side: float
    angle: float

    def to_picture(self, pixels: int) -> np.ndarray:
        """(2, 3), from a crop's pixels, `pixels` a side, to the picture's."""
        scale = self.side / pixels
        c, s = scale * np.cos(self.angle), scale * np.sin(self.angle)
        linear = np.array([[c, -s], [s, c]])
        return np.column_stack([linear, np.array(self.centre) - linear @ np.full(2, pixels / 2)])


def letterboxed(picture: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE, 3) float32 in [-1, 1]: a picture (H, W, 3) uint8, whole, with black beside it."""
    matrix = _square(picture.shape).to_picture(SIDE)
    small = cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return small.astype(np.float32) / 127.5 - 1


def best_region(raw: np.ndarray, logits: np.ndarray, shape: tuple[int, ...]) -> Region | None:
    """The square about the clearest person. raw: (B, 12), a box and four points for each anchor. logits: (B,)."""
    scores = expit(logits)
    if scores.max() < CERTAIN:
        return None
    certain = scores >= CERTAIN
    boxes, scores = _decoded(raw)[certain], scores[certain]
    best = boxes[scores.argmax()]
    same = _overlap(best, boxes) > SAME
    same[scores.argmax()] = True
    merged = (boxes[same] * scores[same, None]).sum(axis=0) / scores[same].sum()  # non-maximum suppression, weighted
    return _about(merged[4:].reshape(-1, 2), shape)


def _square(shape: tuple[int, ...]) -> Region:
    """The whole picture of (H, W)."""
    height, width = shape[:2]
    return Region((width / 2, height / 2), max(height, width), 0.0)


def _about(points: np.ndarray, shape: tuple[int, ...]) -> Region:
    """From the points (4, 2) of a box, in fractions of the letterboxed square. The person's axis becomes upright."""
    whole = _square(shape)
    points = (points - 0.5) * whole.side + whole.centre
    along = points[TOP] - points[HIPS]
    angle = np.pi / 2 - np.arctan2(-along[1], along[0])
    angle = (angle + np.pi) % (2 * np.pi) - np.pi
    x, y = points[HIPS].tolist()
    return Region((x, y), AROUND * float(np.hypot(*along)), float(angle))


def _anchors() -> np.ndarray:
    """(B, 2): the middle of each anchor, x and y in [0, 1]."""
    centres = []
    for stride in STRIDES:
        line = (np.arange(SIDE // stride) + 0.5) * stride / SIDE
        cells = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
        centres.append(np.repeat(cells, 2, axis=0))
    return np.concatenate(centres).astype(np.float32)


ANCHORS = _anchors()


def _decoded(raw: np.ndarray) -> np.ndarray:
    """(B, 12): left, top, right, bottom, then x and y of the four points, in fractions of the letterboxed square."""
    values = raw / SIDE
    centres, half = values[:, :2] + ANCHORS, values[:, 2:4] / 2
    points = values[:, 4:] + np.tile(ANCHORS, 4)
    return np.concatenate([centres - half, centres + half, points], axis=1)


def _overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(B,): intersection over union of a box with others."""
    sides = np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[:2], boxes[:, :2])
    shared = sides.clip(0).prod(axis=1)
    areas = [(b[..., 2:4] - b[..., :2]).prod(axis=-1) for b in (box, boxes)]
    return shared / (areas[0] + areas[1] - shared)
