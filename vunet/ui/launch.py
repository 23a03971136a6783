"""How the page is served."""

from __future__ import annotations

import os
from typing import Any

from vunet.ui.texts import I18N
from vunet.ui.theme import CSS, theme


def launch_options() -> dict[str, Any]:
    """Keyword arguments for `Blocks.launch`; host and port come from GRADIO_SERVER_NAME and GRADIO_SERVER_PORT.

    No run history (it would keep photos in the browser's storage), no monitoring page, no server-side rendering.
    """
    return {
        "theme": theme(),
        "css": CSS,
        "i18n": I18N,
        "max_file_size": "30mb",
        "show_error": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "run_history": False,
        # Tools for language models: `pip install "gradio[mcp]"`.
        "mcp_server": os.environ.get("VUNET_MCP") == "1",
        "share": os.environ.get("VUNET_SHARE") == "1",
    }
