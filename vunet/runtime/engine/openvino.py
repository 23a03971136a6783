"""The render graph compiled by OpenVINO: activations fused into convolutions, layouts planned once.

On CPUs it takes about half the time of eager PyTorch (`python -m vunet bench`). Compiling takes a second at load.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vunet.model import VUNet
from vunet.model.detail import channels_first
from vunet.model.part_maps import HIDDEN
from vunet.model.ranges import Range, Ranges
from vunet.runtime.engine.int8 import quantise

PRECISIONS = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16"}


class OpenVINOEngine:
    """E + D at batch 1, which on a CPU is as fast a picture as any larger batch.

    What depends on z alone (the part maps) or on the pose alone (their grids) is a graph of its own, run again only when
    its inputs change. E stays with D: handing its features over costs a drag 2 ms, more than a change of looks would save.
    No arithmetic is left to PyTorch, whose idle threads spin on cores that others need.
    """

    name = "openvino"

    def __init__(self, model: VUNet, precision: torch.dtype, ranges: Ranges | None = None) -> None:
        """Freezes the model. ranges: for integers of eight bits; None for floating point.

        Raises `RuntimeError` when OpenVINO cannot compile it, or when the ranges are of another model.
        """
        self.integers, ranges = bool(ranges), ranges or {}
        self._lock = threading.Lock()
        shape, zs, transforms = _example(model)
        self._maps = self._grids = None
        maps = grids = ()
        if model.config.part_channels:
            self._maps = _Graph(_Maps(model), zs, precision)
            # In single precision: the 8 bits of bfloat16 would make the parts jump.
            self._all_seen = torch.zeros(1, model.config.parts, HIDDEN, HIDDEN)
            self._grids = _Graph(_Grids(model), (transforms, self._all_seen), torch.float32)
            maps, grids = _Maps(model)(*zs), _Grids(model)(transforms, self._all_seen)
        self._picture = _Graph(Picture(model), (shape, *zs, *maps, *grids), precision, ranges.get("picture"))
        self._detail = None
        if model.detail is not None:
            side = model.config.best_size
            copies = torch.zeros(1, model.config.parts, side, side, 4, dtype=torch.uint8)
            self._detail = _Graph(Detail(model), (shape, shape, copies), precision, ranges.get("detail"))

    def render(
        self, shape: Tensor, zs: Sequence[Tensor], transforms: Tensor | None, hidden: Tensor | None = None
    ) -> Tensor:
        """See `Engine.render`."""
        codes = [z.numpy() for z in zs]
        with self._lock:
            inputs = [shape.numpy(), *codes]
            if self._maps and self._grids and transforms is not None:
                unseen = self._all_seen if hidden is None else hidden
                inputs += [*self._maps.recall(codes), *self._grids.recall([transforms.numpy(), unseen.numpy()])]
            return torch.from_numpy(self._picture.run(inputs)[0].copy())

    def double(self, picture: Tensor, shape: Tensor, copies: Tensor) -> Tensor:
        """See `Engine.double`."""
        assert self._detail is not None
        with self._lock:
            return torch.from_numpy(self._detail.run([picture.numpy(), shape.numpy(), copies.numpy()])[0].copy())


class _Graph:
    """A compiled graph."""

    def __init__(
        self,
        module: nn.Module,
        example: tuple[Tensor, ...],
        precision: torch.dtype,
        ranges: Sequence[Range] | None = None,
    ) -> None:
        self._request = _compile(module, example, precision, ranges)
        self._inputs: list[np.ndarray] = []
        self._outputs: list[np.ndarray] = []

    def run(self, inputs: list[np.ndarray]) -> list[np.ndarray]:
        """Views of the outputs, good until the next run."""
        return list(self._request.infer(inputs, share_inputs=True, share_outputs=True).to_tuple())

    def recall(self, inputs: list[np.ndarray]) -> list[np.ndarray]:
        """The outputs of the last run if the inputs are still the same, else `run`."""
        if not self._inputs or any(not np.array_equal(a, b) for a, b in zip(inputs, self._inputs, strict=True)):
            self._outputs = self.run(inputs)
            self._inputs = [value.copy() for value in inputs]
        return self._outputs


class _Maps(nn.Module):
    """`Decoder.maps` as a module of positional tensors."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.decoder = model.decoder

    def forward(self, *zs: Tensor) -> tuple[Tensor, ...]:
        return self.decoder.maps(zs)


class _Grids(nn.Module):
    """`Decoder.grids` as a module."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.decoder = model.decoder

    def forward(self, transforms: Tensor, hidden: Tensor) -> tuple[Tensor, ...]:
        return self.decoder.grids(transforms, hidden)


class Picture(nn.Module):
    """E and `VUNet.draw` as a module of positional tensors."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, shape: Tensor, *rest: Tensor) -> Tensor:
        latents = self.model.config.latents
        zs, prepared = rest[:latents], rest[latents:]
        maps, grids = prepared[: len(prepared) // 2], prepared[len(prepared) // 2 :]
        return self.model.draw(self.model.shape(shape), zs, maps, grids)


class Detail(nn.Module):
    """The detail network as a module that reads copies with their channels last."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.detail = model.detail

    def forward(self, picture: Tensor, shape: Tensor, copies: Tensor) -> Tensor:
        assert self.detail is not None
        return self.detail(picture, shape, channels_first(copies))


@torch.no_grad()
def _example(model: VUNet) -> tuple[Tensor, tuple[Tensor, ...], Tensor]:
    """Inputs of the right shapes."""
    config = model.config
    shape = torch.zeros(1, 3, config.size, config.size)
    return shape, tuple(model.sample(shape, 0.0)), torch.eye(3).expand(1, config.parts, 3, 3).contiguous()


def _compile(module: nn.Module, example: tuple[Tensor, ...], precision: torch.dtype, ranges: Sequence[Range] | None) -> Any:
    """An inference request of the module's graph, for inputs shaped like the example's."""
    import openvino
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    module.eval().requires_grad_(False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's remarks on shapes that are fixed here
        # As a function, whose weights are constants: to describe each of a module's parts takes longer than all the rest.
        traced = torch.jit.trace(lambda *inputs: module(*inputs), example, check_trace=False)
    # The front end itself instead of `openvino.convert_model`: a third of the time, and no telemetry.
    front = FrontEndManager().load_by_framework("pytorch")
    decoder = TorchScriptPythonDecoder(traced)
    graph = front.convert(front.load(decoder))
    graph.reshape({i: list(tensor.shape) for i, tensor in enumerate(example)})
    if ranges is not None:
        quantise(graph, ranges)
    options = {"INFERENCE_PRECISION_HINT": PRECISIONS[precision], "PERFORMANCE_HINT": "LATENCY"}
    return openvino.Core().compile_model(graph, "CPU", options).create_infer_request()
