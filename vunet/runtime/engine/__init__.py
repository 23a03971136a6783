"""What computes a picture: eager PyTorch anywhere, and on a CPU the same graph compiled by OpenVINO."""

from vunet.runtime.engine.choose import Engine, EngineName, Renderer, choose_engine
from vunet.runtime.engine.eager import EagerEngine

__all__ = ["EagerEngine", "Engine", "EngineName", "Renderer", "choose_engine"]
