"""A pose in three dimensions: a `Body`, by the lifter, or by depths that are known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vunet.pose.joints import ARMS, EXTREMITIES, INDEX, LEGS, TORSO
from vunet.pose.lifter import lifted
from vunet.pose.skeleton import Pose
from vunet.pose.torso import SHORTEST, torso_length

OVERRIDE = 0.45  # torso lengths that a limb in front or behind lies before or behind the trunk, at least
ASIDE = 0.15  # torso lengths of depth within which a limb lies beside the trunk
REMEMBERED = 64


@dataclass(frozen=True, eq=False)
class Body:
    """A body in three dimensions. joints: (15, 3) in fractions of the frame, x right, y down, z towards the camera, 0 at
    the middle of the hips. visible: (15,) bool. scale: torso length, in frames."""

    joints: np.ndarray
    visible: np.ndarray
    scale: float

    def at(self, name: str) -> np.ndarray:
        """(3,) of a joint, of "neck", the middle of the shoulders, or of "pelvis", that of the hips."""
        ends = {"neck": TORSO[:2], "pelvis": TORSO[2:]}.get(name, (name,))
        return np.mean([self.joints[INDEX[end]] for end in ends], axis=0)


@lru_cache(maxsize=REMEMBERED)
def lift(pose: Pose) -> Body:
    """The body that a usable pose stands for; `Pose.depth` overrides where limbs lie."""
    return body_of(pose, lifted(pose.joints, pose.visible)[0] * pose.visible)


def side_of_trunk(pose: Pose, limb: str) -> str:
    """Where the lifted body has the end of an arm or leg, `larm` to `rleg`: "front" or "behind" the trunk, "" beside it."""
    body, ends = (
        lift(pose),
        [name for name in dict(zip(EXTREMITIES, (*ARMS, *LEGS), strict=True))[limb][1:] if pose.has(name)],
    )
    if not ends:
        return ""
    trunk = (body.at("neck")[2] + body.at("pelvis")[2]) / 2
    away = float(np.mean([body.at(end)[2] for end in ends]) - trunk) / body.scale
    return "" if abs(away) < ASIDE else "front" if away > 0 else "behind"


def completed(pose: Pose) -> np.ndarray:
    """(15, 2): the joints of a usable pose, with a likely place for those that are not seen, inside the frame or not."""
    return np.where(pose.visible[:, None], pose.joints, lifted(pose.joints, pose.visible)[1])


def body_of(pose: Pose, depths: np.ndarray) -> Body:
    """A body of known depths (15,), in frames."""
    joints = np.column_stack([pose.joints, _overridden(pose, depths)]).astype(np.float32)
    return Body(joints, pose.visible, max(torso_length(pose.joints), SHORTEST))


def _overridden(pose: Pose, depths: np.ndarray) -> np.ndarray:
    depths = np.array(depths, np.float32)
    clear = OVERRIDE * max(torso_length(pose.joints), SHORTEST)
    trunk = depths[[INDEX[name] for name in TORSO]].mean()
    for name, limb in zip(EXTREMITIES, (*ARMS, *LEGS), strict=True):
        ends = [INDEX[joint] for joint in limb[1:]]
        if pose.depth.get(name) == "front":
            depths[ends] = np.maximum(depths[ends], trunk + clear)
        elif pose.depth.get(name) == "behind":
            depths[ends] = np.minimum(depths[ends], trunk - clear)
    return depths
