"""c: what a photo shows of a person, as layers that move against each other: the body, and either arm.

Where an arm lies on the body, what it covers is filled from around it, so that the arm can leave it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, reduce

import cv2
import numpy as np

from vunet.person.behind import covered_front
from vunet.person.layers import Layer, boxed, lay, premultiplied
from vunet.person.ownership import OWNED, SHARED, SOFT, distances
from vunet.person.parts import hidden_parts, part_transforms
from vunet.person.resampling import warp
from vunet.pose.anatomy import PARTS, limb_of, torso_outline
from vunet.pose.geometry import beyond_edges
from vunet.pose.skeleton import Pose

ARMS = ("larm", "rarm")
LAYERS = ("body", *ARMS)
ALL = frozenset(range(len(PARTS)))
FILLED_AT = 256  # pixels of a frame's side: Telea's method takes as long as the hole has pixels
RADIUS = 5  # of the pixels around one that its colour is made of
COVERED = 0.15  # share of an arm in a pixel above which the body's own colour is not seen there
WIDEST = 3.0  # radii around an arm's bones that may be its sleeve
GROWN = 1.15  # how much larger than its joints a torso is
LAID = ("foot", "shin", "thigh", "torso", "head", "upperarm", "forearm")  # crops, from behind to the front


@dataclass(frozen=True, eq=False)
class Cutout:
    """A person of a photo. layers: in the order of `LAYERS`, of a frame of `size` pixels, in which `pose` is too. parts:
    numbers of the parts of `PARTS` that are taken from it. strength: of all opacities, 0 to 1."""

    layers: tuple[Layer, ...]
    pose: Pose
    size: int
    parts: frozenset[int] = ALL
    strength: float = 1.0

    def only(self, parts: frozenset[int]) -> Cutout:
        """Of its parts, these alone."""
        return replace(self, parts=self.parts & parts)

    @cached_property
    def from_behind(self) -> Cutout:
        """The person as somebody behind them sees them; without a head where no hair is seen."""
        (body, *arms), pose = (layer.mirrored(self.size) for layer in self.layers), self.pose.from_behind()
        covered, parts = covered_front(body, pose, self.size)
        return replace(self, layers=(covered, *arms), pose=pose, parts=self.parts & parts)


def cut_layers(image: np.ndarray, mask: np.ndarray, pose: Pose) -> Cutout:
    """The layers of a frame (S, S, 3) uint8 with its mask (S, S) uint8."""
    there = mask.astype(np.float32) / 255
    near = _arm_shares(pose.seen(), len(image))
    covered = np.max(near, axis=0)
    torso = _within_torso(pose, len(image))
    filled = _filled(image, there, covered, torso)
    body = premultiplied(filled, there * np.where(torso, 1, 1 - covered))
    pictures = [body, *(premultiplied(image, there * share) for share in near)]
    return Cutout(tuple(boxed(picture) for picture in pictures), pose, len(image))


def layers_of_crops(crops: np.ndarray, pose: Pose, size: int) -> Cutout:
    """The layers that upright crops (P, s, s, 4) uint8 of the parts make up, as older sessions hold them."""
    pictures, missing = [np.zeros((size, size, 4), np.uint8) for _ in LAYERS], hidden_parts(pose, "body")
    for part in sorted(range(len(PARTS)), key=lambda i: LAID.index(PARTS[i].lstrip("lr") if i > 1 else PARTS[i])):
        matrix = (
            np.diag([len(crops[part])] * 2 + [1.0]) @ part_transforms(pose, "body")[part] @ np.diag([1 / size, 1 / size, 1])
        )
        if not missing[part]:
            opacity = crops[part, ..., 3:] / np.float32(255)
            whole = np.dstack([(crops[part, ..., :3] * opacity).round().astype(np.uint8), crops[part, ..., 3]])
            lay(pictures[LAYERS.index(layer_of(PARTS[part]))], warp(whole, matrix, (size, size)))
    return Cutout(tuple(boxed(picture) for picture in pictures), pose, size)


def layer_of(part: str) -> str:
    """The layer, of `LAYERS`, that a part of the body is in."""
    return limb_of(part) if part.endswith("arm") else "body"


def _arm_shares(pose: Pose, size: int) -> np.ndarray:
    """(2, S, S) in [0, 1]: how far each pixel belongs to either arm: what is nearer to it than to all else, in radii."""
    away = distances(pose, OWNED)
    arms = [away[[i for i, name in enumerate(PARTS) if layer_of(name) == arm]].min(axis=0) for arm in ARMS]
    body = away[[i for i, name in enumerate(PARTS) if layer_of(name) == "body"]].min(axis=0)
    shares = []
    for own, other in (arms, arms[::-1]):
        nearer = 0.5 + SHARED + (np.minimum(body, other) - own) / SOFT
        shares.append(cv2.resize(np.minimum(nearer, (WIDEST - own) / SOFT).clip(0, 1), (size, size)))
    return np.stack(shares)


def _within_torso(pose: Pose, size: int) -> np.ndarray:
    """(S, S) bool."""
    line = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / size
    corners = [tuple(corner) for corner in torso_outline(pose, GROWN)]
    return reduce(np.maximum, beyond_edges(line[None], line[:, None], corners)) < 0


def _filled(image: np.ndarray, there: np.ndarray, covered: np.ndarray, torso: np.ndarray) -> np.ndarray:
    """The frame with the body's colours under its arms."""
    hole = (covered > COVERED) & torso & (there > 0)
    if not hole.any():
        return image
    small, seen = (cv2.resize(each, (FILLED_AT,) * 2, interpolation=cv2.INTER_AREA) for each in (image, there))
    arms = cv2.resize(covered, (FILLED_AT,) * 2, interpolation=cv2.INTER_AREA)
    wanted = cv2.resize(hole.astype(np.uint8), (FILLED_AT,) * 2, interpolation=cv2.INTER_AREA)
    unknown = cv2.dilate(wanted, np.ones((9, 9), np.uint8)) & ((arms > COVERED) | (seen < 0.9)).astype(np.uint8)
    made = cv2.inpaint(small, unknown, RADIUS, cv2.INPAINT_TELEA)
    made = cv2.resize(made, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(np.where(hole, covered, 0).astype(np.float32), (0, 0), len(image) / 256)[..., None]
    return (image + soft.clip(0, 1) * (made.astype(np.float32) - image)).round().astype(np.uint8)
