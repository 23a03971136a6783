"""The commands that open the page, and that render for pages elsewhere."""

from __future__ import annotations

import os
import threading
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


def replicas(
    cluster: Annotated[str, typer.Option(help="The Ray cluster: auto for this machine's, or HOST:PORT.")] = "auto",
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 1,
    gpus: Annotated[float, typer.Option(min=0, help="Of a machine for each; 0.5 puts two on one GPU.")] = 0.0,
    cpus: Annotated[float, typer.Option(min=0, help="The same of its cores.")] = 2.0,
    checkpoint: Checkpoint = None,
    device: Device = None,
) -> None:
    """Render for pages on other machines, until Ctrl+C. Pages find them by VUNET_CLUSTER.

    Example: python -m vunet replicas --cluster auto --count 2 --gpus 0.5
    """
    from vunet.cluster.replica import start_replicas, stop_replicas

    start_replicas(cluster, count, gpus, cpus, checkpoint, device)
    typer.echo(f"{count} replicas render. Start pages with VUNET_CLUSTER={cluster}. Ctrl+C ends them.")
    try:
        threading.Event().wait()
    finally:
        stop_replicas()


COMMANDS = (page, replicas)
