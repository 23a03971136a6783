"""Pose documents of all kinds, as text: our own JSON, OpenPose's with 18 or 25 joints, COCO's 17 keypoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vunet.errors import BadPose
from vunet.pose import openpose_json
from vunet.pose.skeleton import JOINTS, Pose

# Source: the COCO keypoint task, "keypoints" of a category.
COCO_17 = {
    "cnose": 0, "leye": 1, "reye": 2, "lshoulder": 5, "rshoulder": 6, "lelbow": 7, "relbow": 8, "lwrist": 9, "rwrist": 10,
    "lhip": 11, "rhip": 12, "lknee": 13, "rknee": 14, "lankle": 15, "rankle": 16,
}  # fmt: skip
CANVAS = 512  # pixels of the square that written keypoints lie in
MAX_CHARACTERS = 1_000_000
MAX_PEOPLE = 50


def parse_poses(text: str) -> list[Pose]:
    """The people of a pose document, whatever its format; raises `BadPose`."""
    if len(text) > MAX_CHARACTERS:
        raise BadPose("This pose file is longer than a million characters: give one picture's poses.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise BadPose("This is not JSON: give our own pose format, OpenPose's or COCO's.") from None
    if isinstance(data, Mapping) and "joints" in data:
        return _shown([Pose.from_dict(data)])
    people = _coco_people(data)
    if people:
        return _shown([_from_coco(person) for person in people[:MAX_PEOPLE]])
    return _shown(openpose_json.read_all(data, MAX_PEOPLE))


def _shown(poses: list[Pose]) -> list[Pose]:
    """The poses that have a visible joint: a document may hold empty people beside others."""
    shown = [pose for pose in poses if pose.visible.any()]
    if not shown:
        raise BadPose("Every joint in this pose file is missing.")
    return shown


def largest(poses: list[Pose]) -> int:
    """Index of the pose that fills most of its frame."""
    return int(np.argmax([float(np.ptp(p.joints[p.visible], axis=0).max()) for p in poses]))


def write_pose(pose: Pose, form: str) -> str:
    """A pose as JSON text in one of `FORMATS`."""
    return json.dumps(FORMATS[form](pose))


def _coco_people(data: Any) -> list[Any]:
    """Those annotations of a COCO document, or of a bare list of them, that have keypoints; none for other formats."""
    if isinstance(data, Mapping):
        data = data.get("annotations", [data] if "keypoints" in data else None)
    return [p for p in data if isinstance(p, Mapping) and "keypoints" in p] if isinstance(data, list) else []


def _from_coco(person: Mapping[str, Any]) -> Pose:
    """17 keypoints to our 15, in OpenPose's order, so that its rules for missing joints and frames hold here too."""
    try:
        points = np.array(person["keypoints"], dtype=np.float64).reshape(17, 3)
    except (TypeError, ValueError, OverflowError):
        raise BadPose("A COCO person needs 17 keypoints with x, y and visibility.") from None
    flat = np.zeros((18, 3))
    for name, index in COCO_17.items():
        flat[openpose_json.COCO_18[name]] = points[index]
    size = {f"canvas_{side}": person[side] for side in ("width", "height") if side in person}
    return openpose_json.read_all({"people": [{"pose_keypoints_2d": flat.ravel().tolist()}]} | size, 1)[0]


def _to_coco(pose: Pose) -> dict[str, Any]:
    points = np.zeros((17, 3))
    for name, (x, y), visible in zip(JOINTS, pose.joints, pose.visible, strict=True):
        if visible:
            points[COCO_17[name]] = x * CANVAS, y * CANVAS, 2
    flat = [round(float(v), 3) for v in points.ravel()]
    return {"width": CANVAS, "height": CANVAS, "num_keypoints": int(pose.visible.sum()), "keypoints": flat}


FORMATS: dict[str, Callable[[Pose], dict[str, Any]]] = {
    "VUNet": Pose.to_dict,
    "OpenPose, 18 joints": lambda pose: openpose_json.write(pose, CANVAS),
    "OpenPose, 25 joints": lambda pose: openpose_json.write(pose, CANVAS, body_25=True),
    "COCO, 17 keypoints": _to_coco,
}
