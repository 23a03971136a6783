"""The one interface of the engines, and the choice among them."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import torch
from torch import Tensor

from vunet.errors import VUNetError
from vunet.model import VUNet
from vunet.runtime.engine.eager import EagerEngine
from vunet.runtime.ranges import Ranges

EngineName = Literal["auto", "eager", "openvino"]


class Renderer(Protocol):
    """E + D for looks in poses; safe to call from several threads."""

    name: str

    def render(self, condition: Mapping[str, Tensor], zs: Sequence[Tensor], hidden: Tensor | None = None) -> Tensor:
        """float32 CPU tensors -> (N, 3, S, S) float32 on the engine's device, meant for [-1, 1].

        condition: what `VUNet.render` takes beside z, by name, (N, ...) each. zs: (N, C, h, w) each. hidden: (N, P, h, h),
        where parts are not seen, for poses with limbs in front or behind.
        """
        ...


class Engine(Renderer, Protocol):
    """E + D, and the detail network behind them. integers: whether their convolutions are in int8."""

    integers: bool

    def double(self, picture: Tensor, shape: Tensor, copy: Tensor, certain: Tensor) -> Tensor:
        """The detail network's picture, (N, 2S, 2S, 4) uint8, colours on the plain ground and opacity, of copies of the
        same shape; certain: (N, h, w) uint8, see `to_bytes`. Only for models that have one."""
        ...

    def double_sample(self, picture: Tensor, shape: Tensor) -> Tensor:
        """The same of looks without a photo, for models that have a network of its own for them."""
        ...


def choose_engine(
    model: VUNet,
    device: torch.device,
    precision: torch.dtype,
    name: EngineName = "auto",
    ranges: Ranges | None = None,
) -> Engine:
    """The named engine, or the fastest that works: OpenVINO on a CPU where it is installed, else eager PyTorch.

    ranges: for int8, which OpenVINO alone computes in (`vunet.runtime.engine.int8`). Raises `VUNetError`
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
            warnings.warn("int8 rendering does not work here: floating point is used.", stacklevel=2)
            return choose_engine(model, device, precision, name)
        # an instruction set or a build that OpenVINO cannot use
        if name == "openvino":
            raise VUNetError("OpenVINO cannot compile the model here: leave the engine out.") from error
        warnings.warn("OpenVINO cannot compile the model here; rendering goes on, more slowly.", stacklevel=2)
        return EagerEngine(model, device, precision)


def _openvino_fits(device: torch.device) -> bool:
    return device.type == "cpu" and importlib.util.find_spec("openvino") is not None
