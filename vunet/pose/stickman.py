"""The shape image ŷ: a stickman picture, the input of the shape encoder E."""

from __future__ import annotations

import cv2
import numpy as np

from vunet.pose.geometry import to_segment
from vunet.pose.joints import JOINTS, LEFT, LIMBS, RIGHT, TORSO
from vunet.pose.skeleton import Pose

R, G, B = 0, 1, 2
_SIDES = {RIGHT: R, LEFT: G}
# Limbs of one side; the neck and the shoulder and hip lines are drawn otherwise or not at all.
_LINES = [(a, b, _SIDES[colour]) for a, b, colour in LIMBS if colour in _SIDES]
OUTLINE = ("lhip", "lshoulder", "rshoulder", "rhip")
NECK = 127

Point = tuple[float, float]


def draw_stickman(pose: Pose, size: int, smooth: bool = True) -> np.ndarray:
    """(size, size, 3) uint8. R: right arm and leg, G: left arm and leg, B: the filled torso.

    The neck (middle of the shoulders to the nose) is 127 in R and G, nose to eye 255 on its side; lines are
    int(3 size / 128) wide. `smooth` covers each pixel by its distance to the lines, so that the drawing follows a drag
    without steps; without it the drawing equals the authors' to the pixel.
    """
    pixels = pose.joints.astype(np.float64) * size
    points: dict[str, Point] = {n: (pixels[i, 0], pixels[i, 1]) for i, n in enumerate(JOINTS) if pose.visible[i]}
    canvas = _SmoothCanvas(size) if smooth else _AuthorsCanvas(size)
    if all(n in points for n in TORSO):
        canvas.fill([points[n] for n in OUTLINE])
    if all(n in points for n in ("lshoulder", "rshoulder", "cnose")):
        x, y = pose.xy("neck").astype(np.float64) * size
        for plane in (R, G):
            canvas.line(plane, (x, y), points["cnose"], NECK)
    for a, b, plane in _LINES:
        if a in points and b in points:
            canvas.line(plane, points[a], points[b], 255)
    return canvas.picture()


def _width(size: int) -> int:
    return max(1, int(3 * size / 128))


class _SmoothCanvas:
    """Three planes in which a pixel is as bright as it is covered: by the distance of its middle to the shape."""

    def __init__(self, size: int) -> None:
        self.planes = np.zeros((3, size, size), np.float32)
        self.radius = _width(size) / 2

    def line(self, plane: int, a: Point, b: Point, value: int) -> None:
        """A line with round ends."""
        if (window := self._window([a, b])) is not None:
            x, y, area = window
            cover = (self.radius + 0.5 - to_segment(x, y, *a, *b)).clip(0, 1)
            below = self.planes[plane][area]
            self.planes[plane][area] = below + cover * (value - below)

    def fill(self, corners: list[Point]) -> None:
        """A quadrangle, which may be twisted."""
        if (window := self._window(corners)) is not None:
            x, y, area = window
            edges = [*zip(corners, [*corners[1:], corners[0]], strict=True)]
            away = np.min([to_segment(x, y, *a, *b) for a, b in edges], axis=0)
            self.planes[B][area] = 255 * (0.5 + np.where(_inside(x, y, edges), away, -away)).clip(0, 1)

    def _window(self, points: list[Point]) -> tuple[np.ndarray, np.ndarray, tuple[slice, slice]] | None:
        """Middles of the pixels that a shape may cover, x (1, w) and y (h, 1), and where they are; None outside."""
        size, rim = self.planes.shape[1], self.radius + 1
        low, high = (f(np.array(points), axis=0) for f in (np.min, np.max))
        left, top = np.floor(low - rim).clip(0, size).astype(int)
        right, bottom = np.ceil(high + rim).clip(0, size).astype(int)
        if left >= right or top >= bottom:
            return None
        x, y = np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5
        return x[None], y[:, None], (slice(top, bottom), slice(left, right))

    def picture(self) -> np.ndarray:
        """(S, S, 3) uint8."""
        return np.ascontiguousarray(self.planes.round().astype(np.uint8).transpose(1, 2, 0))


def _inside(x: np.ndarray, y: np.ndarray, edges: list[tuple[Point, Point]]) -> np.ndarray:
    """Whether points lie within a polygon, by the even-odd rule."""
    inside = np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
    for (ax, ay), (bx, by) in edges:
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    return inside


class _AuthorsCanvas:
    """OpenCV's lines at whole pixels, as the published code draws them."""

    def __init__(self, size: int) -> None:
        self.planes = [np.zeros((size, size), np.uint8) for _ in range(3)]
        self.width = _width(size)

    def line(self, plane: int, a: Point, b: Point, value: int) -> None:
        cv2.line(self.planes[plane], _whole(a), _whole(b), value, self.width, cv2.LINE_8)

    def fill(self, corners: list[Point]) -> None:
        cv2.fillPoly(self.planes[B], [np.array([_whole(corner) for corner in corners])], 255, cv2.LINE_8)

    def picture(self) -> np.ndarray:
        return np.stack(self.planes, axis=-1)


def _whole(point: Point) -> tuple[int, int]:
    return int(point[0]), int(point[1])
