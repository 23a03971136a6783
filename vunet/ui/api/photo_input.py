"""The image input of the page and of the API."""

from __future__ import annotations

from typing import Any

import gradio as gr

from vunet.ui.api.photo_data import PhotoData


class PhotoInput(gr.Image):
    """An image input that hands on the file unopened: only `vunet.person.photo` decodes pictures."""

    is_template = True  # the browser's side is gr.Image's own
    data_model = PhotoData

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(type="filepath", image_mode=None, sources=["upload", "clipboard", "webcam"], **kwargs)

    def get_config(self, cls: Any = None) -> dict[str, Any]:
        """gr.Image's own settings: Gradio reads their names from the constructor."""
        return super().get_config(cls or gr.Image)

    def preprocess(self, payload: Any) -> Any:
        """The path of the upload, or the bytes of a file that came as text; None without one."""
        return payload.source() if payload else None
