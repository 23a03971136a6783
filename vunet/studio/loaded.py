"""A model at work: on its device, in its precision, behind the engine that renders with it and the queue of its turns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from vunet.errors import VUNetError
from vunet.model import VUNet, VUNetConfig
from vunet.person.tensors import to_image
from vunet.runtime.device import named_precision
from vunet.runtime.engine import EngineName, choose_engine
from vunet.runtime.failures import clear_failures
from vunet.runtime.ranges import Ranges
from vunet.runtime.render_queue import RenderQueue

BATCHING = ("cuda", "mps")  # devices that draw many pictures in the time of one
MOST = 32  # of them in one lot


class LoadedModel:
    """Computations take turns, so any number of threads may use it."""

    def __init__(
        self,
        model: VUNet,
        device: torch.device,
        engine: EngineName,
        render_queue: RenderQueue | None,
        precision: torch.dtype | str | None,
        ranges: Ranges | None,
    ) -> None:
        """The model is moved in place. ranges: for int8. Raises `VUNetError` where precision or engine cannot work."""
        self.device = device
        self.precision, integers = named_precision(precision, device, ranges is not None)
        model.eval().requires_grad_(False)
        self.engine = choose_engine(model, device, self.precision, engine, ranges if integers else None)
        if precision == "int8" and not self.engine.integers:
            raise VUNetError("int8 rendering is not supported on this CPU: omit the precision.")
        self.model = model.placed(device, self.precision)
        self.render_queue = render_queue or RenderQueue(most=MOST if device.type in BATCHING else 1)

    @property
    def config(self) -> VUNetConfig:
        """The model's configuration."""
        return self.model.config

    @contextmanager
    def computing(self) -> Iterator[None]:
        """A turn on the cores."""
        with self.render_queue.turn(), clear_failures(self.device):
            yield

    def tensor(self, value: Tensor) -> Tensor:
        """On the device, in the model's precision and memory layout."""
        return value.to(self.device, self.precision, memory_format=torch.channels_last)

    def picture(self, tensor: Tensor) -> np.ndarray:
        """`to_image`, and `ModelFailed` for a picture that is no number."""
        with clear_failures(self.device):
            return to_image(tensor)

    def code_shapes(self) -> list[tuple[int, int, int]]:
        """(C, h, w) of each latent's codes, coarse first."""
        return [(channels, side, side) for channels, side in self.model.decoder.sizes]


def require_numbers(picture: Tensor) -> None:
    """Raises `FloatingPointError` for what is not a number."""
    on_cpu = picture.device.type == "cpu"  # where PyTorch's threads would wait on cores that others need
    if not np.isfinite(picture.numpy().sum() if on_cpu else picture.sum().item()):  # one pass, no array beside it
        raise FloatingPointError


def finite_arrays(tensors: Iterable[Tensor]) -> list[np.ndarray]:
    """As float32 arrays; raises `FloatingPointError` for what is not a number."""
    arrays = [tensor.float().cpu().numpy() for tensor in tensors]
    if not all(np.isfinite(array).all() for array in arrays):
        raise FloatingPointError
    return arrays
