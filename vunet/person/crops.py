"""Body-part crops, cut from a picture on the CPU. `vunet.person.crops_gpu` cuts the same on a GPU, batch by batch."""

from __future__ import annotations

import cv2
import numpy as np

from vunet.person.parts import NOWHERE, UNIT_SQUARE, Layout, Quad, crop_maps, hidden_parts, stand_ins
from vunet.person.resampling import warp
from vunet.pose.skeleton import Pose


def crop_parts(image: np.ndarray, pose: Pose, layout: Layout, size: int) -> np.ndarray:
    """The body-part crops of a square picture, (P, size, size, 3), in the picture's dtype and range.

    image: (S, S, 3) uint8, or float in [-1, 1]. A missing part is middle grey, 0 on the [-1, 1] scale, as in the published
    code.
    """
    blank = np.full((size, size, 3), _grey(image), image.dtype)
    maps = crop_maps(pose, layout, len(image))
    return np.stack([blank if (m == NOWHERE).all() else _cut(image, m, size, layout) for m in maps])


def seen_parts(image: np.ndarray, pose: Pose, layout: Layout, size: int) -> np.ndarray:
    """What F reads of a picture: `crop_parts`, and hidden limbs as their other side has them (`completed`)."""
    return completed(crop_parts(image, pose, layout, size), hidden_parts(pose, layout), layout)


def completed(crops: np.ndarray, hidden: np.ndarray, layout: Layout) -> np.ndarray:
    """A copy of crops (P, s, s, 3); hidden parts (P,) are grey or, in layout `body`, their other side's mirror images."""
    chosen, missing = stand_ins(hidden, layout)
    crops, seen = crops[chosen], crops
    for part in np.flatnonzero(chosen != np.arange(len(chosen))):
        crops[part] = seen[chosen[part]][:, ::-1]
    crops[missing] = _grey(crops)
    return crops


def cut_quad(rgba: np.ndarray, quad: Quad | None, size: int) -> np.ndarray:
    """One part's crop (size, size, 4) of a frame (S, S, 4) uint8; empty without a quad and outside of the frame."""
    if quad is None:
        return np.zeros((size, size, 4), np.uint8)
    source, target = (quad * len(rgba))[:3].astype(np.float32), (UNIT_SQUARE * size)[:3]
    return warp(rgba, cv2.getAffineTransform(target, source), (size, size))


def _cut(image: np.ndarray, crop_map: np.ndarray, size: int, layout: Layout) -> np.ndarray:
    matrix = np.diag([len(image), len(image), 1.0]) @ crop_map @ np.diag([1 / size, 1 / size, 1])
    return warp(image, matrix, (size, size), cv2.BORDER_REPLICATE, middle=0.0 if layout == "authors" else 0.5)


def _grey(image: np.ndarray) -> int:
    return 128 if image.dtype == np.uint8 else 0
