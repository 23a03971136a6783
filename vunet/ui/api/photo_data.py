"""What programs send as a photo."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

NO_PHOTO = "A photo is what an upload returned, or a data URL, or the file in base64: nothing else is taken."
UPLOADED = {"meta": {"_type": "gradio.FileData"}}


class PhotoData(ImageData):
    """An upload, or as text: a data URL or a file in base64."""

    @classmethod
    def model_validate(cls, obj: Any, **kwargs: Any) -> PhotoData:
        """Raises `gr.Error` with one sentence for what is none of them: pydantic's own error is not shown to anybody."""
        try:
            photo = super().model_validate({"url": obj, **UPLOADED} if isinstance(obj, str) else obj, **kwargs)
        except ValueError:  # of pydantic
            raise _refusal() from None
        if not photo.path and not photo.url:
            raise _refusal()
        return photo

    def source(self) -> str | bytes:
        """The path of an upload in Gradio's expiring cache, or the bytes of a file that came as text."""
        if self.path:
            return self.path
        try:
            return base64.b64decode(str(self.url).rpartition("base64,")[2], validate=True)
        except binascii.Error:
            raise _refusal() from None


def _refusal() -> gr.Error:
    return gr.Error(NO_PHOTO, print_exception=False)
