"""OpenVINO without its model converter, whose import alone sends an event to an analytics host and writes a client id."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

CONVERTER = "openvino.tools.ovc"  # `import openvino` goes on without it


def openvino() -> ModuleType:
    """The package, imported on first use."""
    if "openvino" not in sys.modules:
        modules: dict[str, Any] = sys.modules
        modules[CONVERTER] = None
        try:
            import openvino as _  # noqa: F401
        finally:
            modules.pop(CONVERTER, None)
    return sys.modules["openvino"]
