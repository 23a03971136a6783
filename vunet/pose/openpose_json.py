"""OpenPose JSON in and out: COCO-18 and BODY-25, pixels or fractions.

Source of the orders: OpenPose documentation, "Output format". The eighteenth joint list has no mid-hip; BODY-25 inserts it
as number 8 and appends six foot points, which this skeleton does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np

from vunet.errors import BadPose
from vunet.pose.skeleton import JOINTS, Pose

COCO_18 = {
    "cnose": 0, "rshoulder": 2, "relbow": 3, "rwrist": 4, "lshoulder": 5, "lelbow": 6, "lwrist": 7,
    "rhip": 8, "rknee": 9, "rankle": 10, "lhip": 11, "lknee": 12, "lankle": 13, "reye": 14, "leye": 15,
}  # fmt: skip
BODY_25 = {
    "cnose": 0, "rshoulder": 2, "relbow": 3, "rwrist": 4, "lshoulder": 5, "lelbow": 6, "lwrist": 7,
    "rhip": 9, "rknee": 10, "rankle": 11, "lhip": 12, "lknee": 13, "lankle": 14, "reye": 15, "leye": 16,
}  # fmt: skip
NECK, MID_HIP = 1, 8
MARGIN = 0.06
MAX_CANVAS = 1e6  # pixels; a larger one is no picture


def read(data: Mapping[str, Any], person: int | None = None) -> Pose:
    """One person of an OpenPose JSON document as a `Pose`; raises `BadPose`.

    `person` chooses among several (default: the largest). 0, 0 and negative coordinates are missing joints; confidence is
    only ever compared with zero. Pixels are laid into a square frame: the canvas, padded, where the document names its
    size, else the body's own box with a margin.
    """
    data = _document(data)
    bodies = _bodies(data)
    if person is not None and not 0 <= person < len(bodies):
        raise BadPose(f"The file holds {len(bodies)} people, there is no number {person + 1}.")
    pose = _pose(max(bodies, key=_extent) if person is None else bodies[person], data)
    if not pose.visible.any():
        raise BadPose("Every joint of this OpenPose person is missing.")
    return pose


def read_all(data: Any, limit: int) -> list[Pose]:
    """At most `limit` people of a document; one without a visible joint stays so. Raises `BadPose`."""
    document = _document(data)
    return [_pose(points, document) for points in _bodies(document)[:limit]]


def _document(data: Any) -> Any:
    return data[0] if isinstance(data, list) and data else data


def _pose(points: np.ndarray, data: Mapping[str, Any]) -> Pose:
    table = BODY_25 if len(points) == 25 else COCO_18
    chosen = points[[table[n] for n in JOINTS]]
    visible = ~np.isnan(chosen).any(axis=1)
    if not visible.any():
        return Pose(Pose.default().joints, visible)
    scaled = _to_square(chosen, data)
    return Pose(np.where(visible[:, None], scaled, Pose.default().joints), visible)


def write(pose: Pose, size: int, body_25: bool = False) -> dict[str, Any]:
    """The inverse of `read`: 18 (or 25) joints in pixels of a square canvas."""
    table = BODY_25 if body_25 else COCO_18
    points = np.zeros((25 if body_25 else 18, 3))
    for name, (x, y), visible in zip(JOINTS, pose.joints, pose.visible, strict=True):
        if visible:
            points[table[name]] = x * size, y * size, 1
    if body_25 and pose.has("lhip", "rhip"):
        points[MID_HIP] = *((pose.xy("lhip") + pose.xy("rhip")) / 2 * size), 1
    if pose.has("lshoulder", "rshoulder"):
        points[NECK] = *(pose.xy("neck") * size), 1
    flat = [round(float(v), 3) for v in points.ravel()]
    return {"canvas_width": size, "canvas_height": size, "people": [{"pose_keypoints_2d": flat}]}


def _bodies(data: Any) -> list[np.ndarray]:
    people = data.get("people") if isinstance(data, Mapping) else None
    if not isinstance(people, list) or not people:
        raise BadPose("This is not OpenPose JSON: it has no list of people.")
    return [_points(p) for p in people]


def _points(person: Any) -> np.ndarray:
    """(18 or 25, 2) coordinates, NaN where missing."""
    flat = person.get("pose_keypoints_2d") if isinstance(person, Mapping) else None
    try:
        values = np.array(flat, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        values = np.empty(0)
    if values.shape not in ((54,), (75,)) or not np.isfinite(values).all():
        raise BadPose("An OpenPose person needs 18 or 25 joints with x, y and confidence.")
    triples = values.reshape(-1, 3)
    missing = (triples[:, :2] < 0).any(1) | (triples[:, :2] == 0).all(1) | (triples[:, 2] <= 0)
    return np.where(missing[:, None], np.nan, triples[:, :2])


def _extent(points: np.ndarray) -> float:
    seen = points[~np.isnan(points).any(axis=1)]
    return float(np.ptp(seen, axis=0).max()) if len(seen) else 0.0


def _is_side(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and 0 < value < MAX_CANVAS


def _to_square(points: np.ndarray, data: Mapping[str, Any]) -> np.ndarray:
    width, height = (data.get(k) for k in ("canvas_width", "canvas_height"))
    fractions = np.nanmax(points) <= 1.5
    if _is_side(width) and _is_side(height):
        pixels = points * [width, height] if fractions else points
        side = max(width, height)
        return (pixels + np.array([side - width, side - height]) / 2) / side
    if fractions:
        return points
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    side = max(float((high - low).max()), 1e-6) * (1 + 2 * MARGIN)
    return (points - (low + high) / 2) / side + 0.5
