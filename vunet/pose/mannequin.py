"""A mannequin behind the skeleton: which part is in front at each pixel, how near it is, and which side of it is seen.

Tapered capsules with elliptic sections about the lifted body, as wide and as thick as flesh and clothes are on rendered
people, laid over each other by their depth. E reads it beside the stickman, which does not say whether a hand is before
the belly or behind the back, nor how a leg looks in profile. Rochette and others, "Novel View Synthesis of Humans using
Differentiable Rendering" (arXiv 2303.15880), render such a body into a latent picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from vunet.pose.anatomy import PARTS
from vunet.pose.axes import BEHIND_NOSE, Axes, face_axes, has, head_axes, leftward, trunk_axes, turned, unit
from vunet.pose.body_3d import REMEMBERED, Body, lift
from vunet.pose.geometry import along_segment
from vunet.pose.skeleton import Pose

SIZE = 64  # pixels of a map's side
CHANNELS = len(PARTS) + 3  # a share for each part, depth, and how far its front and its left are seen
SOFT = 0.06  # torso lengths of depth over which one part gives way to another
DEEPEST = 2.0  # torso lengths
ANOTHER_SIDE = 0.15  # cosine beyond which a part shows its front or its back
SHORT = 0.3  # of `facing`, below which it does not say which side is seen
FLAT_ENDS = 2.5  # how much sooner a torso ends beyond its joints than a limb does

# Parts of a limb: from where to where, in the names of `Body.at`.
ENDS = {
    "upperarm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist"), "thigh": ("hip", "knee"), "shin": ("knee", "ankle"),
    "foot": ("ankle", "ankle"),
}  # fmt: skip


class Flesh(NamedTuple):
    """Of a capsule, in torso lengths. width, depth: half of it at both ends, across the body and from front to back; ahead:
    how far before the bone its middle lies."""

    width: tuple[float, float]
    depth: tuple[float, float]
    ahead: tuple[float, float] = (0.0, 0.0)


# The means of rendered figures (`prepare-avatars`), dressed.
FLESH = {
    "torso": Flesh((0.05, 0.12), (0.22, 0.24), (0.065, 0.0)),  # width: beyond the joints of shoulders and hips
    "upperarm": Flesh((0.09, 0.08), (0.105, 0.08)),
    "forearm": Flesh((0.08, 0.05), (0.08, 0.065)),
    "hand": Flesh((0.03, 0.03), (0.065, 0.055)),
    "thigh": Flesh((0.165, 0.14), (0.20, 0.15), (-0.02, -0.015)),
    "shin": Flesh((0.135, 0.11), (0.14, 0.12), (-0.03, -0.01)),
    "foot": Flesh((0.085, 0.085), (0.06, 0.05)),
    "head": Flesh((0.165, 0.165), (0.20, 0.20)),
    "neck": Flesh((0.11, 0.12), (0.11, 0.12)),
}
Ends = tuple[np.ndarray, np.ndarray]
HAND = (0.03, 0.26)  # from the wrist on, without its rounded end
HEEL, TOES, SOLE = -0.04, 0.36, 0.10  # ahead of the ankle, and below it
HEAD_ABOVE, HEAD_LONG = 0.08, 0.04  # above the middle of the face; half of its length without its rounded ends
NECK = 0.1  # below the middle of the head, where it begins


class PartFrame(NamedTuple):
    """A part's direction, 0 where it has none, and unit vectors to its left and front side, (3,) each."""

    along: np.ndarray
    left: np.ndarray
    ahead: np.ndarray


@dataclass(frozen=True, eq=False)
class _Capsules:
    """There are K of them. part: (K,) numbers in `PARTS`. start, end: (K, 3). width, depth: (K, 2), half of the section at
    both ends, along `left` and `ahead`, (K, 3) unit vectors. squash: (K,)."""

    part: np.ndarray
    start: np.ndarray
    end: np.ndarray
    width: np.ndarray
    depth: np.ndarray
    left: np.ndarray
    ahead: np.ndarray
    squash: np.ndarray


@dataclass(frozen=True, eq=False)
class _Surfaces:
    """Where capsules are seen, M places (M,). capsule, pixel: which; cover: of the pixel, 0 to 1; side: how far left or
    right of the axis, -1 to 1; depth: towards the camera."""

    capsule: np.ndarray
    pixel: np.ndarray
    cover: np.ndarray
    side: np.ndarray
    depth: np.ndarray


