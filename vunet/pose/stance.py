"""Who stands has their feet under them. The lifter does not know that: photos' shins look shorter than those that it was
trained on (0.69 torso lengths against 0.85, half of it by where an estimator puts ankles), so it takes them for bent."""

from __future__ import annotations

import numpy as np

from vunet.pose.joints import INDEX, LEGS
from vunet.pose.lifter import lifted
from vunet.pose.torso import pelvis_of, unit_of

# Of a leg in the picture, that it stands on: all of it holds, and none of it does.
BENT = (25.0, 45.0)  # degrees at the knee
ASLANT = (20.0, 35.0)  # degrees from hip to ankle, and of the trunk, off the vertical
SHORT = (-1.25, -1.05)  # minus torso lengths from hip to ankle: shorter ones are of somebody who sits
UNEVEN = (0.15, 0.35)  # torso lengths between the heights of both feet
FEET = (-0.18, 0.05)  # torso lengths towards the camera that feet may be off the hips


def upright_depths(joints: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """How far joints (15, 2) are towards the camera (`vunet.pose.lifter.lifted`), of somebody who may be about to turn."""
    return over_feet(joints, visible, lifted(joints, visible)[0])


def over_feet(joints: np.ndarray, visible: np.ndarray, depths: np.ndarray) -> np.ndarray:
    """Depths (15,) of a body whose joints are (15, 2): as they are, but with legs aslant in depth put upright, as far as it
    stands on both in the picture."""
    standing = _standing(joints, visible)
    if not standing:
        return depths
    feet, unit = depths[[INDEX[ankle] for _, _, ankle in LEGS]].mean(), unit_of(joints, visible)
    shift = standing * (np.clip(feet, unit * FEET[0], unit * FEET[1]) - feet)
    upright = depths.copy()
    for hip, knee, ankle in (tuple(INDEX[name] for name in leg) for leg in LEGS):
        share = (joints[knee, 1] - joints[hip, 1]) / (joints[ankle, 1] - joints[hip, 1])
        upright[knee] += shift * share
        upright[ankle] += shift
    return upright


def _standing(joints: np.ndarray, visible: np.ndarray) -> float:
    """0 to 1: how surely the body stands on both feet."""
    if not all(visible[INDEX[name]] for leg in LEGS for name in leg):
        return 0.0
    neck, pelvis = joints[[INDEX["lshoulder"], INDEX["rshoulder"]]].mean(axis=0), pelvis_of(joints)
    surely = _within(_off_vertical(pelvis - neck), ASLANT)
    ankles, unit = [], unit_of(joints, visible)
    for hip, knee, ankle in (joints[[INDEX[name] for name in leg]] for leg in LEGS):
        ankles.append(ankle)
        surely *= _within(_off_vertical(ankle - hip), ASLANT) * _within(_between(knee - hip, ankle - knee), BENT)
        surely *= _within(-float(np.linalg.norm(ankle - hip)) / unit, SHORT)
    return surely * _within(abs(ankles[0][1] - ankles[1][1]) / unit, UNEVEN)


def _within(value: float, limits: tuple[float, float]) -> float:
    return float(np.clip((limits[1] - value) / (limits[1] - limits[0]), 0, 1))


def _off_vertical(down: np.ndarray) -> float:
    """Degrees between a line and one that points down the picture."""
    return float(np.degrees(np.arctan2(abs(down[0]), down[1])))


def _between(a: np.ndarray, b: np.ndarray) -> float:
    """Degrees between two lines."""
    return float(np.degrees(np.abs(np.arctan2(a[0] * b[1] - a[1] * b[0], a @ b))))
