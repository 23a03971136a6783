"""Ready-made poses, and poses in and out as text."""

from __future__ import annotations

from typing import Any

import gradio as gr

from vunet.errors import BadPose
from vunet.pose.files.formats import ENDINGS, FORMATS, read_pose_file, read_text, write_pose
from vunet.pose.skeleton import Pose
from vunet.ui.components.pose_library import PoseLibrary
from vunet.ui.components.skeleton_editor import stage_value
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import QUIET, with_error_messages
from vunet.ui.words.texts import label, language_of, sentence

Poses = tuple[Pose, ...]


class PosesPanel:
    """The pose library, and pose documents to open and write."""

    def __init__(self, shared: Shared) -> None:
        self.read: Any = gr.State(())
        self.library = PoseLibrary(elem_id="poses")
        with gr.Accordion(label("poses.title"), open=False, elem_id="pose-files"):
            with gr.Row():
                self.file = gr.UploadButton(label("poses.open"), file_types=list(ENDINGS), min_width=110, size="sm")
                self.use = gr.Button(label("poses.use"), min_width=110, size="sm", elem_id="use-pasted")
            self.text = gr.Textbox(label=label("poses.paste"), lines=2, max_lines=6, elem_id="pasted-pose")
            self.person = gr.Dropdown([], label=label("poses.several"), visible=False, elem_id="pose-person")
            self.form = gr.Dropdown(list(FORMATS), value=next(iter(FORMATS)), label=label("poses.form"))
            self.write_button = gr.Button(label("poses.write"), size="sm", elem_id="write-pose")
            self.out = gr.Code(language="json", label=label("poses.written"), lines=3, max_lines=8, elem_id="written-pose")

    def wire(self, editor: Any) -> None:
        """Connects the panel."""
        found = [self.read, self.person, editor]
        self.file.upload(open_file, self.file, found, **QUIET)
        self.use.click(open_text, self.text, found, **QUIET)
        self.person.input(choose, [self.read, self.person], editor, **QUIET)
        self.write_button.click(write, [editor, self.form], self.out, **QUIET)


@with_error_messages
def open_file(path: str, request: gr.Request) -> tuple[Poses, Any, dict[str, Any]]:
    """The poses of an uploaded document; the largest goes on the stage."""
    return _opened(read_text(path, "This file is not text: give a pose file as JSON."), language_of(request))


@with_error_messages
def open_text(text: str, request: gr.Request) -> tuple[Poses, Any, dict[str, Any]]:
    """The poses of a pasted document."""
    if not text.strip():
        raise BadPose("Paste pose JSON into the field first.")
    return _opened(text, language_of(request))


def choose(poses: Poses, number: int | None) -> Any:
    """Another person of the document that was opened last."""
    return stage_value(poses[number]) if number is not None and 0 <= number < len(poses) else gr.skip()


@with_error_messages
def write(pose: Pose | None, form: str) -> str:
    """The pose on the stage as JSON text."""
    if pose is None:
        raise BadPose("There is no pose on the stage yet: choose a person first.")
    return write_pose(pose, form)


def _opened(text: str, language: str) -> tuple[Poses, Any, dict[str, Any]]:
    read = read_pose_file(text)
    if read.note:
        gr.Info(sentence(read.note, language))
    choices = [(f"{i + 1}", i) for i in range(len(read.poses))]
    several = gr.update(choices=choices, value=read.largest, visible=len(read.poses) > 1)
    return tuple(read.poses), several, stage_value(read.chosen())
