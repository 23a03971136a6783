"""Lengths of a body, from its 15 joints as an array in any unit."""

from __future__ import annotations

import numpy as np

from vunet.pose.joints import INDEX, TORSO

ACROSS = 1.2  # torso lengths that shoulders are wide at least: a body bent towards the viewer keeps them
SHORTEST = 0.02  # torso length, in frames
EXTENT = 0.22  # of the box around the joints: the unit of length where the torso is foreshortened


def torso_length(joints: np.ndarray) -> float:
    """From the neck to between the hips, or what the shoulders' width makes of it; joints (15, 2).

    All widths of the body are measured in it.
    """
    left, right, lhip, rhip = (joints[INDEX[name]] for name in TORSO)
    spine = float(np.linalg.norm((left + right - lhip - rhip) / 2))
    return max(spine, ACROSS * float(np.linalg.norm(left - right)))


def unit_of(joints: np.ndarray, visible: np.ndarray) -> float:
    """What lengths are measured in before they are lifted: the torso's, or a share of the body's extent."""
    extent = float(np.ptp(joints[visible], axis=0).max()) if visible.any() else 0.0
    return max(torso_length(joints), EXTENT * extent, SHORTEST)


def pelvis_of(joints: np.ndarray) -> np.ndarray:
    """The middle of the hips."""
    return (joints[INDEX["lhip"]] + joints[INDEX["rhip"]]) / 2
