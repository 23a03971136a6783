"""Picture, mask and pose of one person, kept together through every change of the frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from vunet.inputs.person import cut_out, without_aliasing
from vunet.pose.joints import ARMS
from vunet.pose.skeleton import Pose

FACE = 0.55  # of the distance from neck to nose
HAND, BEYOND = 0.17, 0.12  # radius of a hand, and how far it is beyond the wrist, in distances from neck to hips


@dataclass(frozen=True)
class Framed:
    """A frame (S, S, 3) uint8 with its mask (S, S) uint8 and pose in fractions."""

    frame: np.ndarray
    mask: np.ndarray
    pose: Pose

    def mirrored(self) -> Framed:
        """Left and right exchanged."""
        return Framed(self.frame[:, ::-1], self.mask[:, ::-1], self.pose.mirrored())


def warp(person: Framed, matrix: np.ndarray, size: int) -> Framed:
    """Applies a (2, 3) matrix in fractions of the frame; joints that leave the frame become missing."""
    source = person.frame.shape[0]
    # Pixel centres: x_pixel + 0.5 = size * x_fraction.
    pixels = matrix * [[size / source, size / source, size]]
    pixels[:, 2] += pixels[:, :2].sum(axis=1) * 0.5 - 0.5
    frame, mask = (_warped(picture, pixels, size) for picture in (person.frame, person.mask))
    joints = person.pose.joints @ matrix[:, :2].T + matrix[:, 2]
    inside = (np.abs(joints - 0.5) <= 0.5).all(axis=1)
    return Framed(frame, mask, Pose(np.clip(joints, 0, 1), person.pose.visible & inside))


def _warped(picture: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    smooth = without_aliasing(np.ascontiguousarray(picture), len(picture) / size)
    return cv2.warpAffine(smooth, matrix, (size, size), flags=cv2.INTER_LINEAR)


def image_of(person: Framed) -> np.ndarray:
    """The person cut out on the light background, (S, S, 3) uint8."""
    return cut_out(person.frame, person.mask / np.float32(255))


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
    discs, torso = np.zeros((2, 3)), torso_length(pose)
    for disc, arm in zip(discs, ARMS, strict=True):
        if pose.usable() and pose.has(*arm):
            forearm = pose.xy(arm[2]) - pose.xy(arm[1])
            beyond = BEYOND * torso * forearm / max(float(np.linalg.norm(forearm)), 1e-3)
            disc[:] = *(pose.xy(arm[2]) + beyond), HAND * torso
    return discs


def torso_length(pose: Pose) -> float:
    """From the neck to between the hips, in fractions of the frame."""
    return float(np.linalg.norm(pose.xy("neck") - (pose.xy("lhip") + pose.xy("rhip")) / 2))


def _painted(discs: Iterable[np.ndarray], size: int) -> np.ndarray:
    canvas = np.zeros((size, size), np.uint8)
    for x, y, radius in discs:
        if radius:
            cv2.circle(canvas, (round(float(size * x)), round(float(size * y))), round(size * radius), 1, cv2.FILLED)
    return canvas
