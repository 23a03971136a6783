"""How large the parts of a lifted body look, by the side from which they are seen.

A thigh is thicker than it is wide, a calf lies behind its bone, a foot in profile is long, and the torso of somebody who
lies with the head towards the camera is short in the picture while nothing else is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vunet.pose.anatomy import normal, torso_axis
from vunet.pose.axes import head_axes
from vunet.pose.body_3d import lift
from vunet.pose.mannequin import FLESH, frames_of
from vunet.pose.skeleton import Pose

DRESSED = 1.25  # times what flesh alone makes of a limb's width and of its place beside the bone
UPRIGHT = 1.05  # times its length in the picture, up to which a lifted torso counts as seen at full length
LONGEST = 1.6  # times that, at most
FOOT_LONGER, HEAD_DEEPER = 0.8, 0.15  # of their own size, by which feet and heads are larger in profile


class Apparent(NamedTuple):
    """width: relative to that from the front. shift: (2,), from the bone to the middle, in torso lengths."""

    width: float
    shift: np.ndarray


def apparent_limb(pose: Pose, part: str, along: np.ndarray) -> Apparent:
    """Of a thigh, shin, upper arm or forearm that a usable pose has, "lthigh" to "rforearm". along: (2,), its direction."""
    frame, flesh = frames_of(pose)[part], FLESH[part[1:]]
    across, width = np.append(normal(along), 0.0), float(np.mean(flesh.width))
    seen = np.hypot(width * (across @ frame.left), np.mean(flesh.depth) * (across @ frame.ahead)) / width
    return Apparent(float(1 + DRESSED * (seen - 1)), DRESSED * float(np.mean(flesh.ahead)) * frame.ahead[:2])


def foot_ahead(pose: Pose, side: str) -> np.ndarray:
    """Which way a foot of a usable pose points, (2,) of a unit vector in 3D: as the trunk, turned with the shin."""
    frames = frames_of(pose)
    return frames.get(side + "shin", frames["torso"]).ahead[:2]


def foot_stretch(pose: Pose, side: str) -> np.ndarray:
    """(2, 2), by which the crop of a frontal foot becomes that of this one."""
    return _stretch(foot_ahead(pose, side), FOOT_LONGER)


def head_stretch(pose: Pose) -> np.ndarray:
    """(2, 2), by which the crop of a frontal head becomes that of this one."""
    head = head_axes(lift(pose))
    return np.eye(2) if head is None else _stretch(head.ahead[:2], HEAD_DEEPER)


def whole_torso_length(pose: Pose) -> float:
    """In frames: of the lifted body where the picture shows the torso foreshortened, else as it is seen."""
    body, seen = lift(pose), torso_axis(pose)[1]
    lifted = float(np.linalg.norm(body.at("neck") - body.at("pelvis")))
    return seen * float(np.clip(lifted / seen / UPRIGHT, 1, LONGEST))


def _stretch(ahead: np.ndarray, by: float) -> np.ndarray:
    """Along `ahead` (2,), of a unit vector in three dimensions: by nothing where it points at the camera."""
    return np.eye(2) + by * np.outer(ahead, ahead)
