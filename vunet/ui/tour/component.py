"""The tour as a `gr.HTML` component: a button that opens it, and a card that points at one part of the page at a time."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from vunet.ui.browser import shared_source

_HERE = Path(__file__).parent
# Name of the step, whose words are `js.tour.NAME`: what it points at.
STEPS = {
    "drag": ".vu-canvas",
    "people": ".vu-people",
    "outfits": "#looks",
    "tabs": ".vu-side .tab-wrapper",
    "save": "#save-menu",
}


class Tour(gr.HTML):
    """Has no value. It opens by itself on the first visit, once something is on the stage, and never again."""

    def __init__(self, **kwargs: Any) -> None:
        read = lambda name: (_HERE / name).read_text(encoding="utf-8")  # noqa: E731
        super().__init__(
            None,
            html_template=read("tour.html"),
            css_template=read("tour.css"),
            js_on_load=_constants() + "\n" + shared_source() + "\n" + read("tour.js"),
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
    return f"const STEPS = {json.dumps(list(STEPS.items()))};"
