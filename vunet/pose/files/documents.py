"""The people of a pose document of any known tool, as arrays: who is in it, in which picture, how large.

Formats are told apart by their shape and by the number of points, not by a key's name. What can be read is read; people who
cannot be are counted. Of a film's frames the first with somebody in it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vunet.errors import BadPose
from vunet.pose.files.keypoints import looks_like_points, read_points, to_joints, with_stand_ins
from vunet.pose.files.layouts import COCO_17, LAYOUTS
from vunet.pose.files.named_keypoints import in_order
from vunet.pose.joints import DEFAULT_JOINTS

POINT_KEYS = (
    "pose_keypoints_2d", "pose_keypoints", "keypoints", "joints", "poseLandmarks", "pose_landmarks", "landmarks",
    "body_keypoints", "pred_keypoints", "poseWorldLandmarks", "pose_world_landmarks",
)  # fmt: skip
# Keys of lists of people, or of frames that hold such lists.
PEOPLE_KEYS = (
    "people", "bodies", "persons", "poses", "instances", "annotations", "predictions", "instance_info", "frames", "results",
)  # fmt: skip
SIZE_KEYS = (
    ("canvas_width", "canvas_height"), ("width", "height"), ("image_width", "image_height"), ("imageWidth", "imageHeight"),
)  # fmt: skip
MAX_PEOPLE, MAX_DEPTH = 50, 12
MAX_CANVAS = 1e6  # pixels; a larger one is no picture
MARGIN = 0.06  # around a body whose picture's size is not known
NOBODY = "Nobody was detected in this file."
NO_POSES = (
    "There are no poses in this file: give OpenPose, DWPose, COCO, MediaPipe, AlphaPose, Ultralytics, or our own JSON."
)

Size = tuple[float, float]


@dataclass(frozen=True)
class Found:
    """One person: points (N, 2) of a layout, NaN where missing; the picture's size, if known, and its name."""

    points: np.ndarray
    size: Size | None = None
    picture: int | str | None = None


@dataclass(frozen=True)
class People:
    """joints, visible: (15, 2) fractions of a square frame and (15,), for each person. largest: index of the person who is
    largest in the file's own units. unread: people that could not be read, or without a joint."""

    joints: list[np.ndarray]
    visible: list[np.ndarray]
    largest: int
    unread: int


@dataclass
class _Walk:
    """What was met on the way: empty lists of people, and people that could not be read."""

    empty: int = 0
    unread: int = 0
    wrong_count: int = 0


def read_people(data: Any) -> People:
    """The people of a parsed JSON document; raises `BadPose`."""
    walk = _Walk()
    found = _frame(data, None, walk, 0)[:MAX_PEOPLE]
    if not found:
        raise BadPose(_why_nobody(walk))
    extents = [_extent(person.points) for person in found]
    rows = [_in_frame(person, _are_fractions(found)) for person in found]
    shown = [i for i, (_, visible) in enumerate(rows) if visible.any()]
    if not shown:
        raise BadPose("Every joint in this pose file is missing.")
    sizes = [extents[i] for i in shown]
    joints, visible = zip(*(rows[i] for i in shown), strict=True)
    return People(list(joints), list(visible), int(np.argmax(sizes)), walk.unread + len(rows) - len(shown))


def _why_nobody(walk: _Walk) -> str:
    if walk.wrong_count:
        known = ", ".join(str(count) for count in sorted(LAYOUTS))
        return f"A person in this file has {walk.wrong_count} keypoints, which is no layout known here: {known} are."
    if walk.unread:
        return "Nobody in this file can be read: their keypoints are missing or damaged."
    return NOBODY if walk.empty else NO_POSES


def _frame(node: Any, size: Size | None, walk: _Walk, depth: int) -> list[Found]:
    """The people of a document, of its first frame with somebody in it."""
    if depth > MAX_DEPTH:
        return []
    if isinstance(node, Mapping):
        return _of_mapping(node, _size(node) or size, walk, depth)
    if not isinstance(node, list):
        return []
    points = read_points(node)
    if points is not None:
        return [Found(points, size)]
    if (points := _of_movenet(node)) is not None:
        return [Found(points, size)]
    return _of_list(node, size, walk, depth)


def _of_movenet(node: list[Any]) -> np.ndarray | None:
    """MoveNet's own tensor, [1, 1, 17, 3], which holds y before x."""
    inner = node[0] if len(node) == 1 else None
    rows = inner[0] if isinstance(inner, list) and len(inner) == 1 else None
    if not isinstance(rows, list) or len(rows) != COCO_17.count or any(len(r) != 3 for r in rows if isinstance(r, list)):
        return None
    points = read_points(rows)
    if points is None:
        return None
    return points[:, ::-1] if np.nanmax(points, initial=0) <= 2 else None


def _of_mapping(node: Mapping[str, Any], size: Size | None, walk: _Walk, depth: int) -> list[Found]:
    node = in_order(node)
    person = _person(node, size, walk)
    if person is not None:
        return person
    sizes = _sizes_of_pictures(node)
    for key in PEOPLE_KEYS:
        if isinstance(node.get(key), list):
            walk.empty += not node[key]
            people = _frame(node[key], size, walk, depth + 1)
            if people:
                return [replace(p, size=p.size or sizes.get(p.picture) or _only(sizes)) for p in people]
        elif isinstance(node.get(key), Mapping):
            people = _frame(node[key], size, walk, depth + 1)
            if people:
                return people
    if any(key in node for key in PEOPLE_KEYS):
        return []
    # AlphaPose keys its frames by the names of pictures.
    frames = (_frame(value, size, walk, depth + 1) for value in node.values() if _may_hold_people(value))
    return next((people for people in frames if people), [])


