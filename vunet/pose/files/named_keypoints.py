"""Keypoints that carry names, in whatever order and however many, put into the order of COCO's 17."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COCO_NAMES = (
    "nose", "lefteye", "righteye", "leftear", "rightear", "leftshoulder", "rightshoulder", "leftelbow", "rightelbow",
    "leftwrist", "rightwrist", "lefthip", "righthip", "leftknee", "rightknee", "leftankle", "rightankle",
)  # fmt: skip
SYNONYMS = {"leftfoot": "leftankle", "rightfoot": "rightankle"}
ENOUGH = 6  # known names that make a person
BODY = 18  # keypoints of a row of `subset`, before its score and its count

Node = Mapping[str, Any]


def in_order(node: Node) -> Node:
    """An object of a document with its named keypoints as COCO's 17, null where missing; as it is where none are named."""
    for reader in (_of_points, _of_shapes, _of_candidates, _of_categories, _of_meta):
        changed = reader(node)
        if changed is not None:
            return changed
    ordered = _ordered(node)
    return {**node, "keypoints": ordered} if ordered else node


def _plain(name: Any) -> str:
    plain = "".join(c for c in str(name).lower() if c.isalnum())
    return SYNONYMS.get(plain, plain)


def _ordered(named: Mapping[Any, Any]) -> list[Any] | None:
    found = {_plain(name): value for name, value in named.items()}
    return [found.get(name) for name in COCO_NAMES] if sum(name in found for name in COCO_NAMES) >= ENOUGH else None


def _of_points(node: Node) -> Node | None:
    """ml5, PoseNet: points with a `name` or `part`, or an object of points by their names."""
    points = node.get("keypoints")
    if isinstance(points, list) and all(isinstance(point, Mapping) for point in points):
        points = {str(point.get("name", point.get("part"))): point for point in points}
    ordered = _ordered(points) if isinstance(points, Mapping) else None
    return {**node, "keypoints": ordered} if ordered else None


def _of_shapes(node: Node) -> Node | None:
    """LabelMe, X-AnyLabeling: labelled points, the people told apart by `group_id`."""
    people: dict[str, dict[str, Any]] = {}
    for shape in _mappings(node.get("shapes")):
        points = shape.get("points")
        if shape.get("shape_type") == "point" and isinstance(points, list) and points:
            people.setdefault(str(shape.get("group_id")), {})[str(shape.get("label"))] = points[0]
    found = [ordered for named in people.values() if (ordered := _ordered(named))]
    return {**node, "keypoints": found} if found else None


def _of_candidates(node: Node) -> Node | None:
    """Old OpenPose annotators: all points as `candidate`, the people as rows of indices in `subset`, -1 where missing."""
    inner = node.get("bodies")
    bodies: Node = inner if isinstance(inner, Mapping) else node
    spots, rows = bodies.get("candidate"), bodies.get("subset")
    if not isinstance(spots, list) or not isinstance(rows, list):
        return None
    people = [{"keypoints": [_spot(spots, i) for i in row[:BODY]]} for row in rows if isinstance(row, list)]
    return {**{key: value for key, value in node.items() if key != "bodies"}, "people": people}


def _spot(spots: list[Any], index: Any) -> Any:
    there = isinstance(index, int | float) and 0 <= index < len(spots)
    spot = spots[int(index)] if there else None
    return spot[:2] if isinstance(spot, list) else None


def _of_categories(node: Node) -> Node | None:
    """COCO's `categories` name the keypoints of their people: CrowdPose, AI Challenger, PoseTrack."""
    if not isinstance(node.get("annotations"), list):
        return None
    names = {str(kind.get("id")): kind.get("keypoints") for kind in _mappings(node.get("categories"))}
    people = [_renamed(person, names.get(str(person.get("category_id")))) for person in _mappings(node["annotations"])]
    return {**node, "categories": [], "annotations": people} if names else None


def _of_meta(node: Node) -> Node | None:
    """mmpose: `meta_info` names the keypoints by their numbers."""
    meta = node.get("meta_info")
    names = meta.get("keypoint_id2name") if isinstance(meta, Mapping) else None
    if not isinstance(names, Mapping) or not all(str(key).isdigit() for key in names):
        return None
    order = [names[key] for key in sorted(names, key=lambda key: int(str(key)))]
    frames = [_renamed_frame(frame, order) for frame in _mappings(node.get("instance_info"))]
    return {**node, "meta_info": None, "instance_info": frames}


def _renamed_frame(frame: Node, names: list[Any]) -> Node:
    if not isinstance(frame.get("instances"), list):
        return _renamed(frame, names)
    return {**frame, "instances": [_renamed(person, names) for person in _mappings(frame["instances"])]}


def _renamed(person: Node, names: Any) -> Node:
    """A person whose keypoints have these names, flat or nested; as it is if that is COCO's order already."""
    values = person.get("keypoints")
    if not isinstance(names, list) or not isinstance(values, list) or tuple(map(_plain, names)) == COCO_NAMES:
        return person
    rows = values if len(values) == len(names) else _triples(values)
    ordered = _ordered(dict(zip(map(str, names), rows, strict=False))) if len(rows) == len(names) else None
    return {**person, "keypoint_scores": None, "keypoints": ordered} if ordered else person


def _triples(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[i : i + 3] for i in range(0, len(values), 3)]


def _mappings(value: Any) -> list[Node]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
