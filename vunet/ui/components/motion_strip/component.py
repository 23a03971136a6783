"""The motion strip as a `gr.HTML` component; it plays on the stage of the same page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from vunet.errors import BadPose
from vunet.pose.key_poses import Motion
from vunet.pose.motion import MAX_KEYS, ready_made
from vunet.pose.skeleton import Pose
from vunet.ui.components.browser.scripts import starting

_HERE = Path(__file__).parent


class MotionStrip(gr.HTML):
    """Its value to and from Python is a `Motion`.

    plan: answers {"keys", "seconds", "steps"} with all poses of the motion, and {"motion", "pose"} with ready-made keys.
    """

    def __init__(self, plan: Callable[[Any], dict[str, Any]], **kwargs: Any) -> None:
        read = lambda name: (_HERE / name).read_text(encoding="utf-8")  # noqa: E731
        super().__init__(
            None,
            html_template=read("strip.html"),
            css_template=read("strip.css"),
            # Constants, not props: a value that arrives before the tab is opened takes the place of the props.
            js_on_load=starting("motion_strip/strip.js", most=MAX_KEYS, ready=_ready()),
            server_functions=[plan],
            **kwargs,
        )

    def preprocess(self, payload: Any) -> Motion:  # type: ignore[override]
        """The browser's JSON, checked like any hostile input; raises `gr.Error`, which is no traceback."""
        try:
            return Motion.from_dict(payload) if payload else Motion()
        except BadPose as error:
            raise gr.Error(str(error), print_exception=False) from None

    def postprocess(self, value: Motion | None) -> Any:  # type: ignore[override]
        """Hands key poses to the browser."""
        return value and value.to_dict() | {"opened": True}

    def api_info(self) -> dict[str, Any]:
        """The value is a JSON object."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """A motion as the browser sends it."""
        return {"keys": [Pose.default().to_dict()], "seconds": 0.6}

    def example_value(self) -> Any:
        """A motion as Python sends it."""
        return Motion((Pose.default(),))


def _ready() -> dict[str, list]:
    """The ready-made motions for the script: keys of joints as [x, y] in the order of `JOINTS`."""
    return {name: [np.round(key.joints, 3).tolist() for key in each.keys] for name, each in ready_made().items()}
