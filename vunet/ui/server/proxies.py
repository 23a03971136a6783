"""The environment's proxies: Gradio asks its own address when it starts, which no proxy may answer."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

OWN = ("127.0.0.1", "localhost", "0.0.0.0", "::1")
EXCEPTIONS = ("no_proxy", "NO_PROXY")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def bypass_proxies() -> None:
    """Has the page's own address asked directly, and leaves out SOCKS proxies where the package for them is missing."""
    listed = ",".join(filter(None, dict.fromkeys([*map(os.environ.get, EXCEPTIONS), *OWN])))  # type: ignore[arg-type]
    os.environ.update(dict.fromkeys(EXCEPTIONS, listed))
    if find_spec("socksio"):
        return
    for name in [name for name in os.environ if name.lower() in PROXIES]:
        if os.environ[name].lower().startswith("socks"):
            del os.environ[name]
            print(f"{name} is ignored: SOCKS proxies need `pip install socksio`.", file=sys.stderr)
