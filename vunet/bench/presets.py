"""Each preset's render: plain eager PyTorch against the engine, with the same weights, and whether they draw the same."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from vunet.bench.model import RenderInputs, render_gflop, render_inputs
from vunet.bench.timing import interleaved
from vunet.model import PRESETS, VUNet, VUNetConfig
from vunet.runtime.engine import EagerEngine, Renderer, choose_engine

PRECISION_NAMES = {torch.float32: "float32", torch.bfloat16: "bfloat16", torch.float16: "float16"}


class PlainEngine:
    """The baseline: eager, single precision, PyTorch's default memory layout, the prior computed along with the picture."""

    name = "plain eager"

    def __init__(self, model: VUNet) -> None:
        self.model = model

    @torch.inference_mode()
    def render(
        self, condition: Mapping[str, torch.Tensor], zs: Sequence[torch.Tensor], hidden: torch.Tensor | None = None
    ) -> torch.Tensor:
        """As `Renderer.render`, nothing hidden."""
        return self.model.decode(zs=zs, **condition)[0]


def preset_rows(device: torch.device, precision: torch.dtype) -> list[dict[str, Any]]:
    """One row for each preset and way to compute it: milliseconds, gain over plain eager, largest difference."""
    return [row for name in PRESETS for row in _rows(name, device, precision)]


def _rows(name: str, device: torch.device, precision: torch.dtype) -> list[dict[str, Any]]:
    engines = _engines(VUNetConfig.preset(name), device, precision)
    inputs = render_inputs(_model(VUNetConfig.preset(name)))
    pictures = {label: engine.render(*inputs).cpu().clone() for label, engine in engines.items()}
    times = interleaved({label: _job(engine, inputs) for label, engine in engines.items()}, rounds=15)
    gflop = render_gflop(_model(VUNetConfig.preset(name)))
    plain = next(iter(engines))
    return [
        {
            "preset": name,
            "way": label,
            "gflop": gflop,
            "gain": times[plain]["median_ms"] / times[label]["median_ms"],
            "difference": float((pictures[label] - pictures[plain]).abs().max()),
        }
        | times[label]
        for label in engines
    ]


def _engines(config: VUNetConfig, device: torch.device, precision: torch.dtype) -> dict[str, Renderer]:
    engines: dict[str, Renderer] = {"plain eager float32": PlainEngine(_model(config))}
    for chosen in dict.fromkeys((torch.float32, precision)):
        label = PRECISION_NAMES[chosen]
        engines[f"eager {label}"] = EagerEngine(_model(config), device, chosen)
        best = choose_engine(_model(config), device, chosen)
        engines.setdefault(f"{best.name} {label}", best)
    return engines


def _model(config: VUNetConfig) -> VUNet:
    """The same weights each time: nothing is loaded, speed does not depend on them."""
    torch.manual_seed(0)
    return VUNet(config).eval().requires_grad_(False)


def _job(engine: Renderer, inputs: RenderInputs) -> Callable[[], object]:
    """Another pose each time, as in a drag: an engine may remember what depends on the pose alone."""
    condition, zs = inputs
    nudges = itertools.cycle((0.0, 0.01))

    def render() -> object:
        nudge = next(nudges)
        moved = {name: value + nudge if name == "transforms" else value for name, value in condition.items()}
        return engine.render(moved, zs).cpu()

    return render
