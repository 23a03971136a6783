"""Distances in the picture plane, for NumPy arrays and PyTorch tensors alike: plain arithmetic and `clip`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SMALLEST = 1e-9  # squared length of a segment, to divide by
Values = Any  # floats, arrays or tensors that can be broadcast together


def along_segment(x: Values, y: Values, ax: Values, ay: Values, bx: Values, by: Values) -> Values:
    """How far along the segment a-b the point nearest to (x, y) lies, 0 to 1."""
    dx, dy = bx - ax, by - ay
    return (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy + SMALLEST)).clip(0, 1)


def to_segment(x: Values, y: Values, ax: Values, ay: Values, bx: Values, by: Values) -> Values:
    """Distances of points to segments."""
    t = along_segment(x, y, ax, ay, bx, by)
    px, py = x - ax - t * (bx - ax), y - ay - t * (by - ay)
    return (px * px + py * py) ** 0.5


def beyond_edges(x: Values, y: Values, corners: Sequence[tuple[Values, Values]]) -> list[Values]:
    """Signed distances of points to the lines through a polygon's edges, in turn.

    All are below 0 within a convex polygon whose corners go round clockwise on the screen (x right, y down).
    """
    distances = []
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        dx, dy = bx - ax, by - ay
        distances.append((dy * (x - ax) - dx * (y - ay)) / (dx * dx + dy * dy + SMALLEST) ** 0.5)
    return distances
