"""The plain ground that people are cut out on, and cut off again."""

from __future__ import annotations

import cv2
import numpy as np

BACKGROUND = 240  # its light grey, 0-255
LIFT = (10, 48)  # grey levels from the background at which a pixel begins, and ceases, to be transparent
NOISE = 3  # grey levels from the background that nobody sees
MARKS, EDGE = 24, 6  # the same in the outermost pixels of a frame, and how many those are
THIN = 0.15  # opacity below which a pixel's own colour cannot be told


def cut_out(frame: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lays a frame (S, S, 3) uint8 on the light background by its mask (S, S) in [0, 1]."""
    weight = alpha[..., None].astype(np.float32)
    return (frame * weight + BACKGROUND * (1 - weight)).round().astype(np.uint8)


def on_plain_ground(picture: np.ndarray) -> np.ndarray:
    """A rendered person (S, S, 3) uint8 whose ground is plain to the last grey level: D leaves a noise on it that nobody
    sees, and at the frame's edge marks of its padding."""
    ground = np.full_like(picture, BACKGROUND)
    red, green, blue = cv2.split(cv2.absdiff(picture, ground))
    least = np.full_like(red, MARKS)
    least[EDGE:-EDGE, EDGE:-EDGE] = NOISE
    plain = cv2.compare(cv2.max(cv2.max(red, green), blue), least, cv2.CMP_LE)
    return cv2.copyTo(ground, plain, picture.copy())


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


def off_plain_ground(drawn: np.ndarray) -> np.ndarray:
    """A person drawn on the plain ground, with opacity (S, S, 4) uint8, without its light in half-opaque pixels."""
    opacity = drawn[..., 3:].astype(np.float32) / 255
    colours = BACKGROUND + (drawn[..., :3] - np.float32(BACKGROUND)) / np.maximum(opacity, THIN)
    return np.dstack([colours.clip(0, 255).round().astype(np.uint8), drawn[..., 3]])


def _near(area: np.ndarray) -> np.ndarray:
    """The area and a rim of two pixels."""
    return cv2.dilate(area.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