@lru_cache(maxsize=REMEMBERED)
def mannequin(pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Of a usable pose: maps (CHANNELS, SIZE, SIZE) and `facing` (P, 2), float32; not to be changed."""
    return _maps(lift(pose), frames_of(pose))


@lru_cache(maxsize=REMEMBERED)
def frames_of(pose: Pose) -> dict[str, PartFrame]:
    """Those of the parts that a usable pose has; not to be changed."""
    return _frames(lift(pose))


def turned_away(seen: Pose, pose: Pose) -> np.ndarray:
    """(P,) bool: the parts of which a pose shows the other side than the one that is seen, front or back."""
    before, after = (mannequin(each)[1][:, 0] for each in (seen, pose))
    return np.asarray((before * after < 0) & (np.minimum(np.abs(before), np.abs(after)) > ANOTHER_SIDE))


@lru_cache(maxsize=REMEMBERED)
def side_turns(seen: Pose, pose: Pose) -> np.ndarray:
    """(P,): degrees between the sides of each part that two poses show; 0 where one is a front and the other a back, and
    where a part points at the camera or is not there. Not to be changed."""
    before, after = (mannequin(each)[1] for each in (seen, pose))
    lengths = [np.linalg.norm(each, axis=1) for each in (before, after)]
    cosines = (before * after).sum(axis=1) / np.maximum(lengths[0] * lengths[1], 1e-6)
    unknown = (np.minimum(*lengths) < SHORT) | turned_away(seen, pose)
    return np.where(unknown, 0.0, np.degrees(np.arccos(cosines.clip(-1, 1))))


@lru_cache(maxsize=REMEMBERED)
def out_of_plane(seen: Pose, pose: Pose) -> np.ndarray:
    """(P,): degrees between the directions from which two poses show each part, which a turn in the picture leaves alone; 0
    for a part that is not in both. Not to be changed."""
    before, after = (_seen_from(frames_of(each)) for each in (seen, pose))
    known = before.any(axis=1) & after.any(axis=1)
    return np.where(known, np.degrees(np.arccos((before * after).sum(axis=1).clip(-1, 1))), 0.0)


def _seen_from(frames: dict[str, PartFrame]) -> np.ndarray:
    """(P, 3): where the camera is, along each part, to its left and ahead; 0 for a part that is not there."""
    towards = np.zeros((len(PARTS), 3))
    for name, frame in frames.items():
        towards[PARTS.index(name)] = frame.along[2], frame.left[2], frame.ahead[2]
    return _normalised(towards, [0.0, 0.0, 0.0])


def body_maps(body: Body) -> tuple[np.ndarray, np.ndarray]:
    """Maps (CHANNELS, SIZE, SIZE): shares of the parts in [0, 1], depth in torso lengths, front and left in [-1, 1]; all 0
    beside the body. Facing (P, 2): the same two in the middle of each part, 0 where it is not there."""
    return _maps(body, _frames(body))


def _maps(body: Body, frames: dict[str, PartFrame]) -> tuple[np.ndarray, np.ndarray]:
    capsules = _Capsules(*(np.array(column) for column in zip(*_capsules(body, frames, trunk_axes(body)), strict=True)))
    across, towards = _view(capsules.end - capsules.start)
    seen = _surfaces(capsules, across, towards, body.scale)
    out = np.sqrt(1 - seen.side**2)  # a surface's normal is side * across + out * towards
    front, left = (
        seen.side * _dot(across, axis)[seen.capsule] + out * _dot(towards, axis)[seen.capsule]
        for axis in (capsules.ahead, capsules.left)
    )
    share = _shares(seen, SOFT * body.scale)
    near = (seen.depth / body.scale).clip(-DEEPEST, DEEPEST)
    maps = np.zeros((CHANNELS, SIZE * SIZE), np.float32)
    np.add.at(maps, (capsules.part[seen.capsule], seen.pixel), share)
    for channel, value in enumerate((near, front, left), len(PARTS)):
        maps[channel] = np.bincount(seen.pixel, share * value, SIZE * SIZE)
    return maps.reshape(CHANNELS, SIZE, SIZE), _facing(frames)


def _facing(frames: dict[str, PartFrame]) -> np.ndarray:
    """(P, 2): how far each part's front and left are towards the camera."""
    facing = np.zeros((len(PARTS), 2), np.float32)
    for name, frame in frames.items():
        towards = _view(frame.along[None])[1][0]
        facing[PARTS.index(name)] = towards @ frame.ahead, towards @ frame.left
    return facing


def _frames(body: Body) -> dict[str, PartFrame]:
    trunk = trunk_axes(body)
    return {name: frame for name in PARTS if (frame := _frame(body, name, trunk)) is not None}


def _frame(body: Body, name: str, trunk: Axes) -> PartFrame | None:
    """None where a joint is missing."""
    up, left, ahead = trunk
    if name == "torso":
        return PartFrame(-up, left, ahead)
    if name == "head":
        face = face_axes(body) or trunk
        return PartFrame(np.zeros(3), face.left, face.ahead) if has(body, "cnose") else None
    side, kind = name[0], name[1:]
    a, b = (side + joint for joint in ENDS[kind])
    if not has(body, a, b):
        return None
    along = _foot_direction(body, side, trunk) if kind == "foot" else unit(body.at(b) - body.at(a), -up)
    return PartFrame(along, *turned(-up, along, np.stack([left, ahead])))


def _foot_direction(body: Body, side: str, trunk: Axes) -> np.ndarray:
    """Ahead of the shin, and down."""
    ankle = body.at(side + "ankle")
    knee = body.at(side + "knee") if has(body, side + "knee") else ankle + trunk.up
    return unit(unit(ankle - knee, -trunk.up) + trunk.ahead, -trunk.up)


def _capsules(body: Body, frames: dict[str, PartFrame], trunk: Axes) -> Iterator[tuple]:
    """Rows of `_Capsules`."""
    for name, frame in frames.items():
        part = PARTS.index(name)
        if name == "torso":
            yield _torso(body, part, frame)
        elif name == "head":
            yield from _head(body, part, trunk)
        elif name.endswith("foot"):
            yield _foot(body, part, name[0], frames.get(name[0] + "shin", frames["torso"]))
        else:
            yield from _limb(body, part, name[0], name[1:], frame)


def _capsule(
    body: Body, part: int, ends: Ends, flesh: Flesh, left: np.ndarray, ahead: np.ndarray, squash: float = 1.0
) -> tuple:
    """A row of `_Capsules`. ends: of the bone."""
    start, end = (bone + before * body.scale * ahead for bone, before in zip(ends, flesh.ahead, strict=True))
    width, depth = (np.array(each) * body.scale for each in (flesh.width, flesh.depth))
    return part, start, end, width, depth, left, ahead, squash


def _torso(body: Body, part: int, frame: PartFrame) -> tuple:
    """Wider than its joints are apart."""
    flesh = FLESH["torso"]
    shoulders, hips = (float(np.linalg.norm(leftward(body, joint))) / 2 / body.scale for joint in ("shoulder", "hip"))
    flesh = flesh._replace(width=(shoulders + flesh.width[0], hips + flesh.width[1]))
    ends = body.at("neck"), body.at("pelvis")
    return _capsule(body, part, ends, flesh, frame.left, frame.ahead, FLAT_ENDS)


def _limb(body: Body, part: int, side: str, kind: str, frame: PartFrame) -> Iterator[tuple]:
    """Of an arm or leg; a forearm has its hand, which is thin from the left to the right."""
    a, b = (body.at(side + joint) for joint in ENDS[kind])
    yield _capsule(body, part, (a, b), FLESH[kind], frame.left, frame.ahead)
    if kind == "forearm":
        wrist, fingers = (b + far * body.scale * frame.along for far in HAND)
        yield _capsule(body, part, (wrist, fingers), FLESH["hand"], frame.left, frame.ahead)


def _foot(body: Body, part: int, side: str, shin: PartFrame) -> tuple:
    """From the heel to the toes, at right angles to the shin."""
    sole = body.at(side + "ankle") + SOLE * body.scale * shin.along
    heel, toes = (sole + far * body.scale * shin.ahead for far in (HEEL, TOES))
    return _capsule(body, part, (heel, toes), FLESH["foot"], shin.left, -shin.along)


def _head(body: Body, part: int, trunk: Axes) -> Iterator[tuple]:
    """Behind the nose, with the neck. Which way it looks is known by the eyes, else by the trunk."""
    up, left, ahead = head_axes(body) or trunk
    middle = body.at("cnose") + body.scale * (HEAD_ABOVE * up - BEHIND_NOSE * ahead)
    half = HEAD_LONG * body.scale * up
    yield _capsule(body, part, (middle - half, middle + half), FLESH["head"], left, ahead)
    below = middle - NECK * body.scale * up
    yield _capsule(body, part, (below, body.at("neck")), FLESH["neck"], trunk.left, trunk.ahead)


def _surfaces(capsules: _Capsules, across: np.ndarray, towards: np.ndarray, scale: float) -> _Surfaces:
    """Seen from the camera, an elliptic section has half of a width and half of a thickness."""
    radii, bulges = (
        np.hypot(capsules.width * _dot(axis, capsules.left)[:, None], capsules.depth * _dot(axis, capsules.ahead)[:, None])
        for axis in (across, towards)
    )
    capsule, row, column = np.nonzero(_around(capsules, radii))
    x, y = (column + 0.5) / SIZE, (row + 0.5) / SIZE
    (ax, ay, az), (bx, by, bz) = capsules.start[capsule].T, capsules.end[capsule].T
    t = along_segment(x, y, ax, ay, bx, by)
    qx, qy = x - ax - t * (bx - ax), y - ay - t * (by - ay)
    across_x, across_y = across[capsule, :2].T
    aside, forth = qx * across_x + qy * across_y, qx * across_y - qy * across_x
    radius, bulge = (first + t * (last - first) for first, last in (radii[capsule].T, bulges[capsule].T))
    radius = np.maximum(radius, 1e-4)
    away = np.hypot(aside, capsules.squash[capsule] * forth) / radius
    cover = ((1 - away) * radius * SIZE + 0.5).clip(0, 1)
    depth = az + t * (bz - az) + bulge * np.sqrt((1 - away * away).clip(0, 1))
    kept, side = cover > 0, (aside / radius).clip(-1, 1)
    return _Surfaces(capsule[kept], (row * SIZE + column)[kept], cover[kept], side[kept], depth[kept])


def _around(capsules: _Capsules, radii: np.ndarray) -> np.ndarray:
    """(K, SIZE, SIZE) bool: pixels that a capsule may cover."""
    middle, margin = (np.arange(SIZE) + 0.5) / SIZE, radii.max(axis=1)[:, None] + 1 / SIZE
    ends = np.stack([capsules.start, capsules.end])[..., :2]
    (x0, y0), (x1, y1) = (corner.T[..., None] for corner in (ends.min(axis=0), ends.max(axis=0)))
    across, down = ((middle > low - margin) & (middle < high + margin) for low, high in ((x0, x1), (y0, y1)))
    return down[:, :, None] & across[:, None]


def _shares(seen: _Surfaces, soft: float) -> np.ndarray:
    """(M,): how much of its pixel each capsule is seen in; those of a pixel give way to each other by their depth."""
    nearest, empty = np.full(SIZE * SIZE, -np.inf), np.ones(SIZE * SIZE)
    np.maximum.at(nearest, seen.pixel, seen.depth)
    np.multiply.at(empty, seen.pixel, 1 - seen.cover)
    weight = seen.cover * np.exp((seen.depth - nearest[seen.pixel]) / soft)
    total = np.bincount(seen.pixel, weight, SIZE * SIZE)
    return (1 - empty[seen.pixel]) * weight / np.maximum(total[seen.pixel], 1e-6)


def _dot(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of rows (K, 3): (K,)."""
    return (vectors * others).sum(axis=1)


def _view(along: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K, 3) twice, for directions (K, 3) of any length: unit vectors across them in the picture plane, and from their axes
    towards the camera. What points at the camera lies upright in the picture."""
    flat = _normalised(along[:, :2], [0.0, 1.0])
    across = np.column_stack([-flat[:, 1], flat[:, 0], np.zeros(len(flat))])
    axis = _normalised(along, [0.0, 0.0, 0.0])
    towards = np.array([0.0, 0.0, 1.0]) - axis[:, 2:] * axis
    return across, _normalised(towards, [0.0, 0.0, 1.0])


def _normalised(vectors: np.ndarray, fallback: list[float]) -> np.ndarray:
    """Rows of unit length; the fallback for those without one."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(length > 1e-4, vectors / np.maximum(length, 1e-4), fallback)
