"""One person's keypoints, however they are written, as an array: flat numbers, nested points, objects, lists of x and y."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vunet.pose.files.layouts import LAYOUTS, MEDIAPIPE_33, Layout
from vunet.pose.joints import DEFAULT_JOINTS, INDEX, JOINTS

SCORES = ("score", "confidence", "visibility", "visible", "v", "c")  # names of a point's confidence
MAX_SIGNED = 1.5  # of coordinates around the middle
NO_PLACES = ((0, 0), (-1, -1))  # written for points that are missing
MAX_COORDINATE = 1e7  # a larger one is no place in a picture


def read_points(value: Any, scores: Any = None) -> np.ndarray | None:
    """(N, 2) float64, N of `LAYOUTS`, NaN where a point is missing; None for what is no list of keypoints.

    scores: confidences that are written beside the points. A confidence is only ever compared with zero. Coordinates that
    are null, no number, both zero, or negative without a confidence are missing. Numbers may be written as texts.
    """
    rows = _rows(value)
    if rows is None or len(rows) not in LAYOUTS:
        return None
    rows = _from_signed(rows)
    if isinstance(scores, Sequence) and len(scores) == len(rows) and not isinstance(scores, str):
        rows = [(*row[:2], score) for row, score in zip(rows, scores, strict=True)]
    return np.array([_point(row, len(rows)) for row in rows])


def _from_signed(rows: list[Sequence[Any]]) -> list[Sequence[Any]]:
    """Coordinates from -1 to 1 around the picture's middle (OpenPose's keypoint_scale 4) or in metres around the hips
    (MediaPipe's world landmarks) as fractions; others as they are. Somebody in the middle has a third of the points or
    more above it or left of it; somebody whom an edge cuts off has fewer beyond that edge, and none beyond the other."""
    places = [_place(row) for row in rows]
    there = np.array([place for place in places if place] or [(1.0, 1.0)])
    negative = there < 0
    around = negative.any(axis=0).all() and negative.any(axis=1).mean() >= 1 / 3 and np.abs(there).max() <= MAX_SIGNED
    if not around:
        return rows
    moved = [((place[0] + 1) / 2, (place[1] + 1) / 2) if place else (None, None) for place in places]
    return [[*place, *row[2:]] for place, row in zip(moved, rows, strict=True)]


def _place(row: Sequence[Any]) -> tuple[float, float] | None:
    x, y = _number(row[0]), _number(row[1])
    return (x, y) if _is_number(x) and _is_number(y) and (x, y) not in NO_PLACES else None


def looks_like_points(value: Any) -> int:
    """How many points a list seems to hold, of whatever layout; 0 for other things."""
    if isinstance(value, list) and len(value) > 3 and all(_is_scalar(item) for item in value):
        return len(value) // (3 if len(value) % 3 == 0 else 2)
    rows = _rows(value)
    return len(rows) if rows else 0


def to_joints(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points (N, 2) of a layout to our joints (15, 2), NaN where missing, and their visibility (15,)."""
    table = LAYOUTS[len(points)].joints
    joints = points[[table[name] for name in JOINTS]]
    return joints, ~np.isnan(joints).any(axis=1)


def from_joints(joints: np.ndarray, visible: np.ndarray, layout: Layout, size: float, confidence: float) -> np.ndarray:
    """(N, 3) in pixels of a square of `size`, 0 where missing: the inverse of `to_joints`."""
    points = np.zeros((layout.count, 3))
    for name, (x, y), there in zip(JOINTS, joints, visible, strict=True):
        if there:
            points[layout.joints[name]] = x * size, y * size, confidence
    for index, pair in layout.middles.items():
        sides = [INDEX[name] for name in pair]
        if visible[sides].all():
            points[index] = *(joints[sides].mean(axis=0) * size), confidence
    return points


def with_stand_ins(joints: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """Joints with a usual place for those that are missing."""
    return np.where(visible[:, None], joints, DEFAULT_JOINTS)


def _rows(value: Any) -> list[Sequence[Any]] | None:
    """The points of a list, each as a sequence of numbers or nulls."""
    if isinstance(value, Mapping):
        return _columns(value)
    if not isinstance(value, list) or not value:
        return None
    if all(_is_scalar(item) for item in value):
        width = next((w for w in (3, 2, 4) if len(value) % w == 0 and len(value) // w in LAYOUTS), 0)
        return [value[i : i + width] for i in range(0, len(value), width)] if width else None
    rows = [_row(item) for item in value]
    return None if any(row is None for row in rows) else [row for row in rows if row is not None]


def _columns(value: Mapping[str, Any]) -> list[Sequence[Any]] | None:
    """Ultralytics: {"x": [...], "y": [...], "visible": [...]}."""
    x, y = value.get("x"), value.get("y")
    if not isinstance(x, list) or not isinstance(y, list) or len(x) != len(y):
        return None
    scores = next((value[name] for name in SCORES if isinstance(value.get(name), list)), None)
    return [list(row) for row in zip(x, y, scores if scores and len(scores) == len(x) else [1] * len(x), strict=True)]


def _row(item: Any) -> Sequence[Any] | None:
    """One point: null, [x, y], [x, y, c], [x, y, z, c], or an object."""
    if item is None:
        return (None, None)
    if isinstance(item, Mapping):
        item = {str(key).lower(): value for key, value in item.items()}
        place = item.get("position", item)
        if not isinstance(place, Mapping) or not {"x", "y"} <= place.keys():
            return None
        score = next((item[name] for name in SCORES if name in item), 1)
        return (place["x"], place["y"], score)
    if isinstance(item, list) and 2 <= len(item) <= 4 and all(_is_scalar(each) for each in item):
        return item
    return (None, None) if item == [] else None


def _point(row: Sequence[Any], count: int) -> tuple[float, float]:
    missing = (np.nan, np.nan)
    x, y = _number(row[0]), _number(row[1])
    depth = isinstance(row, list) and len(row) == 3 and count == MEDIAPIPE_33.count  # no confidence
    score = _number(row[-1]) if len(row) > 2 and not depth else 1
    if not (_is_number(x) and _is_number(y)) or score is None or score is False or (_is_number(score) and not score > 0):
        return missing
    x, y = float(x), float(y)
    # What lies left of the picture or above it is there only where a confidence says so.
    least = -MAX_COORDINATE if len(row) > 2 and not depth and _is_number(score) else 0
    if not least <= x < MAX_COORDINATE or not least <= y < MAX_COORDINATE or (x, y) in NO_PLACES:
        return missing
    return x, y


def _is_scalar(value: Any) -> bool:
    """Something that may stand in a number's place, damaged or not."""
    return value is None or isinstance(value, bool | int | float | str)


def _number(value: Any) -> Any:
    """Numbers as texts, as some tools write them, as numbers; all else as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
