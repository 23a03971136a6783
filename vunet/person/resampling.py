"""Pictures at other sizes and places. One convention for all: pixel i covers i to i + 1, its middle is at i + 0.5."""

from __future__ import annotations

import cv2
import numpy as np

SHRINKS = 1.5  # downscaling by more than this factor is preceded by a blur
BLUR = 0.35  # standard deviation of that blur, times the factor: samplers look at points


def warp(
    picture: np.ndarray,
    to_source: np.ndarray,
    size: tuple[int, int],
    border: int = cv2.BORDER_CONSTANT,
    fill: tuple[float, ...] = (),
    middle: float = 0.5,
) -> np.ndarray:
    """A picture of (width, height) pixels whose points lie in the source where `to_source` says, without a blur.

    to_source: (2, 3) or (3, 3), from places in the new picture to places in the source, both in pixels from the corner.
    middle: where in a pixel its value is taken; 0 for the authors' crops alone.
    """
    half = np.array([[1, 0, middle], [0, 1, middle], [0, 0, 1.0]])
    matrix = np.linalg.inv(half) @ (to_source if len(to_source) == 3 else np.vstack([to_source, [0, 0, 1]])) @ half
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    if (matrix[2] == [0, 0, 1]).all():
        return cv2.warpAffine(picture, matrix[:2], size, flags=flags, borderMode=border, borderValue=fill)
    return cv2.warpPerspective(picture, matrix, size, flags=flags, borderMode=border, borderValue=fill)


def without_aliasing(picture: np.ndarray, shrink: float) -> np.ndarray:
    """A picture, blurred where it is to be shrunk by a factor."""
    return cv2.GaussianBlur(picture, (0, 0), BLUR * shrink) if shrink > SHRINKS else picture


def at_size(picture: np.ndarray, size: int) -> np.ndarray:
    """A square picture, shrunk or grown to a side."""
    if len(picture) == size:
        return picture
    way = cv2.INTER_AREA if len(picture) > size else cv2.INTER_LINEAR
    return cv2.resize(picture, (size, size), interpolation=way)
