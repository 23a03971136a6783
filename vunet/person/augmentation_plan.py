"""How a photo's person is to be changed, as numbers: poses and affine maps in fractions of the frame.

Made on the CPU, where it costs little; `vunet.person.augmented_people` renders whole batches where the pictures are needed.
Three frames occur: the photo's, mirrored or not; the body's, in which its back may be shortened; and the new picture's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from vunet.person.parts import UNIT_SQUARE, Quad
from vunet.pose.anatomy import HEAD_RADIUS, limb_segment, radius_of, torso_axis, torso_outline
from vunet.pose.joints import ARMS, INDEX, LEGS, REACH, TORSO
from vunet.pose.skeleton import Pose

Limb = tuple[str, str, str]
TURNED: tuple[Limb, ...] = (*LEGS, *ARMS)  # in the order in which they are laid over each other
SEGMENTS = {"hip": ("thigh", "shin"), "shoulder": ("upperarm", "forearm")}  # of a limb, by its first joint
IDENTITY = np.eye(2, 3)
TORSO_KEPT = 1.12  # how much larger than its joints a torso is
ROUND = 0.02  # frames around a segment in which its soft edge ends
HAIR = 96  # pixels of a head's crop


@dataclass(frozen=True, eq=False)
class WarpPlan:
    """Changes of one person.

    pose: what they come to, in the new frame. body: in the body's frame, before limbs turn. mirrored, gains: the photo and
    its colours. bend: heights of the neck in the body's frame and in the photo's, and of the hips in both, where the back
    is shortened. turns: maps (2, 3) of a limb's two segments from the photo's place to the new one, in the body's frame.
    to_body: (2, 3), from the new frame to the body's. hair: a head's crop (HAIR, HAIR, 4) uint8 that is laid over the
    face, and its place in the body's frame.
    """

    pose: Pose
    body: Pose
    mirrored: bool = False
    gains: np.ndarray = field(default_factory=lambda: np.ones(3))
    bend: tuple[float, float, float] | None = None
    turns: Mapping[Limb, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    to_body: np.ndarray = field(default_factory=lambda: IDENTITY)
    hair: tuple[np.ndarray, Quad] | None = None

    @classmethod
    def of(cls, pose: Pose, mirrored: bool = False, gains: np.ndarray | None = None) -> WarpPlan:
        """A photo as it is, or its mirror image with other colours."""
        pose = pose.mirrored() if mirrored else pose
        return cls(pose, pose, mirrored, np.ones(3) if gains is None else gains)

    def limb_turned(self, limb: Limb, angles: tuple[float, float]) -> WarpPlan:
        """A limb turned clockwise at its first joint and, beyond that, at its second, by degrees; lengths stay.

        What was behind the limb is background, or, on the torso, stays as it is: mostly the same garment.
        """
        root, middle, end = (self.pose.xy(name).astype(np.float64) for name in limb)
        first = turn(root, root, angles[0])
        moved = apply(first, middle)
        second = turn(middle, moved, sum(angles))
        joints = self.pose.joints.copy()
        joints[[INDEX[limb[1]], INDEX[limb[2]]]] = moved, apply(second, end)
        return replace(self, pose=_reachable(joints, self.pose), turns={**self.turns, limb: (first, second)})

    def moved(self, matrix: np.ndarray) -> WarpPlan:
        """The drawn frame changed by an affine map (2, 3); joints may lie outside of it."""
        pose = _reachable(apply(matrix, self.pose.joints), self.pose)
        return replace(self, pose=pose, to_body=after(self.to_body, inverse(matrix)))

    def framed(self) -> WarpPlan:
        """Joints outside of the frame are missing."""
        joints = self.pose.joints
        inside = (np.abs(joints - 0.5) <= 0.5).all(axis=1)
        return replace(self, pose=Pose(np.clip(joints, 0, 1), self.pose.visible & inside))

    def tensors(self) -> dict[str, Tensor]:
        """All that rendering needs, of fixed shapes, so that plans can be stacked. `has_` says what of it there is."""
        hair, at = self.hair or (np.zeros((HAIR, HAIR, 4), np.uint8), UNIT_SQUARE)
        segments = [segment for limb in TURNED for segment in _segments(self.body, limb)]
        seen = self.body.has(*TORSO)
        values = {
            "mirrored": self.mirrored,
            "gains": self.gains,
            "bend": self.bend or (0.0, 0.0, 1.0),
            "to_body": self.to_body,
            "segments": [segment or [0.0] * 5 for segment in segments],
            "has_segment": [segment is not None for segment in segments],
            "turned": [limb in self.turns for limb in TURNED for _ in range(2)],
            "turns": [inverse(m) for limb in TURNED for m in self.turns.get(limb, (IDENTITY, IDENTITY))],
            "boxes": [box for limb in TURNED for box in self._boxes(limb)],
            "torso": torso_outline(self.body, TORSO_KEPT) if seen else UNIT_SQUARE,
            "has_torso": seen,
            "head": _head(self.body) or [0.0] * 3,
            "has_head": _head(self.body) is not None,
            "to_hair": _to_unit_square(at),
            "has_hair": self.hair is not None,
        }
        arrays = {name: torch.from_numpy(np.asarray(value, np.float32)) for name, value in values.items()}
        return arrays | {"hair": torch.from_numpy(hair.transpose(2, 0, 1).copy())}

    def _boxes(self, limb: Limb) -> list[list[float]]:
        """Left, top, right and bottom of a turned limb's two segments where they are drawn; nothing for other limbs."""
        if limb not in self.turns:
            return [[0.0] * 4] * 2
        boxes, to_picture = [], inverse(self.to_body)
        for segment, matrix in zip(_segments(self.body, limb), self.turns[limb], strict=True):
            assert segment is not None  # what is turned is seen
            points = apply(after(to_picture, matrix), np.reshape(segment[:4], (2, 2)))
            reach = segment[4] * np.abs(np.linalg.det(to_picture[:, :2])) ** 0.5 + ROUND
            boxes.append([*np.clip(points.min(axis=0) - reach, 0, 1), *np.clip(points.max(axis=0) + reach, 0, 1)])
        return boxes


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """An affine map (2, 3) of points (..., 2)."""
    return points @ matrix[:, :2].T + matrix[:, 2]


