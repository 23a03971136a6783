"""F, the appearance encoder with its posterior q(z|x,ŷ), and E, the shape encoder (figure 3 of the paper)."""

from __future__ import annotations

import itertools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import MANNEQUIN, SIDES, VUNetConfig
from vunet.model.latent import Gaussian, Randomness
from vunet.model.layers import Downsample, ResidualBlock, Upsample, conv3x3, faint, pointwise, resized

BLOCKS = 2  # residual blocks a scale on the way up; half of them before, half after a latent on the way down


class Pyramid(nn.Module):
    """The way up of a U-Net: every residual block's output, finest first, two for each scale."""

    def __init__(self, inputs: int, stem: int, width: int, max_width: int, scales: int, dropout: float) -> None:
        super().__init__()
        self.stem = stem
        self.widths = [min(width << level, max_width) for level in range(scales)]
        self.enter = pointwise(inputs * stem**2, self.widths[0])
        self.blocks: Any = nn.ModuleList(ResidualBlock(w, dropout=dropout) for w in self.widths for _ in range(BLOCKS))
        self.down: Any = nn.ModuleList(Downsample(a, b) for a, b in zip(self.widths, self.widths[1:], strict=False))

    def forward(self, x: Tensor, beside: Tensor | float = 0.0) -> list[Tensor]:
        """beside: what joins the first features, (N, W0, S, S) or (N, W0, 1, 1)."""
        h = self.enter(F.pixel_unshuffle(x, self.stem)) + beside  # (N, W0, S, S)
        skips = []
        for i, block in enumerate(self.blocks):
            if i and i % BLOCKS == 0:
                h = self.down[i // BLOCKS - 1](h)  # (N, Wl, S/2^l, S/2^l)
            h = block(h)
            skips.append(h)
        return skips


class ShapeEncoder(Pyramid):
    """E_theta: reads the stickman ŷ, and the mannequin behind it; its outputs are D's skip connections."""

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__(3, config.stem, config.width, config.max_width, config.scales, config.dropout)
        self.mannequin = faint(pointwise(MANNEQUIN, config.width)) if config.mannequin else None

    def forward(self, x: Tensor, mannequin: Tensor | None = None) -> list[Tensor]:  # type: ignore[override]
        """x: (N, 3, S, S). mannequin: (N, MANNEQUIN, s, s), for presets that read it."""
        if self.mannequin is None or mannequin is None:
            return super().forward(x)
        return super().forward(x, resized(self.mannequin(mannequin.to(x.dtype)), x.shape[-1] // self.stem))


class AppearanceEncoder(nn.Module):
    """F_phi: q(z|x,ŷ) from the body-part crops, one Gaussian for each latent scale."""

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        inputs = 3 * config.parts
        self.up = Pyramid(inputs, config.crop_stem, config.crop_width, config.max_width, config.crop_scales, config.dropout)
        widths = self.up.widths[::-1][: config.latents]
        self.enter = pointwise(widths[0], widths[0])
        self.stages: Any = nn.ModuleList(PosteriorStage(w, config.dropout) for w in widths)
        self.rise: Any = nn.ModuleList(Upsample(a, b) for a, b in itertools.pairwise(widths))

    def forward(
        self, parts: Tensor, temperature: float = 0.0, generator: Randomness = None, facing: Tensor | None = None
    ) -> tuple[list[Gaussian], list[Tensor]]:
        """parts: (N, 3P, S, S) in [-1, 1]. The posteriors, coarse first, and z drawn from them; 0 takes the means."""
        skips = self.up(parts)
        h = self.enter(skips[-1])
        posteriors, zs = [], []
        for i, stage in enumerate(self.stages):
            h, q, z = stage(self.rise[i - 1](h) if i else h, skips, temperature, generator)
            posteriors.append(q)
            zs.append(z)
        return posteriors, zs


class PartwiseEncoder(nn.Module):
    """F for codes of parts: one pyramid reads all crops, each part gets its own code in every latent but the coarsest.

    The coarsest latent is of the whole body, so that it can say what a missing part may look like.
    """

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        self.parts = config.parts
        self.up = Pyramid(3, config.crop_stem, config.crop_width, config.max_width, config.crop_scales, config.dropout)
        coarsest, *finer = self.up.widths[::-1][: config.latents]
        self.enter = pointwise(config.parts * coarsest, coarsest)
        self.block = ResidualBlock(coarsest, dropout=config.dropout)
        self.mean = conv3x3(coarsest, coarsest)
        p = config.parts
        self.means: Any = nn.ModuleList(nn.Conv2d(p * w, p * config.part_codes, 1, groups=p) for w in finer)
        self.side = faint(pointwise(SIDES, config.crop_width)) if config.mannequin else None

    def forward(
        self, parts: Tensor, temperature: float = 0.0, generator: Randomness = None, facing: Tensor | None = None
    ) -> tuple[list[Gaussian], list[Tensor]]:
        """As `AppearanceEncoder.forward`; the scales of q are independent given x.

        facing: (N, P, SIDES), from which side each part is seen; not known if left out.
        """
        crops = parts.unflatten(1, (self.parts, 3)).flatten(0, 1)
        side: Tensor | float = 0.0
        if self.side is not None and facing is not None:
            side = self.side(facing.to(crops.dtype).flatten(0, 1)[..., None, None])  # (NP, W0, 1, 1)
        skips = self.up(crops, side)  # (NP, Wl, s/2^l, s/2^l), two for each scale
        features = [F.elu(s).unflatten(0, (-1, self.parts)).flatten(1, 2) for s in skips[::-BLOCKS]]  # (N, P*W, h, w)
        whole = self.block(self.enter(features[0]))
        finer = zip(self.means, features[1:], strict=False)
        posteriors = [Gaussian(self.mean(whole)), *(Gaussian(mean(h)) for mean, h in finer)]
        return posteriors, [q.sample(temperature, generator) for q in posteriors]


class PosteriorStage(nn.Module):
    """One latent scale on F's way down: read q, draw z, feed z to the scales that follow."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.before = ResidualBlock(width, width, dropout)
        self.mean = conv3x3(width, width)
        self.after = ResidualBlock(width, 2 * width, dropout)

    def forward(
        self, h: Tensor, skips: list[Tensor], temperature: float, generator: Randomness = None
    ) -> tuple[Tensor, Gaussian, Tensor]:
        first, second = skips_at(skips, h)
        h = self.before(h, first)
        q = Gaussian(self.mean(h))
        z = q.sample(temperature, generator)
        return self.after(h, torch.cat([second, z], dim=1)), q, z


def skips_at(skips: list[Tensor], h: Tensor) -> tuple[Tensor, Tensor]:
    """The two skips of h's resolution, the later one first: the order in which a way down uses them."""
    first, second = (s for s in reversed(skips) if s.shape[-1] == h.shape[-1])
    return first, second
