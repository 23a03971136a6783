"""Limbs in other positions: arms and legs turned at their joints.

Street photos show standing people with hanging arms, and the first thing a user does is raise one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vunet.person.augmentation_plan import TURNED, Limb, WarpPlan
from vunet.pose.joints import ARMS, TORSO
from vunet.pose.skeleton import Pose

MARGIN = 0.06  # around the joints, in frames


@dataclass(frozen=True)
class LimbRotation:
    """Chances that an arm or a leg is turned, and how far its two joints turn at most, in degrees."""

    arms: float = 0.5
    legs: float = 0.45
    shoulder: float = 170.0
    elbow: float = 120.0
    hip: float = 110.0
    knee: float = 100.0

    def __call__(self, plan: WarpPlan, rng: np.random.Generator) -> WarpPlan:
        """With some limbs turned, in a frame that holds them; the draw does not depend on what is visible."""
        draws = [(limb, self._angles(limb, rng), rng.random()) for limb in TURNED]
        chosen = [(limb, angles) for limb, angles, u in draws if u < self._chance(limb) and plan.pose.has(*limb)]
        if not chosen or not plan.pose.has(*TORSO):
            return plan
        for limb, angles in chosen:
            plan = plan.limb_turned(limb, angles)
        return plan.moved(_around(plan.pose))

    def _chance(self, limb: Limb) -> float:
        return self.arms if limb in ARMS else self.legs

    def _angles(self, limb: Limb, rng: np.random.Generator) -> tuple[float, float]:
        first, second = (self.shoulder, self.elbow) if limb in ARMS else (self.hip, self.knee)
        outwards = 1 if limb[0].startswith("r") else -1  # clockwise for the limb on the picture's left
        return outwards * rng.uniform(-0.2 * first, first), rng.uniform(-second, second)


def _around(pose: Pose) -> np.ndarray:
    """(2, 3): the frame, grown and shifted as far as the joints need it: a raised hand must not be cut off."""
    joints = pose.joints[pose.visible]
    low, high = joints.min(axis=0) - MARGIN, joints.max(axis=0) + MARGIN
    side = max(1.0, float((high - low).max()))
    corner = np.clip(np.full(2, 0.5 - side / 2), high - side, low)
    return np.column_stack([np.eye(2) / side, -corner / side])
