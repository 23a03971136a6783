"""A rendered person in the visitor's own photo: what is behind them is made up once, and they stand in it again."""

from __future__ import annotations

import cv2
import numpy as np

from vunet.person.framing import Person

SIDE = 256  # pixels at which the hole is filled: Telea's method takes as long as the hole has pixels
RADIUS = 4  # of the pixels around one that its colour is made of
RIM = 7  # pixels of SIDE around the mask that still carry the person's colours and shadow


def has_scene(person: Person | None) -> bool:
    """Whether there is a photo behind a person; example people stand on the plain ground."""
    return person is not None and not person.drawn


def scene_behind(person: Person | None) -> np.ndarray | None:
    """`empty_scene` of a person who has a photo, else None."""
    return empty_scene(person) if person is not None and has_scene(person) else None


def empty_scene(person: Person) -> np.ndarray:
    """The photo's frame without the person: (S, S, 3) uint8.

    A. Telea, "An Image Inpainting Technique Based on the Fast Marching Method", 2004. It continues colours, not things.
    """
    size = len(person.backdrop)
    small = cv2.resize(person.backdrop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    covered = cv2.resize(person.mask, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    hole = cv2.dilate((covered > 12).astype(np.uint8), np.ones((2 * RIM + 1,) * 2, np.uint8))
    filled = cv2.GaussianBlur(cv2.inpaint(small, hole, RADIUS, cv2.INPAINT_TELEA), (0, 0), 1.5)
    soft = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 2.0)
    filled, soft = (cv2.resize(each, (size, size), interpolation=cv2.INTER_LINEAR) for each in (filled, soft))
    return _mixed(filled, person.backdrop, soft)


def into_scene(cut: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """A person without ground (S, S, 4) uint8 before a scene of any size: (S, S, 3) uint8, where they stand."""
    ground = scene if scene.shape[:2] == cut.shape[:2] else cv2.resize(scene, cut.shape[:2], interpolation=cv2.INTER_AREA)
    return _mixed(cut[..., :3], ground, cut[..., 3] / np.float32(255))


def _mixed(above: np.ndarray, below: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    weight = np.clip(opacity, 0, 1)[..., None]
    return (above * weight + below * (1 - weight)).round().astype(np.uint8)
