"""Pictures with opacity that are laid over each other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, eq=False)
class Layer:
    """picture: (h, w, 4) uint8, RGB times opacity, and opacity; a box of a frame. corner: its left and top there."""

    picture: np.ndarray
    corner: tuple[int, int] = (0, 0)

    def on_frame(self, size: int) -> np.ndarray:
        """(size, size, 4): the whole frame, empty around the layer."""
        frame, (left, top) = np.zeros((size, size, 4), np.uint8), self.corner
        frame[top : top + self.picture.shape[0], left : left + self.picture.shape[1]] = self.picture
        return frame

    def mirrored(self, size: int) -> Layer:
        """In the mirror image of the frame."""
        left, top = self.corner
        return Layer(np.ascontiguousarray(self.picture[:, ::-1]), (size - left - self.picture.shape[1], top))


def lay(picture: np.ndarray, layer: np.ndarray) -> None:
    """Lays a layer over a picture of the same size, in place; both (h, w, 4) uint8, colours times opacity."""
    through = cv2.merge([255 - layer[..., 3]] * 4)
    cv2.add(layer, cv2.multiply(picture, through, scale=1 / 255), dst=picture)


def boxed(picture: np.ndarray) -> Layer:
    """The box of it that is not empty."""
    left, top, width, height = cv2.boundingRect(picture[..., 3])
    return Layer(picture[top : top + height, left : left + width].copy(), (left, top))


def premultiplied(picture: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 of colours (H, W, 3) in [0, 255] and opacity (H, W) in [0, 1]."""
    weight = opacity.astype(np.float32)[..., None]
    return np.dstack([picture * weight, 255 * weight]).round().astype(np.uint8)
