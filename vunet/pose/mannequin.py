"""A mannequin behind the skeleton: which part is in front at each pixel, how near it is, and which side of it is seen.

Capsules along the bones of the lifted body, laid over each other by their depth. E reads it beside the stickman, which does
not say whether a hand is before the belly or behind the back. Rochette and others, "Novel View Synthesis of Humans using
Differentiable Rendering" (arXiv 2303.15880), render such a body into a latent picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vunet.pose.anatomy import HEAD_RADIUS, PARTS, radius_of
from vunet.pose.axes import Axes, face_axes, has, leftward, trunk_axes, turned, unit
from vunet.pose.body_3d import REMEMBERED, Body, lift
from vunet.pose.geometry import along_segment
from vunet.pose.skeleton import Pose

SIZE = 64  # pixels of a map's side
CHANNELS = len(PARTS) + 3  # a share for each part, depth, and how far its front and its left are seen
SOFT = 0.06  # torso lengths of depth over which one part gives way to another
DEEPEST = 2.0  # torso lengths
TORSO_DEPTH = 0.18  # half of a torso's thickness
FLAT_ENDS = 2.5  # how much sooner a torso ends beyond its joints than a capsule does
ANOTHER_SIDE = 0.15  # cosine beyond which a part shows its front or its back

# Parts of a limb: from where to where, in the names of `Body.at`.
ENDS = {
    "torso": ("neck", "pelvis"), "upperarm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist"), "thigh": ("hip", "knee"),
    "shin": ("knee", "ankle"), "foot": ("ankle", "ankle"), "head": ("cnose", "cnose"),
}  # fmt: skip
BEYOND = {"forearm": 0.3, "foot": 0.3}  # torso lengths past the end: hands and feet


@dataclass(frozen=True, eq=False)
class _Capsules:
    """There are P of them. start, end: (P, 3). radii: (P, 2) at both ends; depth: (P,) half thickness. ahead, left: (P, 3)
    unit vectors to their front and left side. squash: (P,). there: (P,) bool."""

    start: np.ndarray
    end: np.ndarray
    radii: np.ndarray
    depth: np.ndarray
    ahead: np.ndarray
    left: np.ndarray
    squash: np.ndarray
    there: np.ndarray


@dataclass(frozen=True, eq=False)
class _Surfaces:
    """Where capsules are seen, M places (M,). part, pixel: which; cover: of the pixel, 0 to 1; side: how far left or right
    of the axis, -1 to 1; depth: towards the camera."""

    part: np.ndarray
    pixel: np.ndarray
    cover: np.ndarray
    side: np.ndarray
    depth: np.ndarray


@lru_cache(maxsize=REMEMBERED)
def mannequin(pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Of a usable pose: maps (CHANNELS, SIZE, SIZE) and `facing` (P, 2), float32; not to be changed."""
    return body_maps(lift(pose))


def turned_away(seen: Pose, pose: Pose) -> np.ndarray:
    """(P,) bool: the parts of which a pose shows the other side than the one that is seen, front or back."""
    before, after = (mannequin(each)[1][:, 0] for each in (seen, pose))
    return np.asarray((before * after < 0) & (np.minimum(np.abs(before), np.abs(after)) > ANOTHER_SIDE))


def body_maps(body: Body) -> tuple[np.ndarray, np.ndarray]:
    """Maps (CHANNELS, SIZE, SIZE): shares of the parts in [0, 1], depth in torso lengths, front and left in [-1, 1]; all 0
    beside the body. Facing (P, 2): the same two in the middle of each part, 0 where it is not there."""
    capsules = _capsules(body)
    across, towards = _view(capsules)
    facing = np.stack([_dot(towards, capsules.ahead), _dot(towards, capsules.left)], axis=1)
    seen = _surfaces(capsules)
    out = np.sqrt(1 - seen.side**2)  # a surface's normal is side * across + out * towards
    front, left = (
        seen.side * _dot(across, axis)[seen.part] + out * _dot(towards, axis)[seen.part]
        for axis in (capsules.ahead, capsules.left)
    )
    share = _shares(seen, SOFT * body.scale)
    near = (seen.depth / body.scale).clip(-DEEPEST, DEEPEST)
    maps = np.zeros((CHANNELS, SIZE * SIZE), np.float32)
    maps[seen.part, seen.pixel] = share
    for channel, value in enumerate((near, front, left), len(PARTS)):
        maps[channel] = np.bincount(seen.pixel, share * value, SIZE * SIZE)
    return maps.reshape(CHANNELS, SIZE, SIZE), (facing * capsules.there[:, None]).astype(np.float32)


def _capsules(body: Body) -> _Capsules:
    trunk = trunk_axes(body)
    rows = [_capsule(body, name, trunk) for name in PARTS]
    return _Capsules(*(np.array(column) for column in zip(*rows, strict=True)))


