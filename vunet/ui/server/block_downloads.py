"""No address is ever fetched by the server."""

from __future__ import annotations

from typing import NoReturn

import gradio as gr
from gradio import processing_utils, routes
from starlette.exceptions import HTTPException

from vunet.ui.server.patches import replace_function


def block_downloads() -> None:
    """From now on Gradio fetches no address that comes in as a file, or that a visitor wants to read through it.

    It would for any input of any event, before the input's own checks: a file's path may stand anywhere in a payload.
    And `/gradio_api/file=https://...` would make the server a proxy to everything public.
    """
    replace_function(processing_utils, "async_ssrf_protected_download", _refuse)
    replace_function(routes, "secure_url_stream_response", _forbid)


async def _refuse(*_: object, **__: object) -> NoReturn:
    raise gr.Error("Addresses are not fetched: upload the photo itself.", print_exception=False)


async def _forbid(*_: object, **__: object) -> NoReturn:
    raise HTTPException(403, "Addresses are not fetched.")
