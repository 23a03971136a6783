"""What pose estimators share: a detected person, and the interface of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from vunet.errors import NoPersonFound
from vunet.pose.joints import INDEX, TORSO


@dataclass(frozen=True)
class Detection:
    """One person in a photo.

    joints: (15, 2) float32 pixels of the photo, in the order of `JOINTS`. visible: (15,) bool.
    mask: (H, W) float32 in [0, 1], 1 on the person; None from estimators that give none. guessed: (15,) bool, joints in the
    photo that are hidden there, whose place is a guess.
    """

    joints: np.ndarray
    visible: np.ndarray
    mask: np.ndarray | None = None
    guessed: np.ndarray = field(default_factory=lambda: np.zeros(15, bool))

    @property
    def placed(self) -> np.ndarray:
        """(15,) bool: seen or guessed."""
        return np.asarray(self.visible | self.guessed)

    @property
    def usable(self) -> bool:
        """Both shoulders and both hips are seen."""
        return bool(self.visible[[INDEX[n] for n in TORSO]].all())

    @property
    def extent(self) -> float:
        """The longer side of the box around the visible joints, in pixels."""
        seen = self.joints[self.visible]
        return float(np.ptp(seen, axis=0).max()) if len(seen) else 0.0


class Estimator(Protocol):
    """Finds the people in a photo."""

    name: str

    def detect(self, photo: np.ndarray) -> list[Detection]:
        """photo: (H, W, 3) uint8 RGB. The people found, in any order, possibly none."""
        ...


def largest_person(estimator: Estimator, photo: np.ndarray) -> tuple[Detection, int]:
    """The largest usable person and how many people were found; raises `NoPersonFound`."""
    people = estimator.detect(photo)
    usable = [p for p in people if p.usable]
    if not people:
        raise NoPersonFound("No person was found in this photo: try another one.")
    if not usable:
        raise NoPersonFound("Shoulders and hips have to be visible: try a photo that shows them.")
    return max(usable, key=lambda p: p.extent), len(people)
