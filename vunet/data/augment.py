"""Augmentation that keeps picture, mask and pose together."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vunet.person import cut_out
from vunet.pose.skeleton import Pose


@dataclass(frozen=True)
class Framed:
    """A frame (S, S, 3) uint8 with its mask (S, S) uint8 and pose in fractions."""

    frame: np.ndarray
    mask: np.ndarray
    pose: Pose


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes: degrees, scale factors, shift in fractions, chance of a flip, gain of each colour."""

    rotation: float = 15.0
    scale: tuple[float, float] = (0.85, 1.12)
    shift: float = 0.04
    flip: float = 0.5
    gain: float = 0.06

    def __call__(self, person: Framed, size: int, rng: np.random.Generator) -> Framed:
        """A changed copy at `size` pixels."""
        if rng.random() < self.flip:
            person = Framed(person.frame[:, ::-1], person.mask[:, ::-1], person.pose.mirrored())
        matrix = self._matrix(rng)
        frame = self._tinted(person.frame, rng)
        return warp(Framed(frame, person.mask, person.pose), matrix, size)

    def _matrix(self, rng: np.random.Generator) -> np.ndarray:
        """(2, 3) in fractions of the frame: turn and scale about its middle, then shift."""
        angle = np.deg2rad(rng.normal(0, self.rotation / 2))
        scale = rng.uniform(*self.scale)
        turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        middle = np.array([0.5, 0.5])
        return np.column_stack([turn, middle - turn @ middle + rng.uniform(-self.shift, self.shift, 2)])

    def _tinted(self, frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        gains = 1 + rng.uniform(-self.gain, self.gain, 3)
        table = np.clip(np.arange(256)[:, None] * gains, 0, 255).astype(np.uint8)
        return cv2.LUT(np.ascontiguousarray(frame), table[None])


def warp(person: Framed, matrix: np.ndarray, size: int) -> Framed:
    """Applies a (2, 3) matrix in fractions of the frame; joints that leave the frame become missing."""
    source = person.frame.shape[0]
    # Pixel centres: x_pixel + 0.5 = size * x_fraction.
    pixels = matrix * [[size / source, size / source, size]]
    pixels[:, 2] += pixels[:, :2].sum(axis=1) * 0.5 - 0.5
    frame = cv2.warpAffine(np.ascontiguousarray(person.frame), pixels, (size, size), flags=cv2.INTER_AREA)
    mask = cv2.warpAffine(np.ascontiguousarray(person.mask), pixels, (size, size), flags=cv2.INTER_AREA)
    joints = person.pose.joints @ matrix[:, :2].T + matrix[:, 2]
    inside = (np.abs(joints - 0.5) <= 0.5).all(axis=1)
    return Framed(frame, mask, Pose(np.clip(joints, 0, 1), person.pose.visible & inside))


def image_of(person: Framed) -> np.ndarray:
    """The person cut out on the light background, (S, S, 3) uint8."""
    return cut_out(person.frame, person.mask / np.float32(255))
