"""The one interface of the engines, and the choice among them."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from typing import Literal, Protocol

import torch
from torch import Tensor

from vunet.errors import VUNetError
from vunet.model import VUNet
from vunet.model.ranges import Ranges
from vunet.runtime.engine.eager import EagerEngine

EngineName = Literal["auto", "eager", "openvino"]


class Renderer(Protocol):
    """E + D for one look in one pose; safe to call from several threads."""

    name: str

    def render(
        self, shape: Tensor, zs: Sequence[Tensor], transforms: Tensor | None, hidden: Tensor | None = None
    ) -> Tensor:
        """float32 CPU tensors (1, 3, S, S), [(1, C, h, w), ...], (1, P, 3, 3) -> (1, 3, S, S), meant for [-1, 1].

        hidden: (1, P, h, h), where parts are not seen, for poses with limbs in front or behind.
        """
        ...


class Engine(Renderer, Protocol):
    """E + D, and the detail network behind them. integers: whether their convolutions are in integers of eight bits."""

    integers: bool

    def double(self, picture: Tensor, shape: Tensor, copies: Tensor) -> Tensor:
        """The detail network's picture, (1, 3, 2S, 2S); copies: (1, P, 2S, 2S, 4) uint8. Only for models that have one."""
        ...


def choose_engine(
    model: VUNet,
    device: torch.device,
    precision: torch.dtype,
    name: EngineName = "auto",
    ranges: Ranges | None = None,
) -> Engine:
    """The named engine, or the fastest that works: OpenVINO on a CPU where it is installed, else eager PyTorch.

    ranges: for integers of eight bits, which OpenVINO alone computes in (`vunet.runtime.engine.int8`). Raises `VUNetError`
    when a named engine cannot work here.
    """
    if name == "eager" or (name == "auto" and not _openvino_fits(device)):
        return EagerEngine(model, device, precision)
    if not _openvino_fits(device):
        raise VUNetError("The engine 'openvino' needs the CPU and `pip install openvino`.")
    from vunet.runtime.engine.openvino import OpenVINOEngine

    try:
        return OpenVINOEngine(model, precision, ranges)
    except (RuntimeError, ImportError) as error:
        if ranges is not None:
            warnings.warn("Renders in integers do not work here: they are in floating point.", stacklevel=2)
            return choose_engine(model, device, precision, name)
        # an instruction set or a build that OpenVINO cannot use
        if name == "openvino":
            raise VUNetError("OpenVINO cannot compile the model here: leave the engine out.") from error
        warnings.warn("OpenVINO cannot compile the model here; rendering goes on, more slowly.", stacklevel=2)
        return EagerEngine(model, device, precision)


def _openvino_fits(device: torch.device) -> bool:
    return device.type == "cpu" and importlib.util.find_spec("openvino") is not None
