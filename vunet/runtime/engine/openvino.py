"""The render graph compiled by OpenVINO: activations fused into convolutions, layouts planned once.

On CPUs it takes about half the time of eager PyTorch (`python -m vunet bench`). Compiling takes a second at load.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vunet.model import VUNet
from vunet.model.config import MANNEQUIN, MANNEQUIN_SIZE, SIDES
from vunet.model.detail import channels_first, opaque_bytes, to_bytes
from vunet.model.part_maps import HIDDEN
from vunet.runtime.engine.int8 import quantise
from vunet.runtime.ranges import Range, Ranges
from vunet.telemetry import openvino

BESIDE = ("mannequin", "facing")  # parts of a condition that some models read beside the stickman and the transforms
GRID = 64  # side of the map of certain places (`vunet.person.photo_in_pose`)
PRECISIONS = {torch.float32: "f32", torch.bfloat16: "bf16", torch.float16: "f16"}


class OpenVINOEngine:
    """E + D at batch 1, which on a CPU is as fast a picture as any larger batch.

    What depends on z alone (the part maps) or on the pose alone (their grids) is a graph of its own, run again only when
    its inputs change. E stays with D: handing its features over costs a drag 2 ms, more than a change of looks would save.
    No arithmetic is left to PyTorch, whose idle threads spin on cores that others need.
    """

    name = "openvino"

    def __init__(self, model: VUNet, precision: torch.dtype, ranges: Ranges | None = None) -> None:
        """Freezes the model. ranges: for int8; None for floating point.

        Raises `RuntimeError` when OpenVINO cannot compile it, or when the ranges are of another model.
        """
        self.integers, ranges = bool(ranges), ranges or {}
        self._lock = threading.Lock()
        condition, zs = _example(model)
        self._maps = self._grids = None
        if model.config.part_channels:
            self._maps = _Graph(_Maps(model), zs, precision)
            # In single precision: the 8 bits of bfloat16 would make the parts jump.
            self._all_seen = torch.zeros(1, model.config.parts, HIDDEN, HIDDEN)
            self._grids = _Graph(_Grids(model), (condition["transforms"], self._all_seen), torch.float32)
        self._picture = _Graph(Picture(model), graph_inputs(model, condition, zs), precision, ranges.get("picture"))
        self._beside = [name for name in BESIDE if name in condition]
        self._correction = self._detail = self._sample_detail = None
        shape = condition["shape"]
        if model.correction is not None:
            # In single precision: the 8 bits of bfloat16, and integers, would shift by whole pixels.
            example = (shape, condition["mannequin"], torch.zeros(1, model.config.parts))
            self._correction = _Graph(model.correction, example, torch.float32)
        if model.detail is not None:
            side = model.config.best_size
            copy = torch.zeros(1, side, side, 4, dtype=torch.uint8)
            certain = torch.zeros(1, GRID, GRID, dtype=torch.uint8)
            self._detail = _Graph(Detail(model), (shape, shape, copy, certain), precision, ranges.get("detail"))
        if model.sample_detail is not None:
            self._sample_detail = _Graph(SampleDetail(model), (shape, shape), precision, ranges.get("sample_detail"))

    def render(self, condition: Mapping[str, Tensor], zs: Sequence[Tensor], hidden: Tensor | None = None) -> Tensor:
        """See `Engine.render`; one after the other."""
        if len(condition["shape"]) > 1:
            return torch.cat([self.render(*_row(i, condition, zs, hidden)) for i in range(len(condition["shape"]))])
        codes = [z.numpy() for z in zs]
        with self._lock:
            inputs = [condition["shape"].numpy(), *codes, *(condition[name].numpy() for name in self._beside)]
            if self._maps and self._grids:
                unseen = self._all_seen if hidden is None else hidden
                places = [condition["transforms"].numpy(), unseen.numpy()]
                inputs += [*self._maps.recall(codes), *self._grids.recall(places)]
            picture = self._picture.run(inputs)[0]
            if self._correction and "rotated" in condition and condition["rotated"].numpy().any():
                body = [condition[name].numpy() for name in ("mannequin", "rotated")]
                picture = self._correction.run([picture, *body])[0]
            return torch.from_numpy(picture.copy())

    def double(self, picture: Tensor, shape: Tensor, copy: Tensor, certain: Tensor) -> Tensor:
        """See `Engine.double`."""
        assert self._detail is not None
        return self._doubled(self._detail, picture, shape, copy, certain)

    def double_sample(self, picture: Tensor, shape: Tensor) -> Tensor:
        """See `Engine.double_sample`."""
        assert self._sample_detail is not None
        return self._doubled(self._sample_detail, picture, shape)

    def _doubled(self, graph: _Graph, *inputs: Tensor) -> Tensor:
        if len(inputs[0]) > 1:
            rows = zip(*(each.split(1) for each in inputs), strict=True)
            return torch.cat([self._doubled(graph, *row) for row in rows])
        with self._lock:
            return torch.from_numpy(graph.run([each.numpy() for each in inputs])[0].copy())


def _row(
    i: int, condition: Mapping[str, Tensor], zs: Sequence[Tensor], hidden: Tensor | None
) -> tuple[dict[str, Tensor], list[Tensor], Tensor | None]:
    """One of many."""
    one = slice(i, i + 1)
    return (
        {name: value[one] for name, value in condition.items()},
        [z[one] for z in zs],
        None if hidden is None else hidden[one],
    )


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
    """E and `VUNet.image` as a module of positional tensors, in the order of `graph_inputs`."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, shape: Tensor, *rest: Tensor) -> Tensor:
        config, decoder = self.model.config, self.model.decoder
        zs, rest = rest[: config.latents], rest[config.latents :]
        mannequin, facing = rest[:2] if config.mannequin else (None, None)
        prepared = rest[2:] if config.mannequin else rest
        maps, grids = prepared[: len(prepared) // 2], prepared[len(prepared) // 2 :]
        return self.model.image(self.model.shape(shape, mannequin), zs, decoder.turned(maps, facing), grids)


@torch.no_grad()
def graph_inputs(model: VUNet, condition: Mapping[str, Tensor], zs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """What `Picture` reads: stickman, codes, mannequin and facing if the model reads them, part maps, their grids."""
    beside = [condition[name] for name in BESIDE if name in condition]
    return condition["shape"], *zs, *beside, *model.decoder.maps(zs), *model.decoder.grids(condition.get("transforms"))


class Detail(nn.Module):
    """The detail network as a module that reads and gives bytes, channels last."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.detail = model.detail

    def forward(self, picture: Tensor, shape: Tensor, copy: Tensor, certain: Tensor) -> Tensor:
        assert self.detail is not None
        pixels = channels_first(copy)
        return to_bytes(self.detail(picture, shape, pixels), pixels, certain)


class SampleDetail(nn.Module):
    """The detail network for looks without a photo, as a module that gives bytes, channels last."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.sample_detail = model.sample_detail

    def forward(self, picture: Tensor, shape: Tensor) -> Tensor:
        assert self.sample_detail is not None
        return opaque_bytes(self.sample_detail(picture, shape))


@torch.no_grad()
def _example(model: VUNet) -> tuple[dict[str, Tensor], tuple[Tensor, ...]]:
    """A condition and codes of the right shapes."""
    config = model.config
    condition = {"shape": torch.zeros(1, 3, config.size, config.size)}
    if config.part_channels:
        condition["transforms"] = torch.eye(3).expand(1, config.parts, 3, 3).contiguous()
    if config.mannequin:
        condition["mannequin"] = torch.zeros(1, MANNEQUIN, MANNEQUIN_SIZE, MANNEQUIN_SIZE)
        condition["facing"] = torch.zeros(1, config.parts, SIDES)
    return condition, tuple(model.sample(condition["shape"], 0.0))


def _compile(module: nn.Module, example: tuple[Tensor, ...], precision: torch.dtype, ranges: Sequence[Range] | None) -> Any:
    """An inference request of the module's graph, for inputs shaped like the example's."""
    package = openvino()
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
    return package.Core().compile_model(graph, "CPU", options).create_infer_request()
