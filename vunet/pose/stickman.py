"""The shape image ŷ: a stickman drawing, the input of the shape encoder E."""

from __future__ import annotations

import cv2
import numpy as np

from vunet.pose.joints import JOINTS, LEFT, LIMBS, RIGHT, TORSO
from vunet.pose.skeleton import Pose

R, G, B = 0, 1, 2
_SIDES = {RIGHT: R, LEFT: G}
# Limbs of one side; the neck and the shoulder and hip lines are drawn otherwise or not at all.
_LINES = [(a, b, _SIDES[colour]) for a, b, colour in LIMBS if colour in _SIDES]
_SUBPIXEL_BITS = 4


def draw_stickman(pose: Pose, size: int, smooth: bool = True) -> np.ndarray:
    """(size, size, 3) uint8. R: right arm and leg, G: left arm and leg, B: the filled torso.

    The neck (middle of the shoulders to the nose) is 127 in R and G, nose to eye 255 on its side; lines are
    int(3 size / 128) wide. `smooth` draws sub-pixel coordinates with anti-aliasing, so that the drawing follows a drag
    without steps; without it the drawing equals the authors' to the pixel.
    """
    planes = [np.zeros((size, size), np.uint8) for _ in range(3)]
    pixels = pose.joints.astype(np.float64) * size
    points = {name: _fixed_point(pixels[i], smooth) for i, name in enumerate(JOINTS) if pose.visible[i]}
    if all(n in points for n in TORSO):
        quad = np.array([points[n] for n in ("lhip", "lshoulder", "rshoulder", "rhip")])
        cv2.fillPoly(planes[B], [quad], 255, *_style(smooth))
    if all(n in points for n in ("lshoulder", "rshoulder", "cnose")):
        points["neck"] = _fixed_point(pose.xy("neck").astype(np.float64) * size, smooth)
        for plane in (R, G):
            _line(planes[plane], points, "neck", "cnose", 127, size, smooth)
    for a, b, plane in _LINES:
        _line(planes[plane], points, a, b, 255, size, smooth)
    return np.stack(planes, axis=-1)


def _style(smooth: bool) -> tuple[int, int]:
    return (cv2.LINE_AA, _SUBPIXEL_BITS) if smooth else (cv2.LINE_8, 0)


def _fixed_point(xy: np.ndarray, smooth: bool) -> tuple[int, int]:
    scaled = xy * (1 << _SUBPIXEL_BITS) if smooth else xy
    return int(scaled[0]), int(scaled[1])


def _line(plane: np.ndarray, points: dict, a: str, b: str, value: int, size: int, smooth: bool) -> None:
    if a in points and b in points:
        line_type, shift = _style(smooth)
        cv2.line(plane, points[a], points[b], value, max(1, int(3 * size / 128)), line_type, shift)
