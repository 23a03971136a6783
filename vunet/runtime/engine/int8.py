"""Convolutions in integers of eight bits, by ranges of their inputs that were measured once (`vunet calibrate`).

A convolution between two FakeQuantize nodes is what OpenVINO's low-precision passes compute in integers: Jacob and others,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018. Inputs have one
scale and a zero point, weights a scale for each output channel. The last convolutions stay in floating point: what they
round is seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from vunet.runtime.ranges import Range

PLAIN = 2  # convolutions at the end that stay in floating point
SHARE = 0.9999  # quantile of the values at a range's ends
STRIDE = 7  # of the values that the quantiles are taken of


@torch.no_grad()
def measured_ranges(module: nn.Module, inputs: Iterable[tuple[Tensor, ...]]) -> list[Range]:
    """The range of each convolution's input, in the order in which they are computed, all but the last `PLAIN`."""
    runs = [_ranges_of(module, each) for each in inputs]
    return [(min(low for low, _ in run), max(high for _, high in run)) for run in zip(*runs, strict=True)][:-PLAIN]


def _ranges_of(module: nn.Module, inputs: tuple[Tensor, ...]) -> list[Range]:
    """Those of one run. The hooks are there during it only: what makes the inputs may be the same layers."""
    ranges: list[Range] = []
    convolutions = [each for each in module.modules() if isinstance(each, nn.Conv2d)]
    hooks = [each.register_forward_pre_hook(lambda _, given: ranges.append(_range(given[0]))) for each in convolutions]
    try:
        module(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return ranges


def _range(values: Tensor) -> Range:
    some = values.flatten()[::STRIDE].float()
    return float(torch.quantile(some, 1 - SHARE)), float(torch.quantile(some, SHARE))


def quantise(graph: Any, ranges: Sequence[Range]) -> None:
    """Puts the nodes around the convolutions of an `openvino.Model`, in place.

    Raises `RuntimeError` when there are not `PLAIN` more convolutions than ranges: they are of another model.
    """
    convolutions = _convolutions(graph)
    if len(convolutions) != len(ranges) + PLAIN:
        raise RuntimeError("the ranges are of another model")
    for convolution, (low, high) in zip(convolutions, ranges, strict=False):
        _around(convolution.input(0), *_with_zero(low, high), levels=256)
        weights = convolution.input(1).get_source_output().get_node().get_data()
        largest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True).clip(1e-8).astype(np.float32)
        _around(convolution.input(1), -largest, largest, levels=255)
    graph.validate_nodes_and_infer_types()


def _convolutions(graph: Any) -> list[Any]:
    """In the order of the trace, which numbers them."""
    found = [node for node in graph.get_ordered_ops() if node.get_type_name() == "Convolution"]
    number = lambda node: int((re.findall(r"_(\d+)$", node.get_friendly_name()) or ["0"])[0])  # noqa: E731
    return sorted(found, key=number)


def _with_zero(low: float, high: float) -> Range:
    """The range, moved so that 0 is one of its 256 steps: padding has to stay 0."""
    low, high = min(low, 0.0), max(high, 1e-5)
    step = (high - low) / 255
    below = round(-low / step)
    return -below * step, (255 - below) * step


def _around(place: Any, low: float | np.ndarray, high: float | np.ndarray, levels: int) -> None:
    from openvino import opset13

    ends = [opset13.constant(np.asarray(end, np.float32)) for end in (low, high)]
    node = opset13.fake_quantize(place.get_source_output(), *ends, *ends, levels)
    place.replace_source_output(node.output(0))
