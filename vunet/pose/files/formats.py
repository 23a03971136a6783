"""Pose files as text: our own JSON, and that of the tools in `vunet.pose.files.layouts`."""

from __future__ import annotations

import ast
import codecs
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vunet.errors import BadPose
from vunet.pose.files.documents import read_people
from vunet.pose.files.keypoints import from_joints
from vunet.pose.files.layouts import COCO_17, OPENPOSE_18, OPENPOSE_25, Layout
from vunet.pose.skeleton import Pose

CANVAS = 512  # pixels of the square that written keypoints lie in
MAX_CHARACTERS = 1_000_000
MAX_PYTHON = 50_000  # characters of what Python printed: its parser takes hundreds of times their memory
YOLO = 5 + 2 * COCO_17.count  # numbers a line: class, box, 17 points; with a confidence, 17 more
ENDINGS = (".json", ".jsonl", ".txt")
NOT_JSON = "This is not JSON: give OpenPose, DWPose, COCO, MediaPipe, AlphaPose, Ultralytics, or our own pose file."


UPSIDE_DOWN = "This person is upside down: if y runs upwards in the file, turn the values round."


@dataclass(frozen=True)
class PoseFile:
    """poses: the people of a file. largest: index of the largest, in the file's own units. unread: how many could not be
    read."""

    poses: list[Pose]
    largest: int
    unread: int = 0

    def chosen(self, person: int | None = None) -> Pose:
        """The largest person, or the one with that number; raises `BadPose`."""
        if person is None:
            return self.poses[self.largest]
        if not 0 <= person < len(self.poses):
            raise BadPose(f"The file holds {len(self.poses)} people, there is no number {person + 1}.")
        return self.poses[person]

    @property
    def note(self) -> str:
        """One sentence about people that could not be read; empty where all were."""
        everybody = self.unread + len(self.poses)
        if self.unread:
            return f"{self.unread} of {everybody} people in this file could not be read."
        return UPSIDE_DOWN if _upside_down(self.chosen()) else ""


def read_text(path: str | Path, complaint: str, most: int = MAX_CHARACTERS) -> str:
    """The start of a text file in UTF-8 or UTF-16, a little more than `most` characters; raises `BadPose(complaint)`."""
    with Path(path).open("rb") as file:
        start = file.read(2 * most + 4)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return start.decode("utf-16") if wide else start[: most + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadPose(complaint) from None


def read_pose_file(text: str) -> PoseFile:
    """The people of a pose file, whatever its format; raises `BadPose`."""
    if len(text) > MAX_CHARACTERS:
        raise BadPose("This pose file is longer than a million characters: give one picture's poses.")
    try:
        data = _parsed(text)
        data = _parsed(data) if isinstance(data, str) else data  # JSON that was written as JSON once more
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise BadPose(NOT_JSON) from None
    return read_pose_data(data)


def _parsed(text: str) -> Any:
    """JSON, or one document a line, labels of YOLO, or what Python prints of a document."""
    try:
        return json.loads(text)
    except ValueError:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines and all(line[0] + line[-1] in ("{}", "[]") for line in lines) and len(lines) > 1:
            return [json.loads(line) for line in lines]
        if lines and (people := [_yolo_person(line) for line in lines]) and None not in people:
            return people
        if len(text) > MAX_PYTHON:
            raise
        return json.loads(json.dumps(ast.literal_eval(text.strip())))


def _yolo_person(line: str) -> dict[str, Any] | None:
    """A line of YOLO's pose labels, class, box, then 17 points in fractions with or without visibility; else None."""
    numbers = line.split()
    if len(numbers) not in (YOLO, YOLO + COCO_17.count):
        return None
    return {"keypoints": [float(number) for number in numbers[5:]]}


def _upside_down(pose: Pose) -> bool:
    """Nose below hips below ankles."""
    names = ("cnose", "lhip", "lankle")
    if not pose.has(*names):
        return False
    nose, hip, ankle = (float(pose.xy(name)[1]) for name in names)
    return nose > hip > ankle


def read_pose_data(data: Any) -> PoseFile:
    """The same of a document that is parsed already."""
    if isinstance(data, Mapping) and isinstance(data.get("joints"), Mapping):
        pose = Pose.from_dict(data)
        if not pose.visible.any():
            raise BadPose("Every joint in this pose file is missing.")
        return PoseFile([pose], 0)
    people = read_people(data)
    poses = [Pose(joints, visible) for joints, visible in zip(people.joints, people.visible, strict=True)]
    return PoseFile(poses, people.largest, people.unread)


def write_pose(pose: Pose, form: str) -> str:
    """A pose as JSON text in one of `FORMATS`."""
    return json.dumps(FORMATS[form](pose))


def _flat(pose: Pose, layout: Layout, confidence: float) -> list[float]:
    points = from_joints(pose.joints, pose.visible, layout, CANVAS, confidence)
    return [round(float(value), 3) for value in points.ravel()]


def _openpose(layout: Layout) -> Callable[[Pose], dict[str, Any]]:
    return lambda pose: {
        "canvas_width": CANVAS, "canvas_height": CANVAS, "people": [{"pose_keypoints_2d": _flat(pose, layout, 1)}],
    }  # fmt: skip


def _coco(pose: Pose) -> dict[str, Any]:
    keypoints = _flat(pose, COCO_17, 2)
    return {"width": CANVAS, "height": CANVAS, "num_keypoints": int(pose.visible.sum()), "keypoints": keypoints}


FORMATS: dict[str, Callable[[Pose], dict[str, Any]]] = {
    "VUNet": Pose.to_dict,
    OPENPOSE_18.name: _openpose(OPENPOSE_18),
    OPENPOSE_25.name: _openpose(OPENPOSE_25),
    COCO_17.name: _coco,
}
