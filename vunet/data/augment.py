"""Augmentation: random changes of photos that keep picture, mask and pose together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from vunet.data.back_view import back_view
from vunet.data.foreshortening import foreshortened
from vunet.data.limb_rotation import LimbRotation
from vunet.person.augmentation_plan import WarpPlan, turn
from vunet.person.framing import Person
from vunet.person.parts import UNIT_SQUARE
from vunet.pose.joints import JOINTS, LEGS
from vunet.pose.skeleton import Pose

FILL = (0.65, 0.95)  # how much of a close-up's frame the joints' box fills
SMALLEST = 0.3  # a box closer up than this is a blur
BELOW_HIPS = [name for leg in LEGS for name in leg[1:]]


@dataclass(frozen=True)
class Augmentation:
    """Ranges of the random changes: degrees, chance of any angle at all (cartwheels, people who lie), scale factors,
    chance of a close-up (of half bodies; and people who sit or crouch fill their frames too), shift in fractions, chance of
    a flip, gain of each colour, chance of a person from behind, of a shortened back and the shortest."""

    rotation: float = 15.0
    tumble: float = 0.3
    scale: tuple[float, float] = (0.85, 1.12)
    close: float = 0.3
    shift: float = 0.04
    flip: float = 0.5
    gain: float = 0.06
    back_view: float = 0.2
    foreshortened: float = 0.2
    shortest: float = 0.4
    limbs: LimbRotation = field(default_factory=LimbRotation)

    def __call__(self, pose: Pose, photo: Callable[[], Person], rng: np.random.Generator) -> WarpPlan:
        """What is done to a person as they were prepared: the photo flipped and tinted, limbs and frame changed.

        photo: read where its pixels count, for a few.
        """
        mirrored = bool(rng.random() < self.flip)
        plan = WarpPlan.of(pose, mirrored, 1 + rng.uniform(-self.gain, self.gain, 3))
        changed = self._turned(plan, photo, rng)
        changed = changed.moved(self._matrix(changed.framed().pose, rng)).framed()
        return changed if changed.pose.usable() else plan

    def reframed(self, pose: Pose, rng: np.random.Generator) -> WarpPlan:
        """The same for one of a pair: the frame, its side and colours alone are changed."""
        plan = WarpPlan.of(pose, bool(rng.random() < self.flip), 1 + rng.uniform(-self.gain, self.gain, 3))
        changed = plan.moved(self._matrix(plan.framed().pose, rng)).framed()
        return changed if changed.pose.usable() else plan

    def _turned(self, plan: WarpPlan, photo: Callable[[], Person], rng: np.random.Generator) -> WarpPlan:
        """With limbs turned, at times foreshortened or seen from behind; the draw does not depend on what is visible."""
        turned, eyes, shortened, short = rng.random(4)
        if shortened < self.foreshortened:
            plan = foreshortened(plan, self.shortest + (1 - self.shortest) * short)
        plan = self.limbs(plan, rng)
        if turned >= self.back_view:
            return plan
        return back_view(plan, photo().mirrored() if plan.mirrored else photo(), bool(eyes < 0.5))

    def _matrix(self, pose: Pose, rng: np.random.Generator) -> np.ndarray:
        """(2, 3) in fractions of the frame: turn and scale about its middle, or the body's in close-ups, then shift."""
        usual, any_angle = rng.normal(0, self.rotation / 2), rng.uniform(-180, 180)
        angle = any_angle if rng.random() < self.tumble else usual
        close, half, scale, fill = *rng.random(2), rng.uniform(*self.scale), rng.uniform(*FILL)
        centre = np.full(2, 0.5)
        if close < self.close:
            centre, side = _box(pose, half < 0.5)
            scale = fill / side
        return turn(centre, 0.5 + rng.uniform(-self.shift, self.shift, 2), -angle, scale)


def _box(pose: Pose, half: bool) -> tuple[np.ndarray, float]:
    """Middle (2,) and larger side of the box around the visible joints, or around those from the hips up."""
    shown = pose.visible & ~(np.isin(JOINTS, BELOW_HIPS) & half)
    joints = pose.joints[shown] if shown.any() else UNIT_SQUARE
    low, high = joints.min(axis=0), joints.max(axis=0)
    return (low + high) / 2, max(float((high - low).max()), SMALLEST)