def _of_list(node: list[Any], size: Size | None, walk: _Walk, depth: int) -> list[Found]:
    """People beside each other, or frames after each other."""
    if not node:
        return []
    if any(_is_frame(item) for item in node):
        frames = (_frame(item, size, walk, depth + 1) for item in node)
        return next((people for people in frames if people), [])
    found: list[Found] = []
    for item in node[: 20 * MAX_PEOPLE]:
        people = _frame(item, size, walk, depth + 1)
        if not people and not (isinstance(item, Mapping) and not _has_points(item)):
            walk.unread += 1
            walk.wrong_count = walk.wrong_count or (looks_like_points(item) if isinstance(item, list) else 0)
        found += people
    first = next((person.picture for person in found), None)
    return [person for person in found if person.picture == first]


def _person(node: Mapping[str, Any], size: Size | None, walk: _Walk) -> list[Found] | None:
    """The person, or the people, whose keypoints this object holds; None where it holds none."""
    for key in POINT_KEYS:
        value = node.get(key)
        if isinstance(value, Mapping) and key == "joints":  # our own format
            continue
        points = read_points(value, node.get("keypoint_scores"))
        if points is not None:
            return [Found(points, size, _name(node.get("image_id", node.get("frame_id"))))]
        if isinstance(value, list) and (people := list(_several(value, size))):
            walk.unread += len(value) - len(people)
            return people
        if value is not None:
            walk.wrong_count = walk.wrong_count or looks_like_points(value)
    return None


def _several(value: list[Any], size: Size | None) -> Iterator[Found]:
    """openpose-editor, MediaPipe's tasks: one list of points for each person under one key."""
    for item in value:
        points = read_points(item) if isinstance(item, list) else None
        if points is not None:
            yield Found(points, size)


def _may_hold_people(value: Any) -> bool:
    """An object, or a list with a person in it."""
    in_list = isinstance(value, list) and any(isinstance(item, Mapping) and _has_points(item) for item in value)
    return isinstance(value, Mapping) or in_list


def _name(value: Any) -> int | str | None:
    """Of a picture, if it is one that can be compared."""
    return value if isinstance(value, int | str) else None


def _is_frame(item: Any) -> bool:
    """Whether an element of a list is a picture with its people."""
    return isinstance(item, Mapping) and not _has_points(item) and any(key in item for key in PEOPLE_KEYS)


def _has_points(item: Mapping[str, Any]) -> bool:
    return any(item.get(key) is not None for key in POINT_KEYS)


def _sizes_of_pictures(node: Mapping[str, Any]) -> dict[Any, Size]:
    """COCO: the sizes of `images` by their ids."""
    images = node.get("images")
    rows = [item for item in images if isinstance(item, Mapping)] if isinstance(images, list) else []
    sizes = {item.get("id"): _size(item) for item in rows if isinstance(item.get("id"), int | str)}
    return {name: size for name, size in sizes.items() if size}


def _only(sizes: Mapping[Any, Size]) -> Size | None:
    return next(iter(sizes.values())) if len(sizes) == 1 else None


def _size(node: Mapping[str, Any]) -> Size | None:
    canvas, shape = node.get("canvas"), node.get("image_size")
    if isinstance(canvas, Mapping):
        node = canvas
    if isinstance(shape, list) and len(shape) == 2:  # Detectron2: height, width
        node = {"width": shape[1], "height": shape[0]}
    for names in SIZE_KEYS:
        width, height = (_side(node.get(name)) for name in names)
        if width and height:
            return width, height
    return None


def _side(value: Any) -> float | None:
    try:
        side = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        return None
    return side if 0 < side < MAX_CANVAS else None


def _are_fractions(people: list[Found]) -> bool:
    """Whether coordinates are fractions of the picture; else they are pixels."""
    highest = [np.nanmax(person.points) for person in people if not np.isnan(person.points).all()]
    return not highest or max(highest) <= 2.0


def _extent(points: np.ndarray) -> float:
    """The longer side of the body, in the file's own units."""
    seen = points[~np.isnan(points).any(axis=1)]
    return float(np.ptp(seen, axis=0).max()) if len(seen) else 0.0


def _in_frame(person: Found, fractions: bool) -> tuple[np.ndarray, np.ndarray]:
    """Joints in fractions of a square: of the picture, padded, or of the body's own box where its size is not known."""
    joints, visible = to_joints(person.points)
    if not visible.any():
        return DEFAULT_JOINTS, visible
    scaled = _to_square(joints, person.size, fractions)
    visible = visible & (np.abs(np.nan_to_num(scaled, nan=9.0) - 0.5) <= 1.5).all(axis=1)
    return with_stand_ins(scaled, visible), visible


def _to_square(joints: np.ndarray, size: Size | None, fractions: bool) -> np.ndarray:
    if size and not fractions and (np.nanmax(joints, axis=0) > 1.25 * np.array(size)).any():
        size = None  # of something else: a box, or a thumbnail
    if size:
        pixels = joints * size if fractions else joints
        side = max(size)
        return (pixels + (side - np.array(size)) / 2) / side
    if fractions:
        return joints
    low, high = np.nanmin(joints, axis=0), np.nanmax(joints, axis=0)
    side = max(float((high - low).max()), 1e-6) * (1 + 2 * MARGIN)
    return (joints - (low + high) / 2) / side + 0.5