def _capsule(body: Body, name: str, trunk: Axes) -> tuple:
    up, left, ahead = trunk
    if name == "torso":
        start, end = body.at("neck"), body.at("pelvis")
        radii = [_half_width(body, joint) for joint in ("shoulder", "hip")]
        return start, end, radii, TORSO_DEPTH * body.scale, ahead, left, FLAT_ENDS, True
    if name == "head":
        return _head(body, trunk)
    side, kind = name[0], name[1:]
    a, b = (side + joint for joint in ENDS[kind])
    start, end = body.at(a), body.at(b)
    along = unit(end - start, -up)
    if kind == "foot":  # ahead of the shin, and down
        knee = body.at(side + "knee") if has(body, side + "knee") else start + up
        along = unit(unit(start - knee, -up) + ahead, -up)
    end = end + BEYOND.get(kind, 0.0) * body.scale * along
    radius = radius_of(name) * body.scale
    sides = turned(-up, along, np.stack([ahead, left]))
    return start, end, [radius, radius], radius, *sides, 1.0, has(body, a, b)


def _head(body: Body, trunk: Axes) -> tuple:
    """Around a point behind the nose; which way it looks is known by the eyes, else by the trunk."""
    up, left, ahead = trunk
    if not has(body, "cnose"):
        return body.at("neck"), body.at("neck"), [0.0, 0.0], 0.0, ahead, left, 1.0, False
    nose = body.at("cnose")
    up, left, ahead = face_axes(body) or trunk
    middle = nose + 0.05 * body.scale * up - 0.15 * body.scale * ahead
    radius = 0.8 * HEAD_RADIUS * body.scale
    return middle, middle, [radius, radius], radius, ahead, left, 1.0, True


def _surfaces(capsules: _Capsules) -> _Surfaces:
    part, row, column = np.nonzero(_around(capsules))
    x, y = (column + 0.5) / SIZE, (row + 0.5) / SIZE
    (ax, ay, az), (bx, by, bz) = capsules.start[part].T, capsules.end[part].T
    t = along_segment(x, y, ax, ay, bx, by)
    qx, qy = x - ax - t * (bx - ax), y - ay - t * (by - ay)
    along_x, along_y = _picture_axis(capsules)[part].T
    forth, aside = qx * along_x + qy * along_y, qy * along_x - qx * along_y
    first, last = capsules.radii[part].T
    radius = np.maximum(first + t * (last - first), 1e-4)
    away = np.hypot(aside, capsules.squash[part] * forth) / radius
    cover = ((1 - away) * radius * SIZE + 0.5).clip(0, 1)
    bulge = capsules.depth[part] * np.sqrt((1 - away * away).clip(0, 1))
    depth, side = az + t * (bz - az) + bulge, (aside / radius).clip(-1, 1)
    kept = cover > 0
    return _Surfaces(part[kept], (row * SIZE + column)[kept], cover[kept], side[kept], depth[kept])


def _around(capsules: _Capsules) -> np.ndarray:
    """(P, SIZE, SIZE) bool: pixels that a capsule may cover."""
    middle, margin = (np.arange(SIZE) + 0.5) / SIZE, capsules.radii.max(axis=1)[:, None] + 1 / SIZE
    ends = np.stack([capsules.start, capsules.end])[..., :2]
    (x0, y0), (x1, y1) = (corner.T[..., None] for corner in (ends.min(axis=0), ends.max(axis=0)))
    across, down = ((middle > low - margin) & (middle < high + margin) for low, high in ((x0, x1), (y0, y1)))
    return down[:, :, None] & across[:, None] & capsules.there[:, None, None]


def _shares(seen: _Surfaces, soft: float) -> np.ndarray:
    """(M,): how much of its pixel each part is seen in; the parts of a pixel give way to each other by their depth."""
    nearest, empty = np.full(SIZE * SIZE, -np.inf), np.ones(SIZE * SIZE)
    np.maximum.at(nearest, seen.pixel, seen.depth)
    np.multiply.at(empty, seen.pixel, 1 - seen.cover)
    weight = seen.cover * np.exp((seen.depth - nearest[seen.pixel]) / soft)
    total = np.bincount(seen.pixel, weight, SIZE * SIZE)
    return (1 - empty[seen.pixel]) * weight / np.maximum(total[seen.pixel], 1e-6)


def _dot(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of rows (P, 3): (P,)."""
    return (vectors * others).sum(axis=1)


def _picture_axis(capsules: _Capsules) -> np.ndarray:
    """(P, 2): unit vectors along the capsules in the picture plane; down where they point at the camera."""
    flat = (capsules.end - capsules.start)[:, :2]
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.where(length > 1e-4, flat / np.maximum(length, 1e-4), [0.0, 1.0])


def _view(capsules: _Capsules) -> tuple[np.ndarray, np.ndarray]:
    """(P, 3) twice: unit vectors across the capsules in the picture plane, and from their axes towards the camera."""
    flat = _picture_axis(capsules)
    across = np.column_stack([-flat[:, 1], flat[:, 0], np.zeros(len(flat))])
    whole = capsules.end - capsules.start
    length = np.linalg.norm(whole, axis=1, keepdims=True)
    axis = np.where(length > 1e-4, whole / np.maximum(length, 1e-4), np.column_stack([flat, np.zeros(len(flat))]))
    towards = np.array([0.0, 0.0, 1.0]) - axis[:, 2:] * axis
    size = np.linalg.norm(towards, axis=1, keepdims=True)
    return across, np.where(size > 1e-3, towards / np.maximum(size, 1e-3), [0.0, 0.0, 1.0])


def _half_width(body: Body, joint: str) -> float:
    """Of a torso at the shoulders or hips, as the camera sees it."""
    return float(np.hypot(np.linalg.norm(leftward(body, joint)[:2]) / 2, TORSO_DEPTH * body.scale)) + 0.03 * body.scale