def after(second: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The map that is the first, then the second."""
    return np.column_stack([second[:, :2] @ first[:, :2], apply(second, first[:, 2])])


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The inverse of an affine map (2, 3)."""
    return cv2.invertAffineTransform(np.asarray(matrix, np.float64))


def turn(about: np.ndarray, to: np.ndarray, degrees: float, scale: float = 1.0) -> np.ndarray:
    """(2, 3): turns clockwise on the screen (y down) and scales about a point, which lands on `to`."""
    c, s = scale * np.cos(np.deg2rad(degrees)), scale * np.sin(np.deg2rad(degrees))
    linear = np.array([[c, -s], [s, c]])
    return np.column_stack([linear, to - linear @ about])


def _reachable(joints: np.ndarray, pose: Pose) -> Pose:
    """A pose with other joints; what lies farther outside than a pose may, at its border."""
    return Pose(np.clip(joints, 0.5 - REACH, 0.5 + REACH), pose.visible)


def _segments(pose: Pose, limb: Limb) -> Sequence[list[float] | None]:
    """A limb's two segments as thick lines, x, y, x, y, radius; None where it is not seen."""
    if not pose.has(*limb, *TORSO):
        return None, None
    _, scale = torso_axis(pose)
    parts = [limb[0][0] + kind for kind in SEGMENTS[limb[0][1:]]]
    ends = [limb_segment(part, pose) or (np.zeros(2),) * 2 for part in parts]
    if limb in LEGS:  # the foot goes with the shin
        foot = limb_segment(limb[0][0] + "foot", pose)
        ends[1] = (ends[1][0], foot[1] if foot else ends[1][1])
    return [[*a, *b, radius_of(part) * scale] for part, (a, b) in zip(parts, ends, strict=True)]


def _head(pose: Pose) -> list[float] | None:
    """x, y, radius; None where no nose is seen."""
    if not pose.has("cnose", *TORSO):
        return None
    return [*pose.xy("cnose"), HEAD_RADIUS * torso_axis(pose)[1]]


def _to_unit_square(quad: Quad) -> np.ndarray:
    return cv2.getAffineTransform(np.asarray(quad[:3], np.float32), np.array([[0, 0], [0, 1], [1, 1]], np.float32))
