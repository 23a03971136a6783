"""The pose library as a `gr.HTML` component; a click on a pose puts it on the stage of the same page."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from vunet.pose.joints import JOINTS, LIMBS
from vunet.pose.library import load_library
from vunet.ui.browser import shared_source

_HERE = Path(__file__).parent


class PoseLibrary(gr.HTML):
    """Has no value: poses go from it to the stage within the browser."""

    def __init__(self, **kwargs: Any) -> None:
        read = lambda name: (_HERE / name).read_text(encoding="utf-8")  # noqa: E731
        super().__init__(
            None,
            html_template=read("library.html"),
            css_template=read("library.css"),
            js_on_load="\n".join([_constants(), shared_source(), read("library.js")]),
            **kwargs,
        )

    def api_info(self) -> dict[str, Any]:
        """The value is nothing."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """Nothing."""
        return None

    def example_value(self) -> Any:
        """Nothing."""
        return None


@cache
def _constants() -> str:
    """The poses as a constant: a prop would travel with each event of the page, 60 kB of it."""
    entries = [{"name": p.name, "kind": p.kind, "pose": p.pose.to_dict()} for p in load_library()]
    return f"const LIBRARY = {json.dumps(entries)}, LIMBS = {json.dumps(LIMBS)}, NAMES = {json.dumps(JOINTS)};"
