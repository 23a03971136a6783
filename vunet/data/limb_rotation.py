"""Limbs in other positions: arms and legs cut out of a photo and turned at their joints.

Street photos show standing people with hanging arms, and the first thing a user does is raise one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vunet.data.framed_person import Framed, torso_length, warp
from vunet.inputs.parts import UNIT_SQUARE
from vunet.pose.joints import ARMS, INDEX, LEGS, TORSO
from vunet.pose.skeleton import Pose

Limb = tuple[str, str, str]

# In torso lengths: half the widths of a limb's two segments, and what hangs on its end (hand, foot).
SHAPES = {"shoulder": (0.17, 0.15, 0.34), "hip": (0.23, 0.18, 0.30)}
HEAD = 0.42  # radius around the nose, in torso lengths
ROOM = 1.5  # the canvas that limbs are turned on, in frames: a raised hand must not be cut off
MARGIN = 0.04  # around the joints, in frames
SOFT = 1.2  # deviation of a cut-out's blurred edge, in pixels


@dataclass(frozen=True)
class LimbRotation:
    """Chances that an arm or a leg is turned, and how far its two joints turn at most, in degrees."""

    arms: float = 0.5
    legs: float = 0.45
    shoulder: float = 170.0
    elbow: float = 120.0
    hip: float = 110.0
    knee: float = 100.0

    def __call__(self, person: Framed, rng: np.random.Generator) -> Framed:
        """A copy with some limbs turned, in a frame that holds them; the draw does not depend on what is visible."""
        draws = [(limb, self._angles(limb, rng), rng.random()) for limb in (*LEGS, *ARMS)]
        chosen = [(limb, angles) for limb, angles, u in draws if u < self._chance(limb) and person.pose.has(*limb)]
        if not chosen or not person.pose.has(*TORSO):
            return person
        size = len(person.mask)
        person = warp(person, _zoom(1 / ROOM), round(ROOM * size))
        for limb, angles in chosen:
            person = turn_limb(person, limb, angles)
        return warp(person, _around(person.pose), size)

    def _chance(self, limb: Limb) -> float:
        return self.arms if limb in ARMS else self.legs

    def _angles(self, limb: Limb, rng: np.random.Generator) -> tuple[float, float]:
        first, second = (self.shoulder, self.elbow) if limb in ARMS else (self.hip, self.knee)
        outwards = 1 if limb[0].startswith("r") else -1  # clockwise for the limb on the picture's left
        return outwards * rng.uniform(-0.2 * first, first), rng.uniform(-second, second)


def turn_limb(person: Framed, limb: Limb, angles: tuple[float, float]) -> Framed:
    """Turns a limb clockwise at its first joint and, beyond that, at its second, by degrees; lengths stay.

    What was behind the limb is background, or, on the torso, stays as it is: mostly the same garment.
    """
    root, middle, end = (_pixel(person, name) for name in limb)
    first = _turn(root, root, angles[0])
    moved = _apply(first, middle)
    second = _turn(middle, moved, sum(angles))
    masks = _segment_masks(person, limb)
    frame, alpha = person.frame.copy(), _without(person, limb, np.maximum(*masks))
    for mask, matrix in zip(masks, (first, second), strict=True):
        _lay(person, mask, matrix, frame, alpha)
    pose = _moved(person.pose, {limb[1]: moved, limb[2]: _apply(second, end)}, len(person.mask))
    return Framed(frame, alpha, pose)


def _segment_masks(person: Framed, limb: Limb) -> list[np.ndarray]:
    """The pixels of a limb's two segments, (S, S) uint8: thick lines along the bones."""
    root, middle, end = (_pixel(person, name) for name in limb)
    scale = _torso_length(person)
    upper, lower, beyond = SHAPES[limb[0][1:]]
    tip = end + beyond * scale * (end - middle) / max(float(np.linalg.norm(end - middle)), 1.0)
    return [_line(person, root, middle, upper * scale), _line(person, middle, tip, lower * scale)]


