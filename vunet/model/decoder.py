"""D, the decoder with its learned prior p(z|ŷ) (figure 3 of the paper)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import VUNetConfig
from vunet.model.encoders import skips_at
from vunet.model.latent import Gaussian, Randomness
from vunet.model.layers import ResidualBlock, Upsample, conv3x3, pointwise
from vunet.model.part_maps import PartDecoder, at_side, map_channels, put_back, sampling_grid, without
from vunet.model.prior.autoregressive import AutoregressivePrior


class LatentStage(nn.Module):
    """One scale of D that holds a latent: half of the blocks, the prior, z joins, the other half."""

    def __init__(self, width: int, latent: int, config: VUNetConfig) -> None:
        super().__init__()
        self.before = ResidualBlock(width, width, config.dropout)
        self.prior = AutoregressivePrior(width, latent, config) if config.autoregressive else None
        self.join = pointwise(width + latent, width)
        self.after = ResidualBlock(width, width, config.dropout)

    def enter(self, h: Tensor, skips: list[Tensor]) -> Tensor:
        """Up to where the prior reads."""
        return self.before(h, skips_at(skips, h)[0])

    def leave(self, h: Tensor, z: Tensor, skips: list[Tensor]) -> Tensor:
        """From where z joins."""
        return self.after(self.join(torch.cat([h, z.to(h.dtype)], dim=1)), skips_at(skips, h)[1])


class PlainStage(nn.Module):
    """One finer scale of D: two residual blocks with E's skips."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.before = ResidualBlock(width, width, dropout)
        self.after = ResidualBlock(width, width, dropout)

    def forward(self, h: Tensor, skips: list[Tensor]) -> Tensor:
        first, second = skips_at(skips, h)
        return self.after(self.before(h, first), second)


