"""A body's pose as rotations of its segments, apart from any figure: what motions are read into and figures are posed by.

Axes: x to the person's left, y up, z forward. The reference, in which all rotations are none, stands upright with hanging
arms. A rotation is relative to the parent segment, as in a motion file; `world_rotations` multiplies them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial.transform import Rotation

# Segment: its parent, parents first.
PARENTS: dict[str, str | None] = {
    "root": None, "chest": "root", "head": "chest",
    "rupperarm": "chest", "rforearm": "rupperarm", "lupperarm": "chest", "lforearm": "lupperarm",
    "rthigh": "root", "rshin": "rthigh", "rfoot": "rshin", "lthigh": "root", "lshin": "lthigh", "lfoot": "lshin",
}  # fmt: skip
SEGMENTS = tuple(PARENTS)
BodyPose = Mapping[str, np.ndarray]  # segment: (..., 3, 3), relative to its parent; what is left out is not rotated


def world_rotations(pose: BodyPose) -> dict[str, np.ndarray]:
    """Segment: (..., 3, 3) against the reference."""
    world: dict[str, np.ndarray] = {}
    for segment, parent in PARENTS.items():
        own = pose.get(segment, np.eye(3))
        world[segment] = own if parent is None else world[parent] @ own
    return world


def rotation(axis: str, degrees: np.ndarray | float) -> np.ndarray:
    """(..., 3, 3) about one of the axes, counter-clockwise as seen from its tip."""
    return Rotation.from_euler(axis, degrees, degrees=True).as_matrix()


def limb(side: str, flexed: float, outwards: float, twisted: float = 0.0) -> np.ndarray:
    """An arm or a thigh at its root: raised forwards, then outwards, turned about itself, in degrees. side: l or r."""
    out = outwards if side == "l" else -outwards
    turned = twisted if side == "l" else -twisted
    return rotation("z", out) @ rotation("x", -flexed) @ rotation("y", turned)
