"""The base of the page's components that have no value: all they do happens within the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from vunet.ui.components.browser.scripts import starting


class BrowserComponent(gr.HTML):
    """A `gr.HTML` of a folder's NAME.html, NAME.css and NAME.js. constants: what the script's `start` is given."""

    def __init__(self, folder: Path, name: str, constants: dict[str, Any], **kwargs: Any) -> None:
        html, css = ((folder / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
        script = starting(f"{folder.name}/{name}.js", **constants)
        super().__init__(None, html_template=html, css_template=css, js_on_load=script, **kwargs)

    def api_info(self) -> dict[str, Any]:
        """The value is nothing."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """Nothing."""
        return None

    def example_value(self) -> Any:
        """Nothing."""
        return None
