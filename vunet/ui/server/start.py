"""Starts the page, from `app.py` and from the command line."""

from __future__ import annotations

from typing import Any

from vunet.telemetry import switch_off
from vunet.ui.server.cache_folder import use_private_cache
from vunet.ui.server.proxies import bypass_proxies

QUEUED = 32  # calls that wait


def prepare_process() -> None:
    """What has to be settled before gradio is imported, in a process that serves the page and nothing else."""
    switch_off()
    use_private_cache()
    bypass_proxies()


def starting_page() -> Any:
    """The page that the environment asks for, a `gradio.Blocks` not yet launched."""
    from vunet.ui.page import build_app
    from vunet.ui.server.launch import starting_studio

    return build_app(starting_studio(), sample_ahead=True).queue(max_size=QUEUED)


def launch(page: Any, **options: Any) -> None:
    """Serves a page until it is stopped. options: for `Blocks.launch`, beside those of `launch_options`."""
    from vunet.ui.server.launch import launch_options

    page.launch(**launch_options(), **options)


def serve(**options: Any) -> None:
    """Builds the page and serves it; options as of `launch`."""
    prepare_process()
    launch(starting_page(), **options)
