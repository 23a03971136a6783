"""Where faces and hands are, which the losses treat apart."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from vunet.pose.anatomy import FACE, HAND, WRIST_TO_HAND, direction, torso_axis
from vunet.pose.joints import ARMS
from vunet.pose.skeleton import Pose


def face_of(pose: Pose, size: int) -> np.ndarray:
    """(S, S) uint8, 1 within the face."""
    return _painted([face_disc(pose)], size)


def hands_of(pose: Pose, size: int) -> np.ndarray:
    """(S, S) uint8, 1 within the hands and at their outlines."""
    return _painted(hand_discs(pose), size)


def face_disc(pose: Pose) -> np.ndarray:
    """x, y, radius in fractions of the frame: around the nose, in proportion to its distance from the neck; 0 without."""
    if not pose.has("lshoulder", "rshoulder", "cnose"):
        return np.zeros(3)
    return np.array([*pose.xy("cnose"), FACE * float(np.linalg.norm(pose.xy("cnose") - pose.xy("neck")))])


def hand_discs(pose: Pose) -> np.ndarray:
    """The same (2, 3) beyond each wrist."""
    discs = np.zeros((2, 3))
    for disc, arm in zip(discs, ARMS, strict=True):
        if pose.usable() and pose.has(*arm):
            _, scale = torso_axis(pose)
            along = direction(pose.xy(arm[2]) - pose.xy(arm[1]), np.zeros(2))
            disc[:] = *(pose.xy(arm[2]) + WRIST_TO_HAND * scale * along), HAND * scale
    return discs


def _painted(discs: Iterable[np.ndarray], size: int) -> np.ndarray:
    canvas = np.zeros((size, size), np.uint8)
    for x, y, radius in discs:
        if radius:
            cv2.circle(canvas, (round(float(size * x)), round(float(size * y))), round(size * radius), 1, cv2.FILLED)
    return canvas
