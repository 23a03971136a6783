"""Which body part a pixel belongs to, by the bones near it.

In a photo: a raised arm must not take the torso's side along. In a pose that is drawn: limbs in front hide what is behind.
Only parts that move against each other compete; neighbours along a limb share the pixels around their joint.
"""

from __future__ import annotations

import cv2
import numpy as np

from vunet.inputs.parts import PART_NAMES, torso_axis
from vunet.model.part_maps import HIDDEN
from vunet.pose.skeleton import Pose

OWNED = 128  # pixels at which ownership is computed: its borders are soft
# Half the width of a part around its bone, and what lies beyond the bone's end, in torso lengths.
WIDTHS = {"upperarm": 0.15, "forearm": 0.12, "thigh": 0.24, "shin": 0.19, "foot": 0.2, "head": 0.36, "torso": 0.2}
BEYOND = {"forearm": 0.34, "foot": 0.35}
BONES = {
    "upperarm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist"), "thigh": ("hip", "knee"), "shin": ("knee", "ankle"),
    "foot": ("ankle", "ankle"),
}  # fmt: skip
SHARED = 0.35  # how opaque both of two rivals are where they are equally near, above one half
CLAIMED = 1.5  # half widths around a bone that a part takes from its rivals; beyond are skirts and bags
SOFT = 0.5  # difference of distances over which opacity falls by one
HIDES, FADE = 1.15, 0.3  # half widths around a bone within which its copy hides others', and over which that begins
MAPS_HIDE = 0.5  # the same for part maps: D draws limbs narrower, and leaves a gap where no part has a map
FAR = 2.0  # frames: farther than anything
NAMES = PART_NAMES["body"]


def ownership(pose: Pose, size: int) -> np.ndarray:
    """(P, size, size) float32 in [0, 1]: how far each pixel of a frame is a part's own, for layout `body`."""
    costs = _costs(pose, OWNED)
    shares = np.ones_like(costs)
    for i, j in RIVALS:
        lost = np.maximum(0.5 + SHARED + (costs[j] - costs[i]) / SOFT, (costs[j] - CLAIMED) / SOFT)
        shares[i] = np.minimum(shares[i], lost)
    return np.stack([cv2.resize(share, (size, size)) for share in shares.clip(0, 1)])


def hidden(pose: Pose) -> np.ndarray:
    """(P, HIDDEN, HIDDEN) float32 in [0, 1]: how far the copy of each part is hidden in a pose that is drawn.

    Arms are in front of the body, and two arms, or two legs, as they come, unless the pose's `depth` says otherwise.
    """
    return _hidden(pose, HIDES, [_level(name, pose) + name.endswith("arm") for name in NAMES])


def hidden_maps(pose: Pose) -> np.ndarray | None:
    """The same for D's part maps; None unless the pose's `depth` says something: D knows by itself where arms are."""
    return _hidden(pose, MAPS_HIDE, [_level(name, pose) for name in NAMES]) if pose.depth else None


def _hidden(pose: Pose, reach: float, levels: list[int]) -> np.ndarray:
    reaches = np.array([1 + FADE if name == "torso" else reach for name in NAMES], np.float32)  # the whole torso hides
    covers = ((reaches[:, None, None] - _costs(pose, HIDDEN)) / FADE).clip(0, 1)
    result = np.zeros_like(covers)
    for i, a in enumerate(NAMES):
        front = [covers[j] for j, b in enumerate(NAMES) if levels[j] > levels[i] and _limb(a) != _limb(b)]
        if front:
            result[i] = np.max(front, axis=0)
    return result


def _level(part: str, pose: Pose) -> int:
    """The higher one is in front."""
    return {"front": 2, "behind": -2}.get(pose.depth.get(_limb(part), ""), 0)


def _rivals() -> list[tuple[int, int]]:
    """Pairs of parts that move against each other: an arm and all but its own, the two legs."""
    return [(i, j) for i, a in enumerate(NAMES) for j, b in enumerate(NAMES) if a != b and _compete(a, b)]


def _compete(a: str, b: str) -> bool:
    limbs = [_limb(a), _limb(b)]
    if limbs[0] == limbs[1]:
        return False
    return any("arm" in each for each in limbs) or all("leg" in each for each in limbs)


def _limb(part: str) -> str:
    if part in ("torso", "head"):
        return part
    return part[0] + ("arm" if part.endswith("arm") else "leg")


RIVALS = _rivals()


def _costs(pose: Pose, side: int) -> np.ndarray:
    """(P, side, side): distances to the parts in half widths; far away where a joint is missing."""
    y, x = (np.mgrid[:side, :side].astype(np.float32) + 0.5) / side
    points = np.stack([x, y], axis=-1)
    _, scale = torso_axis(pose)
    return np.stack([_cost(name, pose, points, scale) for name in NAMES]).astype(np.float32)


def _cost(name: str, pose: Pose, points: np.ndarray, scale: float) -> np.ndarray:
    if name == "torso":
        return 1 + _outside_torso(pose, len(points)) / (
            WIDTHS[name] * scale
        )  # inside, a limb within its width is in front of it
    ends = _bone(name, pose, scale)
    if ends is None:
        return np.full(points.shape[:2], FAR / 0.02)
    return _to_segment(points, *ends) / (WIDTHS[name if name == "head" else name[1:]] * scale)


def _bone(name: str, pose: Pose, scale: float) -> tuple[np.ndarray, np.ndarray] | None:
    if name == "head":
        return (pose.xy("cnose"), pose.xy("cnose")) if pose.has("cnose") else None
    first, last = (name[0] + joint for joint in BONES[name[1:]])
    if not pose.has(first, last):
        return None
    a, b = pose.xy(first), pose.xy(last)
    along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-4) if first != last else np.array([0.0, 1.0])
    return a, b + BEYOND.get(name[1:], 0.0) * scale * along


def _to_segment(points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    along = b - a
    t = ((points - a) @ along / max(float(along @ along), 1e-9)).clip(0, 1)
    return np.linalg.norm(points - a - t[..., None] * along, axis=-1)


def _outside_torso(pose: Pose, side: int) -> np.ndarray:
    """(side, side): distance to the quadrangle of shoulders and hips in frame fractions, 0 inside."""
    corners = np.array([pose.xy(n) for n in ("lshoulder", "rshoulder", "rhip", "lhip")]) * side
    inside = cv2.fillConvexPoly(np.zeros((side, side), np.uint8), cv2.convexHull(corners.round().astype(np.int32)), 1)
    return np.minimum(cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5) / side, FAR)  # without a pixel inside it is huge
