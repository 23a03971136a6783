"""The skeleton editor as a `gr.HTML` component: SVG, no front-end build. JavaScript owns what is on the screen.

Two components make a stage. The editor sends poses (`pose_live`, newest first, one at a time) and takes poses from Python.
The feed takes pictures from Python: were the editor the output of its own drag event, each answer would fight the hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from vunet.errors import BadPose
from vunet.pose.library import load_library
from vunet.pose.skeleton import ARMS, BENDS, FACE, JOINTS, LEGS, LIMBS, TITLES, Pose

_HERE = Path(__file__).parent
# Later joints lie on top: the small eyes above the nose.
_DRAW_ORDER = [*(n for n in JOINTS if not n.endswith("eye")), "reye", "leye"]


@dataclass(frozen=True)
class EditorState:
    """What the browser sent: the pose on the stage, and the number of its request."""

    pose: Pose
    seq: int


@cache
def _source(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


@cache
def _library_source() -> str:
    """The pose library as a constant: as a prop it would be copied at each event of a drag, 60 kB of it."""
    entries = [{"name": p.name, "kind": p.kind, "pose": p.pose.to_dict()} for p in load_library()]
    return f"const LIBRARY = {json.dumps(entries)};\n"


class SkeletonEditor(gr.HTML):
    """The stage: a picture with a draggable skeleton.

    Its value to Python is an `EditorState`, or None before there is a pose. From Python it takes `stage_value(...)`.
    """

    def __init__(self, value: Any = None, **kwargs: Any) -> None:
        rig = {"chains": (*ARMS, *LEGS), "bends": BENDS, "face": FACE}
        super().__init__(
            value,
            html_template=_source("editor.html"),
            css_template=_source("editor.css"),
            js_on_load=_library_source()
            + _source("geometry.js", "rig.js", "live.js", "view.js", "library.js", "editor.js"),
            skeleton={"names": _DRAW_ORDER, "titles": TITLES, "limbs": LIMBS} | rig,
            **kwargs,
        )

    def preprocess(self, payload: Any) -> EditorState | None:  # type: ignore[override]
        """The browser's JSON, checked like any hostile input; raises `BadPose`."""
        if not payload:
            return None
        if not isinstance(payload, dict) or not isinstance(payload.get("pose"), dict):
            raise BadPose("The page sent no pose: reload it.")
        seq = payload.get("seq", 0)
        return EditorState(Pose.from_dict(payload["pose"]), seq if isinstance(seq, int) else 0)

    def postprocess(self, value: Any) -> Any:
        """Hands a `stage_value` to the browser."""
        return value

    def api_info(self) -> dict[str, Any]:
        """The value is a JSON object."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """A pose as the browser sends it."""
        return {"pose": Pose.default().to_dict(), "seq": 1}

    def example_value(self) -> Any:
        """A pose as Python sends it."""
        return stage_value(Pose.default())


class FrameFeed(gr.HTML):
    """Pictures and messages for the editor of the same `vu-stage`: `frame(...)`, `refresh()`. Shows nothing itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, html_template="<span hidden></span>", js_on_load=_source("feed.js"), **kwargs)

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the feed."""
        return

    def postprocess(self, value: Any) -> Any:
        """Hands a message to the browser."""
        return value

    def api_info(self) -> dict[str, Any]:
        """The value is a JSON object."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """Nothing."""
        return None

    def example_value(self) -> Any:
        """A request to render again."""
        return refresh(0)


def stage_value(pose: Pose, photo: str | None = None, *, new_person: bool = False, placing: bool = False) -> dict[str, Any]:
    """A pose for the stage. new_person: Reset goes back to it, and `photo` (a data URL) can be shown behind the skeleton;
    placing: it is shown at once, because the user has to place the joints on it."""
    value: dict[str, Any] = {"pose": pose.to_dict()}
    return value | {"photo": photo or "", "placing": placing} if new_person else value


def frame(seq: int, src: str) -> dict[str, Any]:
    """The picture (a data URL) that answers request `seq`."""
    return {"seq": seq, "src": src}


def complaint(seq: int, message: str) -> dict[str, Any]:
    """Request `seq` cannot be answered."""
    return {"seq": seq, "error": message}


def refresh(token: int) -> dict[str, Any]:
    """Asks the editor to have its present pose rendered again, because the look has changed. The token makes it new."""
    return {"refresh": True, "token": token}


def download(name: str, src: str, token: int) -> dict[str, Any]:
    """Hands a file (a data URL) to the visitor. The token makes a repeated one new."""
    return {"download": name, "src": src, "token": token}
