"""The body that the 15 joints stand for: its parts, the bones they lie along, how wide they are. Declared once.

Lengths are in torso lengths, unless they say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vunet.pose.joints import TORSO, other_side
from vunet.pose.skeleton import Pose
from vunet.pose.torso import SHORTEST, torso_length

# The first eight are those of the authors' crops. The order is that of a checkpoint's codes.
PARTS = (
    "torso", "head", "lupperarm", "lforearm", "rupperarm", "rforearm", "lthigh", "rthigh",
    "lshin", "rshin", "lfoot", "rfoot",
)  # fmt: skip
# The index of each part's counterpart; head and torso are their own.
OTHER_SIDE = [PARTS.index(other_side(name)) for name in PARTS]
PART_GROUPS = {
    "head": ("head",),
    "torso": ("torso", "lupperarm", "lforearm", "rupperarm", "rforearm"),
    "legs": ("lthigh", "rthigh", "lshin", "rshin"),
    "shoes": ("lfoot", "rfoot"),
}
BELOW_HIPS = {*PART_GROUPS["legs"], *PART_GROUPS["shoes"]}


@dataclass(frozen=True)
class Limb:
    """A part of an arm or leg. start, end: its joints without their side. radius: half of its width. beyond: how far it
    reaches past its end, as a hand does. crop: width of its crop, and what that has before the start and past the end."""

    start: str
    end: str
    radius: float
    beyond: float
    crop: tuple[float, float, float]


# (from, to), each bone's start before it is used; "hips" and "neck" are the middles of two joints.
BONES = (
    ("hips", "rhip"), ("hips", "lhip"), ("hips", "neck"), ("neck", "rshoulder"), ("neck", "lshoulder"), ("neck", "cnose"),
    ("cnose", "reye"), ("cnose", "leye"), ("rshoulder", "relbow"), ("relbow", "rwrist"), ("lshoulder", "lelbow"),
    ("lelbow", "lwrist"), ("rhip", "rknee"), ("rknee", "rankle"), ("lhip", "lknee"), ("lknee", "lankle"),
)  # fmt: skip
LIMBS = {
    "upperarm": Limb("shoulder", "elbow", 0.15, 0.0, (0.50, 0.14, 0.10)),
    "forearm": Limb("elbow", "wrist", 0.12, 0.34, (0.46, 0.10, 0.38)),
    "thigh": Limb("hip", "knee", 0.24, 0.0, (0.72, 0.16, 0.08)),
    "shin": Limb("knee", "ankle", 0.19, 0.0, (0.52, 0.08, 0.10)),
}
FOOT_RADIUS, FOOT_BEYOND = 0.2, 0.35  # a foot begins at the ankle
HEAD_RADIUS = 0.36  # around the nose, hair included
TORSO_MARGIN = 0.2  # of a torso around the quadrangle of its joints
FACE = 0.55  # radius around the nose, in distances from neck to nose
HAND, WRIST_TO_HAND = 0.17, 0.12  # radius of a hand, and how far its middle is beyond the wrist


def limb_of(part: str) -> str:
    """The arm or leg that a part belongs to, "larm" to "rleg"; "torso" and "head" are their own."""
    if part in ("torso", "head"):
        return part
    return part[0] + ("arm" if part.endswith("arm") else "leg")


def torso_axis(pose: Pose) -> tuple[np.ndarray, float]:
    """Unit vector from the hips to the neck, and the torso length in frames."""
    spine = pose.xy("neck") - (pose.xy("lhip") + pose.xy("rhip")) / 2
    return direction(spine, np.array([0.0, -1.0])), max(torso_length(pose.joints), SHORTEST)


def facing(pose: Pose) -> float:
    """The torso's width in torso lengths: 0.3 to 0.5 from the front, 0 in profile, negative from behind."""
    up, scale = torso_axis(pose)
    across = pose.xy("lshoulder") - pose.xy("rshoulder") + pose.xy("lhip") - pose.xy("rhip")
    return float(across @ normal(up)) / (2 * scale)


def limb_segment(part: str, pose: Pose) -> tuple[np.ndarray, np.ndarray] | None:
    """Where the bone of a part of an arm or leg lies, hand or foot included: two points, None where a joint is missing."""
    side, kind = part[0], part[1:]
    if kind == "foot":
        return _foot(side, pose)
    limb = LIMBS[kind]
    if not pose.has(side + limb.start, side + limb.end):
        return None
    a, b = pose.xy(side + limb.start), pose.xy(side + limb.end)
    return a, b + limb.beyond * torso_axis(pose)[1] * direction(b - a, np.array([0.0, 1.0]))


def radius_of(part: str) -> float:
    """Half of a part's width."""
    if part in ("torso", "head"):
        return TORSO_MARGIN if part == "torso" else HEAD_RADIUS
    return FOOT_RADIUS if part.endswith("foot") else LIMBS[part[1:]].radius


def torso_outline(pose: Pose, grown: float = 1.0) -> np.ndarray:
    """(4, 2): the convex hull of shoulders and hips, clockwise on the screen. grown: times as large about its middle."""
    corners = np.array([pose.xy(name) for name in TORSO], np.float32)
    middle = corners.mean(axis=0)
    hull = cv2.convexHull(middle + np.float32(grown) * (corners - middle), clockwise=False)[:, 0]
    while len(hull) < 4:  # a joint lies within the others: the longest edge gets a corner
        after = np.roll(hull, -1, axis=0)
        i = int(np.linalg.norm(after - hull, axis=1).argmax())
        hull = np.insert(hull, i + 1, (hull[i] + after[i]) / 2, axis=0)
    return hull


def direction(vector: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Of unit length."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-4 else fallback


def normal(segment: np.ndarray) -> np.ndarray:
    """Turned by a quarter, clockwise on the screen."""
    return np.array([-segment[1], segment[0]])


def _foot(side: str, pose: Pose) -> tuple[np.ndarray, np.ndarray] | None:
    """From the ankle on along the shin."""
    if not pose.has(side + "ankle"):
        return None
    ankle, (up, scale) = pose.xy(side + "ankle"), torso_axis(pose)
    along = direction(ankle - pose.xy(side + "knee"), -up) if pose.has(side + "knee") else -up
    return ankle, ankle + FOOT_BEYOND * scale * along