class Decoder(nn.Module):
    """D_theta(E(ŷ), z) -> image."""

    def __init__(self, config: VUNetConfig, skip_widths: Sequence[int]) -> None:
        super().__init__()
        widths = list(skip_widths)[::-1]  # coarse first
        self.enter = pointwise(widths[0], widths[0])
        self.rise: Any = nn.ModuleList(Upsample(a, b) for a, b in itertools.pairwise(widths))
        latents = config.latent_widths(widths)
        stages = zip(widths, latents, strict=False)
        self.latent_stages: Any = nn.ModuleList(LatentStage(*each, config) for each in stages)
        self.sizes = [(channels, 1 << (config.bottleneck + i)) for i, channels in enumerate(latents)]
        self.stages: Any = nn.ModuleList(PlainStage(w, config.dropout) for w in widths[config.latents :])
        self.part_maps = _part_maps(config, latents)
        self.sides = config.mannequin
        self.trunk = config.size // config.stem
        self.head = self._head(config, widths[-1])

    @staticmethod
    def _head(config: VUNetConfig, width: int) -> nn.Module:
        return PlainHead(width) if config.stem == 1 else RisingHead(config, width)

    def latents(
        self,
        skips: list[Tensor],
        zs: Sequence[Tensor] | None,
        temperature: float = 1.0,
        generator: Randomness = None,
    ) -> tuple[Tensor, list[Gaussian], list[Tensor]]:
        """The coarse half of D. zs None samples them from the prior. Returns h, the priors, the latents.

        Only for models that hold the autoregressive prior.
        """
        h = self.enter(skips[-1])
        priors, used = [], []
        for i, stage in enumerate(self.latent_stages):
            h = stage.enter(self.rise[i - 1](h) if i else h, skips)
            assert stage.prior is not None
            p, z = stage.prior(h, zs[i] if zs else None, temperature, generator)
            h = stage.leave(h, z, skips)
            priors.append(p)
            used.append(z)
        return h, priors, used

    def carry(self, skips: list[Tensor], zs: Sequence[Tensor]) -> Tensor:
        """The coarse half of D with given latents, without the prior: what a render needs."""
        h = self.enter(skips[-1])
        for i, (stage, z) in enumerate(zip(self.latent_stages, zs, strict=True)):
            h = stage.leave(stage.enter(self.rise[i - 1](h) if i else h, skips), z, skips)
        return h

    def maps(self, zs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The part maps, which depend on z alone: for the trunk and for twice its resolution. Empty in presets without."""
        return self.part_maps(zs) if self.part_maps is not None else ()

    def turned(self, maps: Sequence[Tensor], facing: Tensor | None) -> tuple[Tensor, ...]:
        """The part maps as they look from the side that is shown; as they are in presets that know no sides."""
        return tuple(at_side(each, facing) for each in maps) if self.sides else tuple(maps)

    def grids(self, transforms: Tensor | None, hidden: Tensor | None = None) -> tuple[Tensor, ...]:
        """The two sampling grids of the part maps, for the trunk's size and twice it; none where there are no part maps.

        hidden: (N, P, h, h), where a part is not seen (`vunet.person.ownership.hidden_maps`).
        """
        if self.part_maps is None:
            return ()
        assert transforms is not None, "this preset un-normalises parts: pass transforms"
        grids = (sampling_grid(transforms, size) for size in (self.trunk, 2 * self.trunk))
        return tuple(without(grid, hidden) for grid in grids)

    def image(self, h: Tensor, skips: list[Tensor], maps: Sequence[Tensor], grids: Sequence[Tensor]) -> Tensor:
        """The fine half of D: (N, 3, S, S), meant for [-1, 1] but not clipped."""
        for rise, stage in zip(self.rise[len(self.latent_stages) - 1 :], self.stages, strict=True):
            h = stage(rise(h), skips)
        return self.head(h, *(put_back(m, g) for m, g in zip(maps, grids, strict=True)))


def _part_maps(config: VUNetConfig, latents: list[int]) -> nn.Module | None:
    return PartDecoder(latents[0], config) if config.part_codes else None


class PlainHead(nn.Module):
    """The authors' last layer: a 3x3 convolution, no tanh."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.out = conv3x3(width, 3)

    def forward(self, h: Tensor) -> Tensor:
        return self.out(h)


class RisingHead(nn.Module):
    """From the trunk to full size in two light steps; un-normalised part maps join before each.

    Where parts overlap, the trunk says which is in front: a gate for each part, on the finer maps.
    A bare pixel-shuffle to RGB would leave a checkerboard, so a convolution at full size comes last.
    """

    FINE = 32  # channels at twice the trunk's resolution
    LAST = 12  # channels at full size

    def __init__(self, config: VUNetConfig, width: int) -> None:
        super().__init__()
        coarse, fine = (config.parts * c for c in map_channels(config))
        self.join_coarse = pointwise(coarse, width) if coarse else None
        self.join_fine = pointwise(fine, self.FINE) if fine else None
        self.gate = pointwise(width, config.parts) if config.part_codes else None
        self.coarse = ResidualBlock(width, dropout=config.dropout)
        self.rise = Upsample(width, self.FINE)
        self.fine = ResidualBlock(self.FINE)
        self.shuffle = config.stem // 2
        self.last = conv3x3(self.FINE, self.LAST * self.shuffle**2)
        self.out = conv3x3(self.LAST, 3)

    def forward(self, h: Tensor, coarse: Tensor | None = None, fine: Tensor | None = None) -> Tensor:
        if self.join_coarse is not None and coarse is not None:
            h = h + self.join_coarse(coarse.flatten(1, 2))  # (N, W, S/4, S/4)
        inner = F.elu(self.coarse(h))
        h = self.rise(inner)
        if self.join_fine is not None and fine is not None:
            h = h + self.join_fine(self._gated(fine, inner).flatten(1, 2))  # (N, FINE, S/2, S/2)
        h = F.pixel_shuffle(self.last(F.elu(self.fine(h))), self.shuffle)  # (N, LAST, S, S)
        with torch.autocast(h.device.type, enabled=False):  # a step of bfloat16 is half a grey level
            return self.out(F.elu(h).to(self.out.weight.dtype))

    def _gated(self, fine: Tensor, inner: Tensor) -> Tensor:
        if self.gate is None:
            return fine
        gates = F.interpolate(torch.sigmoid(self.gate(inner)), scale_factor=2.0)  # (N, P, S/2, S/2)
        return fine * gates.unsqueeze(2)
