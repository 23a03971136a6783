"""Plain PyTorch, in the device's precision, channels last."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from vunet.model import VUNet
from vunet.model.detail import channels_first


class EagerEngine:
    """Runs the model as it is written; the model is moved to the device in place."""

    name, integers = "eager", False

    def __init__(self, model: VUNet, device: torch.device, precision: torch.dtype) -> None:
        self.device, self.precision = device, precision
        self.model = model.placed(device, precision)

    @torch.inference_mode()
    def render(
        self, shape: Tensor, zs: Sequence[Tensor], transforms: Tensor | None, hidden: Tensor | None = None
    ) -> Tensor:
        """See `Engine.render`."""
        placed, unseen = (None if each is None else each.to(self.device) for each in (transforms, hidden))
        return self.model.render(self._map(shape), [self._map(z) for z in zs], placed, unseen).float().cpu()

    @torch.inference_mode()
    def double(self, picture: Tensor, shape: Tensor, copies: Tensor) -> Tensor:
        """See `Engine.double`."""
        assert self.model.detail is not None
        pixels = channels_first(copies.to(self.device)).to(self.precision)
        return self.model.detail(self._map(picture), self._map(shape), pixels).float().cpu()

    def _map(self, value: Tensor) -> Tensor:
        return value.to(self.device, self.precision, memory_format=torch.channels_last)
