"""Augmentation that keeps picture, mask and pose together."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from vunet.data.behind import from_behind
from vunet.data.framed import Framed, warp
from vunet.data.limbs import LimbTurns


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes: degrees, chance of any angle at all (cartwheels, people who lie), scale factors,
    shift in fractions, chance of a flip, gain of each colour, chance of a back."""

    rotation: float = 15.0
    tumble: float = 0.3
    scale: tuple[float, float] = (0.85, 1.12)
    shift: float = 0.04
    flip: float = 0.5
    gain: float = 0.06
    behind: float = 0.2
    limbs: LimbTurns = field(default_factory=LimbTurns)

    def __call__(self, person: Framed, size: int, rng: np.random.Generator) -> tuple[Framed, Framed]:
        """The person twice: as photographed but flipped and tinted, and at `size` pixels with limbs and frame changed."""
        if rng.random() < self.flip:
            person = Framed(person.frame[:, ::-1], person.mask[:, ::-1], person.pose.mirrored())
        person = Framed(self._tinted(person.frame, rng), person.mask, person.pose)
        changed = warp(self._turned(person, rng), self._matrix(rng), size)
        return person, changed if changed.pose.usable() else warp(person, np.eye(2, 3), size)

    def _turned(self, person: Framed, rng: np.random.Generator) -> Framed:
        """With limbs turned, and at times seen from behind; the draw does not depend on what is visible."""
        behind, eyes = rng.random(2)
        person = self.limbs(person, rng)
        return from_behind(person, bool(eyes < 0.5)) if behind < self.behind else person

    def _matrix(self, rng: np.random.Generator) -> np.ndarray:
        """(2, 3) in fractions of the frame: turn and scale about its middle, then shift."""
        usual, any_angle = rng.normal(0, self.rotation / 2), rng.uniform(-180, 180)
        angle = np.deg2rad(any_angle if rng.random() < self.tumble else usual)
        scale = rng.uniform(*self.scale)
        turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        middle = np.array([0.5, 0.5])
        return np.column_stack([turn, middle - turn @ middle + rng.uniform(-self.shift, self.shift, 2)])

    def _tinted(self, frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        gains = 1 + rng.uniform(-self.gain, self.gain, 3)
        table = np.clip(np.arange(256)[:, None] * gains, 0, 255).astype(np.uint8)
        return cv2.LUT(np.ascontiguousarray(frame), table[None])
