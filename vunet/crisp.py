"""Soft pictures made crisp, for a second reading.

A draw of the prior has as many axes as a few thousand people can tell; what is fine lies beyond them, and its picture is
soft. F reads a crisp one as it reads photos, and D draws the cloth that belongs to it.
"""

from __future__ import annotations

import cv2
import numpy as np

FRAME = 256  # pixels; the lengths below are of a picture of that side
EVEN, ALIKE = 4.0, 45.0  # how far patches are evened out, in pixels, and up to which difference, in grey levels
EDGE, STEEPER = 2.0, 2.0  # width of the edges that are steepened, in pixels, and by how much


def crisp(picture: np.ndarray) -> np.ndarray:
    """(S, S, 3) uint8: patches evened out, edges steepened. Tomasi and Manduchi, "Bilateral Filtering for Gray and Color
    Images", ICCV 1998; then an unsharp mask."""
    scale = len(picture) / FRAME
    even = cv2.bilateralFilter(picture, round(2 * scale * EVEN) | 1, ALIKE, scale * EVEN).astype(np.float32)
    steep = even + STEEPER * (even - cv2.GaussianBlur(even, (0, 0), scale * EDGE))
    return np.clip(steep, 0, 255).round().astype(np.uint8)
