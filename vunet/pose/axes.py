"""Which way a lifted body's trunk and head look, and where that puts the head in the picture.

A nose is in the middle of a head that is seen from the front, and at its edge in profile: a crop about the nose would hold
half a head, tilted as the nose lies beside the neck.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vunet.pose.anatomy import direction, torso_axis
from vunet.pose.body_3d import Body, lift
from vunet.pose.joints import INDEX
from vunet.pose.skeleton import Pose

STRAIGHT = 0.05  # keeps the turn from a hanging to a raised limb finite
LEAN = np.radians(22.0)  # between a head's own axis and the line from the neck to the eyes
BEHIND_NOSE = 0.15  # torso lengths from the nose to the middle of the head
SEEN_LENGTH = 0.25  # of a head's axis in the picture plane, below which it says nothing


class Axes(NamedTuple):
    """Unit vectors (3,) at right angles, as of `Body`: x right, y down, z towards the camera."""

    up: np.ndarray
    left: np.ndarray
    ahead: np.ndarray


def axes_of(up: np.ndarray, left: np.ndarray) -> Axes:
    """Axes whose first is `up`, with the second as near to `left` as can be. y is down, so that ahead is up x left."""
    up = unit(up, np.array([0.0, -1.0, 0.0]))
    left = unit(left - up * (left @ up), np.array([1.0, 0.0, 0.0]))
    return Axes(up, left, np.cross(up, left))


def trunk_axes(body: Body) -> Axes:
    """Of the trunk: up from the pelvis to the neck."""
    return axes_of(body.at("neck") - body.at("pelvis"), leftward(body, "shoulder") + leftward(body, "hip"))


def face_axes(body: Body) -> Axes | None:
    """Of the face: up from the neck to the eyes; None where an eye is not seen."""
    if not has(body, "leye", "reye"):
        return None
    return axes_of((body.at("leye") + body.at("reye")) / 2 - body.at("neck"), leftward(body, "eye"))


def head_axes(body: Body) -> Axes | None:
    """Of the head, up along its own axis; None where an eye is not seen."""
    if (face := face_axes(body)) is None:
        return None
    up = np.cos(LEAN) * face.up - np.sin(LEAN) * face.ahead
    return Axes(up, face.left, np.cos(LEAN) * face.ahead + np.sin(LEAN) * face.up)


def head_place(pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """The middle of the head of a usable pose with a nose, and unit vector up along it, in the picture: (2,) each."""
    nose, (up, scale) = pose.xy("cnose"), torso_axis(pose)
    if (head := head_axes(lift(pose))) is None:
        return nose, direction(nose - pose.xy("neck") + 0.4 * scale * up, up)
    along, middle = head.up[:2], nose - BEHIND_NOSE * scale * head.ahead[:2]
    return middle, direction(along, up) if np.linalg.norm(along) > SEEN_LENGTH else up


def turned(before: np.ndarray, after: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Vectors (N, 3), turned by the shortest way from one direction to another."""
    axis, cosine = np.cross(before, after), float(before @ after)
    once = np.cross(axis, vectors)
    result = vectors + once + np.cross(axis, once) / max(1 + cosine, STRAIGHT)
    return result / np.maximum(np.linalg.norm(result, axis=1, keepdims=True), 1e-6)


def leftward(body: Body, joint: str) -> np.ndarray:
    """(3,): from the right one to the left one."""
    return body.at("l" + joint) - body.at("r" + joint)


def has(body: Body, *names: str) -> bool:
    """Whether all of these joints are seen."""
    return all(body.visible[INDEX[name]] for name in names)


def unit(vector: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Of unit length, in three dimensions."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-5 else fallback
