"""The skeleton in three dimensions: how far each joint is towards the camera, from where all are in the picture plane.

Bone lengths say how far, up to the sign; a small network, trained on projected natural poses (`python -m vunet
train-lifter`), has learned the signs. Martinez and others, "A simple yet effective baseline for 3d human pose estimation",
ICCV 2017. It gives a place for joints that are not seen as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from vunet.pose.anatomy import SHORTEST, torso_length
from vunet.pose.joints import ARMS, EXTREMITIES, INDEX, LEGS, TORSO
from vunet.pose.skeleton import Pose

FILE = Path(__file__).with_name("lifter.npz")
EXTENT = 0.22  # of the box around the joints: the unit of length where the torso is foreshortened
OVERRIDE = 0.45  # torso lengths that a limb in front or behind lies before or behind the trunk, at least
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


def unit_of(joints: np.ndarray, visible: np.ndarray) -> float:
    """What lengths are measured in before they are lifted: the torso's, or a share of the body's extent."""
    extent = float(np.ptp(joints[visible], axis=0).max()) if visible.any() else 0.0
    return max(torso_length(joints), EXTENT * extent, SHORTEST)


def lifter_input(joints: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """(45,) float32: places about the middle of the hips in `unit_of`, 0 where not seen, and what is seen."""
    middle = joints[[INDEX["lhip"], INDEX["rhip"]]].mean(axis=0)
    places = (joints - middle) / unit_of(joints, visible) * visible[:, None]
    return np.concatenate([places.ravel(), visible]).astype(np.float32)


@lru_cache(maxsize=REMEMBERED)
def lift(pose: Pose) -> Body:
    """The body that a usable pose stands for; `Pose.depth` overrides where limbs lie."""
    lifted = _network()(lifter_input(pose.joints, pose.visible))
    unit = unit_of(pose.joints, pose.visible)
    return body_of(pose, lifted[:15] * unit * pose.visible)


def completed(pose: Pose) -> np.ndarray:
    """(15, 2): the joints of a usable pose, with a likely place for those that are not seen, inside the frame or not."""
    lifted = _network()(lifter_input(pose.joints, pose.visible))
    middle = (pose.xy("lhip") + pose.xy("rhip")) / 2
    likely = lifted[15:].reshape(15, 2) * unit_of(pose.joints, pose.visible) + middle
    return np.where(pose.visible[:, None], pose.joints, likely)


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


class _Network:
    """A perceptron with SiLU between its layers, in NumPy: a tenth of a millisecond."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as data:
            count = len(data.files) // 2
            arrays = {name: data[name].astype(np.float32) for name in data.files}
        self.layers = [(arrays[f"weight_{i}"], arrays[f"bias_{i}"]) for i in range(count)]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        for i, (weight, bias) in enumerate(self.layers):
            x = weight @ x + bias
            if i < len(self.layers) - 1:
                x = x / (1 + np.exp(-x))
        return x


@lru_cache(maxsize=1)
def _network() -> _Network:
    return _Network(FILE)
