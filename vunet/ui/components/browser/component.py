"""The base of the page's components that have no value: all they do happens within the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from vunet.ui.components.browser import shared_source


class BrowserComponent(gr.HTML):
    """A `gr.HTML` of a folder's NAME.html, NAME.css and NAME.js. constants: script that comes before the shared files."""

    def __init__(self, folder: Path, name: str, constants: str, **kwargs: Any) -> None:
        html, css, script = ((folder / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
        source = "\n".join([constants, shared_source(), script])
        super().__init__(None, html_template=html, css_template=css, js_on_load=source, **kwargs)

    def api_info(self) -> dict[str, Any]:
        """The value is nothing."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """Nothing."""
        return None

    def example_value(self) -> Any:
        """Nothing."""
        return None
