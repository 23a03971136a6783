"""Handlers of the pose files: documents in, the pose on the stage out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from vunet.errors import BadPose
from vunet.pose.formats import MAX_CHARACTERS, largest, parse_poses, write_pose
from vunet.pose.skeleton import Pose
from vunet.ui.handlers import friendly
from vunet.ui.skeleton_editor import EditorState, stage_value

Poses = tuple[Pose, ...]


@friendly
def open_file(path: str) -> tuple[Poses, Any, dict[str, Any]]:
    """The poses of an uploaded document; the largest goes on the stage."""
    with Path(path).open("rb") as file:
        start = file.read(MAX_CHARACTERS + 1)
    try:
        return _opened(start.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadPose("This file is not text: give JSON from OpenPose, COCO or this page.") from None


@friendly
def open_text(text: str) -> tuple[Poses, Any, dict[str, Any]]:
    """The poses of a pasted document."""
    if not text.strip():
        raise BadPose("Paste pose JSON into the field first.")
    return _opened(text)


def choose(poses: Poses, number: int | None) -> Any:
    """Another person of the document that was opened last."""
    return stage_value(poses[number]) if number is not None and 0 <= number < len(poses) else gr.skip()


@friendly
def write(editor: EditorState | None, form: str) -> str:
    """The pose on the stage as JSON text."""
    if editor is None:
        raise BadPose("There is no pose on the stage yet: choose a person first.")
    return write_pose(editor.pose, form)


def _opened(text: str) -> tuple[Poses, Any, dict[str, Any]]:
    poses = parse_poses(text)
    first = largest(poses)
    choices = [(f"Person {i + 1}", i) for i in range(len(poses))]
    return tuple(poses), gr.update(choices=choices, value=first, visible=len(poses) > 1), stage_value(poses[first])
