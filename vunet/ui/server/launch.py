"""How the page is served."""

from __future__ import annotations

import os
import sys
from typing import Any

from starlette.middleware import Middleware

from vunet.checkpoints.hub import SHORT_TIMEOUT
from vunet.errors import HubUnavailable, VUNetError
from vunet.runtime.ray_cluster import named_cluster
from vunet.studio import Studio
from vunet.ui.components.browser.scripts import head
from vunet.ui.server.page_files import PageFiles
from vunet.ui.server.request_limits import RequestLimits
from vunet.ui.server.theme import CSS, theme
from vunet.ui.visitor.zero_gpu import on_zero_gpu
from vunet.ui.words.texts import I18N

SESSIONS = 400  # visitors whose work is held at a time, 6 MB each; the browser of an older one brings it again


def starting_studio() -> Studio:
    """The studio that VUNET_CHECKPOINT and VUNET_DEVICE name; the embedded checkpoint while the Hub cannot be reached.

    VUNET_CLUSTER names a Ray cluster whose replicas render for it. On ZeroGPU the page itself works on the CPU: see
    `vunet.ui.visitor.zero_gpu`. An error ends the program in one sentence.
    """
    name = os.environ.get("VUNET_CHECKPOINT") or None
    device = os.environ.get("VUNET_DEVICE") or ("cpu" if on_zero_gpu() else None)
    try:
        studio = _loaded(name, device)
        if cluster := named_cluster():
            from vunet.cluster.remote_renderer import render_on_cluster

            render_on_cluster(studio, cluster)
        return studio
    except VUNetError as error:
        raise SystemExit(f"Error: {error}") from None


def _loaded(name: str | None, device: str | None) -> Studio:
    try:
        return Studio.load(name, device, timeout=SHORT_TIMEOUT)
    except HubUnavailable as error:
        print(f"{error} The embedded checkpoint is used.", file=sys.stderr)
        return Studio.load(None, device)


def launch_options() -> dict[str, Any]:
    """Keyword arguments for `Blocks.launch`; host and port come from GRADIO_SERVER_NAME and GRADIO_SERVER_PORT.

    No run history (it would keep photos in the browser's storage), no monitoring page, no server-side rendering.
    """
    return {
        "theme": theme(),
        "css": CSS,
        "head": head(),
        "i18n": I18N,
        "max_file_size": "30mb",
        "show_error": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "run_history": False,
        "app_kwargs": {
            "middleware": [Middleware(RequestLimits, behind_proxy="SPACE_ID" in os.environ), Middleware(PageFiles)]
        },
        # Tools for language models: `pip install "gradio[mcp]"`.
        "state_session_capacity": SESSIONS,
        "mcp_server": os.environ.get("VUNET_MCP") == "1",
        "share": os.environ.get("VUNET_SHARE") == "1",
    }
