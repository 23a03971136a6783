"""Telemetry of other packages, switched off before they are imported."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any

SWITCHES = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1", "RAY_USAGE_STATS_ENABLED": "0"}
CONVERTER = "openvino.tools.ovc"  # its import alone sends an event and writes a client id; openvino goes on without it


def switch_off() -> None:
    """Sets the variables that Gradio, the Hub's client and Ray read when they are imported."""
    for name, value in SWITCHES.items():
        os.environ.setdefault(name, value)


def openvino() -> ModuleType:
    """OpenVINO without its model converter, imported on first use."""
    if "openvino" not in sys.modules:
        modules: dict[str, Any] = sys.modules
        modules[CONVERTER] = None
        try:
            import openvino as _  # noqa: F401
        finally:
            modules.pop(CONVERTER, None)
    return sys.modules["openvino"]
