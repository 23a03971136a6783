"""Plain PyTorch, in the device's precision, channels last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from vunet.model import VUNet
from vunet.model.detail import channels_first, opaque_bytes, to_bytes


class EagerEngine:
    """Runs the model as it is written; the model is moved to the device in place."""

    name, integers = "eager", False

    def __init__(self, model: VUNet, device: torch.device, precision: torch.dtype) -> None:
        self.device, self.precision = device, precision
        self.model = model.placed(device, precision)

    @torch.inference_mode()
    def render(self, condition: Mapping[str, Tensor], zs: Sequence[Tensor], hidden: Tensor | None = None) -> Tensor:
        """See `Engine.render`."""
        placed = {name: value.to(self.device) for name, value in condition.items()}
        placed["shape"] = self._map(placed["shape"])
        unseen = None if hidden is None else hidden.to(self.device)
        return self.model.render(zs=[self._map(z) for z in zs], hidden=unseen, **placed).float()

    @torch.inference_mode()
    def double(self, picture: Tensor, shape: Tensor, copy: Tensor, certain: Tensor) -> Tensor:
        """See `Engine.double`."""
        assert self.model.detail is not None
        pixels = channels_first(copy.to(self.device)).to(self.precision)
        made = self.model.detail(self._map(picture), self._map(shape), pixels)
        return to_bytes(made, pixels, certain.to(self.device))

    @torch.inference_mode()
    def double_sample(self, picture: Tensor, shape: Tensor) -> Tensor:
        """See `Engine.double_sample`."""
        assert self.model.sample_detail is not None
        return opaque_bytes(self.model.sample_detail(self._map(picture), self._map(shape)))

    def _map(self, value: Tensor) -> Tensor:
        return value.to(self.device, self.precision, memory_format=torch.channels_last)
