"""The plain ground that people are cut out on, and cut off again."""

from __future__ import annotations

import cv2
import numpy as np

BACKGROUND = 240  # its light grey, 0-255
LIFT = (10, 48)  # grey levels from the background at which a pixel begins, and ceases, to be transparent
EDGE, PLAIN = 4, 4  # pixels of a frame's edge, and grey levels from the background, that are no person


def cut_out(frame: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lays a frame (S, S, 3) uint8 on the light background by its mask (S, S) in [0, 1]."""
    weight = alpha[..., None].astype(np.float32)
    return (frame * weight + BACKGROUND * (1 - weight)).round().astype(np.uint8)


def lift(picture: np.ndarray) -> np.ndarray:
    """A rendered person without the plain background: (S, S, 4) uint8 RGBA.

    What differs from the background, and what the background does not reach from the frame's edge, is the person.
    """
    distance = np.abs(picture.astype(np.int16) - BACKGROUND).max(axis=2)
    person = (distance > LIFT[0]).astype(np.uint8)
    _, labels = cv2.connectedComponents(1 - person, connectivity=4)
    outside = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    reached = np.isin(labels, outside[outside > 0])
    alpha = np.clip((distance - LIFT[0]) / (LIFT[1] - LIFT[0]), 0, 1)
    alpha = np.where(reached | (distance <= LIFT[1]) & _near(reached), alpha, 1)
    return np.dstack([picture, (255 * alpha).round().astype(np.uint8)])


def on_plain_ground(picture: np.ndarray) -> np.ndarray:
    """A rendered person whose ground is plain to the last grey level, and without the line that zero padding draws along
    the frame: (S, S, 3) uint8."""
    inner = picture[EDGE:-EDGE, EDGE:-EDGE]
    picture = cv2.copyMakeBorder(inner, EDGE, EDGE, EDGE, EDGE, cv2.BORDER_REPLICATE)
    distance = np.abs(picture.astype(np.int16) - BACKGROUND).max(axis=2).astype(np.float32)
    person = cv2.dilate((cv2.blur(distance, (5, 5)) > PLAIN).astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.where(person[..., None] > 0, picture, np.uint8(BACKGROUND))


def _near(area: np.ndarray) -> np.ndarray:
    """The area and a rim of two pixels."""
    return cv2.dilate(area.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
