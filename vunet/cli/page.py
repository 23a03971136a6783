"""The command that opens the page."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from vunet.cli.options import Checkpoint, Device


def page(
    host: Annotated[str | None, typer.Option(help="Where it listens: 127.0.0.1, or 0.0.0.0 for all interfaces.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="7860, or the next free one, if left out.")] = None,
    checkpoint: Checkpoint = None,
    device: Device = None,
    share: Annotated[bool, typer.Option(help="A public address through Gradio's tunnel.")] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = False,
) -> None:
    """Open the page; `vunet` without words does the same. Variables of the environment: docs/deploying.md.

    Example: python -m vunet page --port 7870 --browser
    """
    from vunet.ui.server.start import serve

    chosen = {
        "GRADIO_SERVER_NAME": host,
        "GRADIO_SERVER_PORT": port,
        "VUNET_CHECKPOINT": checkpoint,
        "VUNET_DEVICE": device,
        "VUNET_SHARE": "1" if share else None,
    }
    os.environ.update({name: str(value) for name, value in chosen.items() if value is not None})
    serve(inbrowser=browser)


COMMANDS = (page,)
