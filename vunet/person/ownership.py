"""Which body part a pixel belongs to, by the bones near it.

In a photo: a raised arm must not take the torso's side along. In a rendered pose: limbs in front hide what is behind.
Only parts that move against each other compete; neighbours along a limb share the pixels around their joint.
"""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np

from vunet.model.part_maps import HIDDEN
from vunet.pose.anatomy import PARTS, limb_of, limb_segment, radius_of, torso_axis, torso_outline
from vunet.pose.geometry import beyond_edges, to_segment
from vunet.pose.skeleton import Pose

OWNED = 128  # pixels at which ownership is computed: its borders are soft
SHARED = 0.35  # how opaque both of two competing parts are where they are equally near, above one half
CLAIMED = 1.5  # radii around a bone that a part takes from its competitors; beyond are skirts and bags
SOFT = 0.5  # difference of distances over which opacity falls by one
HIDES, FADE = 1.15, 0.3  # radius, in a limb's own, within which its crop hides others', and its soft edge
MAPS_HIDE = 0.5  # the same radius for part maps: D renders limbs narrower, and leaves a gap where no part has a map
FAR = 100.0  # radii: farther than anything


def ownership(pose: Pose, size: int) -> np.ndarray:
    """(P, size, size) float32 in [0, 1]: how far each pixel of a frame is a part's own, for layout `body`."""
    away = distances(pose, OWNED)
    shares = np.ones_like(away)
    for i, j in COMPETITORS:
        lost = np.maximum(0.5 + SHARED + (away[j] - away[i]) / SOFT, (away[j] - CLAIMED) / SOFT)
        shares[i] = np.minimum(shares[i], lost)
    return np.stack([cv2.resize(share, (size, size)) for share in shares.clip(0, 1)])


def hidden(pose: Pose) -> np.ndarray:
    """(P, HIDDEN, HIDDEN) float32 in [0, 1]: how far the crop of each part is hidden in a pose that is rendered.

    Arms are in front of the body, and two arms, or two legs, as they come, unless the pose's `depth` says otherwise.
    """
    return _hidden(pose, HIDES, [_level(name, pose) + name.endswith("arm") for name in PARTS])


def hidden_maps(pose: Pose) -> np.ndarray | None:
    """The same for D's part maps; None unless the pose's `depth` says something: D knows by itself where arms are."""
    return _hidden(pose, MAPS_HIDE, [_level(name, pose) for name in PARTS]) if pose.depth else None


def _hidden(pose: Pose, reach: float, levels: list[int]) -> np.ndarray:
    reaches = np.array([1 + FADE if name == "torso" else reach for name in PARTS], np.float32)  # the whole torso hides
    covers = ((reaches[:, None, None] - distances(pose, HIDDEN)) / FADE).clip(0, 1)
    result = np.zeros_like(covers)
    for i, a in enumerate(PARTS):
        front = [covers[j] for j, b in enumerate(PARTS) if levels[j] > levels[i] and limb_of(a) != limb_of(b)]
        if front:
            result[i] = np.max(front, axis=0)
    return result


def _level(part: str, pose: Pose) -> int:
    """The higher one is in front."""
    return {"front": 2, "behind": -2}.get(pose.depth.get(limb_of(part), ""), 0)


def _compete(a: str, b: str) -> bool:
    """Parts that move against each other: an arm and all but its own, the two legs."""
    limbs = [limb_of(a), limb_of(b)]
    if limbs[0] == limbs[1]:
        return False
    return any("arm" in limb for limb in limbs) or all("leg" in limb for limb in limbs)


COMPETITORS = [(i, j) for i, a in enumerate(PARTS) for j, b in enumerate(PARTS) if a != b and _compete(a, b)]


def distances(pose: Pose, side: int) -> np.ndarray:
    """(P, side, side): distances to the parts in their radii; far away where a joint is missing."""
    line = (np.arange(side, dtype=np.float32) + np.float32(0.5)) / side
    return np.stack([_distance(name, pose, line[None], line[:, None]) for name in PARTS]).astype(np.float32)


def _distance(name: str, pose: Pose, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    radius = np.float32(radius_of(name) * torso_axis(pose)[1])
    nowhere = np.full(np.broadcast_shapes(x.shape, y.shape), FAR, np.float32)
    if name == "torso":  # 1 inside: a limb within its own radius is in front of it
        outside = reduce(np.maximum, beyond_edges(x, y, [tuple(corner) for corner in torso_outline(pose)]))
        return 1 + np.maximum(outside, 0) / radius
    if name == "head":
        ends = (pose.xy("cnose"), pose.xy("cnose")) if pose.has("cnose") else None
    else:
        ends = limb_segment(name, pose)
    return nowhere if ends is None else to_segment(x, y, *ends[0].tolist(), *ends[1].tolist()) / radius
