"""The image input of the page."""

from __future__ import annotations

from typing import Any

import gradio as gr


class PhotoInput(gr.Image):
    """An image input that hands on the file's path unopened: only `vunet.inputs.photo` decodes pictures."""

    is_template = True  # the browser's side is gr.Image's own

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(type="filepath", image_mode=None, sources=["upload", "clipboard", "webcam"], **kwargs)

    def get_config(self, cls: Any = None) -> dict[str, Any]:
        """gr.Image's own settings: Gradio reads their names from the constructor."""
        return super().get_config(cls or gr.Image)

    def preprocess(self, payload: Any) -> str | None:
        """The path of the upload in Gradio's expiring cache."""
        return payload.path if payload else None
