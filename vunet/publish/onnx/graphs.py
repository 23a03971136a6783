"""The graphs: what each reads and gives, by name, in the order of their tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vunet.model import VUNet
from vunet.model.config import MANNEQUIN, MANNEQUIN_SIZE, SIDES
from vunet.model.garments import GARMENTS
from vunet.model.part_maps import HIDDEN

PRIOR, CORRECTION = "prior", "correction"  # names of their graphs
BATCH = "N"  # the axis that may have any length
SHARP = [("sharp", "colours for [-1, 1] on the ground, opacity")]


@dataclass(frozen=True)
class Graph:
    """module: reads tensors by position. inputs: (name, example, what it is); outputs: (name, what it is). rows: of the
    examples; 1 where the first axis is fixed, as attention's is when it is traced."""

    name: str
    module: nn.Module
    inputs: Sequence[tuple[str, Tensor, str]]
    outputs: Sequence[tuple[str, str]]
    rows: int = 2


def graphs_of(model: VUNet) -> list[Graph]:
    """The graphs that a model has: a posterior and a picture, and a correction, detail networks and a sampler where it has
    them."""
    graphs = [_posterior(model), _picture(model)]
    if model.correction is not None:
        graphs.append(_correction(model))
    if model.detail is not None:
        graphs.append(_detail(model))
    if model.sample_detail is not None:
        graphs.append(_sample_detail(model))
    if model.prior is not None and model.prior.ready:
        graphs.append(_sampler(model))
    for graph in graphs:
        graph.module.eval()  # the exporter hands a wrapper's own mode on to what it wraps
    return graphs


class Posterior(nn.Module):
    """The means of q(z|x,ŷ)."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, parts: Tensor, facing: Tensor | None = None) -> tuple[Tensor, ...]:
        return tuple(q.mean for q in self.model.posterior(parts, facing))


class Picture(nn.Module):
    """E and D."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, shape: Tensor, *rest: Tensor) -> Tensor:
        zs, beside = rest[: self.model.config.latents], rest[self.model.config.latents :]
        names = ("transforms", "hidden", "mannequin", "facing")
        return self.model.render(shape, zs, **dict(zip(names, beside, strict=False)))


class Sampler(nn.Module):
    """z ~ p(z|ŷ, garments) from standard normal numbers."""

    def __init__(self, model: VUNet) -> None:
        super().__init__()
        self.prior = model.prior

    def forward(self, noise: Tensor, shape: Tensor, garments: Tensor) -> tuple[Tensor, ...]:
        assert self.prior is not None
        return tuple(self.prior.generate(self.prior.sample_w(noise, shape, garments)))


def _normal(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def _codes(model: VUNet) -> list[tuple[str, Tensor, str]]:
    return [
        (f"z{i}", _normal(2, channels, side, side), f"codes, scale {i}, coarse first")
        for i, (channels, side) in enumerate(model.decoder.sizes)
    ]


def _stickman(model: VUNet) -> tuple[str, Tensor, str]:
    size = model.config.size
    return "shape", _normal(2, 3, size, size).clamp(-1, 1), "stickman, [-1, 1]"


def _posterior(model: VUNet) -> Graph:
    config = model.config
    parts = _normal(2, 3 * config.parts, config.crop_size, config.crop_size).clamp(-1, 1)
    inputs = [("parts", parts, "body-part crops, stacked on channels, [-1, 1]")]
    if config.mannequin:
        inputs.append(("facing", _normal(2, config.parts, SIDES), "from which side each part is seen"))
    return Graph("posterior", Posterior(model), inputs, [(name, text) for name, _, text in _codes(model)])


def _picture(model: VUNet) -> Graph:
    config = model.config
    inputs = [_stickman(model), *_codes(model)]
    if config.part_channels:
        unit = torch.eye(3).expand(2, config.parts, 3, 3).contiguous()
        unseen = torch.zeros(2, config.parts, HIDDEN, HIDDEN)
        inputs += [("transforms", unit, "frame to crop coordinates"), ("hidden", unseen, "1 where a part is not seen")]
    if config.mannequin:
        maps = _normal(2, MANNEQUIN, MANNEQUIN_SIZE, MANNEQUIN_SIZE)
        facing = _normal(2, config.parts, SIDES)
        inputs += [("mannequin", maps, "maps of the body"), ("facing", facing, "which side of each part is shown")]
    return Graph("picture", Picture(model), inputs, [("picture", "D's picture, meant for [-1, 1]")])


def _correction(model: VUNet) -> Graph:
    assert model.correction is not None
    maps = _normal(2, MANNEQUIN, MANNEQUIN_SIZE, MANNEQUIN_SIZE).clamp(0, 1)
    rotated = torch.rand(2, model.config.parts, generator=torch.Generator().manual_seed(0))
    inputs = [
        _small(model),
        ("mannequin", maps, "maps of the body"),
        ("rotated", rotated, "how far each part is seen from another direction than the look was, 0 to 1"),
    ]
    return Graph(CORRECTION, model.correction, inputs, [("corrected", "the picture that goes on to the detail network")])


def _detail(model: VUNet) -> Graph:
    side = model.config.best_size
    opacity = torch.rand(2, 1, side, side, generator=torch.Generator().manual_seed(0))
    pixels = torch.cat([_normal(2, 3, side, side).clamp(-1, 1) * opacity, opacity], dim=1)
    copy = ("copy", pixels, "the photo's person in the pose: colours in [-1, 1] times opacity, and opacity")
    assert model.detail is not None
    return Graph("detail", model.detail, [_small(model), _stickman(model), copy], SHARP)


def _sample_detail(model: VUNet) -> Graph:
    assert model.sample_detail is not None
    sharp = [(SHARP[0][0], f"{SHARP[0][1]}, of looks without a photo: instead of `detail`")]
    return Graph("sample-detail", model.sample_detail, [_small(model), _stickman(model)], sharp)


def _small(model: VUNet) -> tuple[str, Tensor, str]:
    size = model.config.size
    return "picture", _normal(2, 3, size, size).clamp(-1, 1), "D's picture"


def _sampler(model: VUNet) -> Graph:
    assert model.prior is not None
    garments = torch.zeros(1, len(GARMENTS))
    garments[0, 0] = 1
    _, stickman, text = _stickman(model)
    inputs = [
        ("noise", _normal(1, model.prior.numbers), "standard normal numbers"),
        ("shape", stickman[:1], text),
        ("garments", garments, f"1 worn, -1 not worn, 0 either: {', '.join(GARMENTS)}"),
    ]
    return Graph(PRIOR, Sampler(model), inputs, [(name, text) for name, _, text in _codes(model)], rows=1)