def _lay(person: Framed, mask: np.ndarray, matrix: np.ndarray, frame: np.ndarray, alpha: np.ndarray) -> None:
    """Draws a cut-out segment, moved, on a frame and its mask; both change, but only where it lands."""
    rows, columns = _landing(mask, matrix)
    there, size = (rows, columns), (columns.stop - columns.start, rows.stop - rows.start)
    if min(size) < 1:
        return
    shifted = matrix - [[0, 0, columns.start], [0, 0, rows.start]]
    soft = cv2.multiply(cv2.GaussianBlur(mask, (0, 0), SOFT), person.mask, scale=1 / 255)
    colour = cv2.warpAffine(person.frame, shifted, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    opacity = cv2.warpAffine(soft, shifted, size, flags=cv2.INTER_LINEAR)
    weight = opacity[..., None] / np.float32(255)
    frame[there] = (frame[there] + weight * (colour.astype(np.float32) - frame[there])).round()
    alpha[there] = np.maximum(alpha[there], opacity)


def _landing(mask: np.ndarray, matrix: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the frame that a mask's pixels and their soft edge land on."""
    x, y, width, height = cv2.boundingRect(mask)
    corners = np.array([x, y]) + UNIT_SQUARE * [width, height] + (2 * UNIT_SQUARE - 1) * 4 * SOFT
    moved = corners @ matrix[:, :2].T + matrix[:, 2]
    low = np.clip(np.floor(moved.min(axis=0)), 0, len(mask)).astype(int).tolist()
    high = np.clip(np.ceil(moved.max(axis=0)), 0, len(mask)).astype(int).tolist()
    return slice(low[1], high[1]), slice(low[0], high[0])


def _without(person: Framed, limb: Limb, limb_mask: np.ndarray) -> np.ndarray:
    """The person's mask without a limb, except where torso, head or another limb is: (S, S) uint8."""
    kept = np.zeros_like(person.mask)
    scale = _torso_length(person)
    corners = np.array([_pixel(person, n) for n in ("lshoulder", "rshoulder", "rhip", "lhip")])
    middle = corners.mean(axis=0)
    cv2.fillConvexPoly(kept, cv2.convexHull((middle + 1.12 * (corners - middle)).round().astype(np.int32)), 255)
    if person.pose.has("cnose"):
        cv2.circle(kept, _whole(_pixel(person, "cnose")), round(HEAD * scale), 255, -1)
    for other in (*ARMS, *LEGS):
        if other != limb and person.pose.has(*other):
            kept = np.maximum(kept, np.maximum(*_segment_masks(person, other)))
    hole = cv2.dilate(limb_mask, np.ones((5, 5), np.uint8)) > 127
    return _largest_piece(np.where(hole & (kept < 128), 0, person.mask).astype(np.uint8))


def _largest_piece(mask: np.ndarray) -> np.ndarray:
    """Without the shreds of sleeves and trouser legs that a cut leaves behind."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 64).astype(np.uint8))
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if len(stats) > 1 else 0
    return np.where((labels == largest) | (mask <= 64), mask, 0).astype(np.uint8)


def _line(person: Framed, a: np.ndarray, b: np.ndarray, half: float) -> np.ndarray:
    canvas = np.zeros_like(person.mask)
    return cv2.line(canvas, _whole(a), _whole(b), 255, max(1, round(2 * half)), cv2.LINE_AA)


def _torso_length(person: Framed) -> float:
    return max(torso_length(person.pose) * len(person.mask), 4.0)


def _pixel(person: Framed, name: str) -> np.ndarray:
    return person.pose.xy(name).astype(np.float64) * len(person.mask)


def _whole(point: np.ndarray) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _turn(about: np.ndarray, to: np.ndarray, degrees: float) -> np.ndarray:
    """(2, 3): turns clockwise on the screen (y down) about a point, which lands on `to`."""
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turn = np.array([[c, -s], [s, c]])
    return np.column_stack([turn, to - turn @ about])


def _apply(matrix: np.ndarray, point: np.ndarray) -> np.ndarray:
    return matrix[:, :2] @ point + matrix[:, 2]


def _moved(pose: Pose, points: dict[str, np.ndarray], size: int) -> Pose:
    joints = pose.joints.copy()
    for name, point in points.items():
        joints[INDEX[name]] = point / size
    return Pose(joints, pose.visible)


def _zoom(scale: float) -> np.ndarray:
    """(2, 3) in fractions of the frame: scales about its middle."""
    return np.column_stack([scale * np.eye(2), np.full(2, 0.5 - 0.5 * scale)])


def _around(pose: Pose) -> np.ndarray:
    """(2, 3): from the canvas to the former frame, grown and shifted as far as the joints need it."""
    joints = pose.joints[pose.visible]
    low, high = joints.min(axis=0) - MARGIN, joints.max(axis=0) + MARGIN
    side = max(1 / ROOM, float((high - low).max()))
    corner = np.clip(np.full(2, 0.5 - side / 2), high - side, low)
    return np.column_stack([np.eye(2) / side, -corner / side])
