"""Un-normalisation: the crops' way backwards. z becomes a small map for each body part, each is put back in its place.

The paper normalises the body parts on the way in (section 3.2) and leaves the decoder to find out where each colour
belongs. Here the inverse transforms of the *target* pose say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import SIDES, VUNetConfig
from vunet.model.layers import ResidualBlock, Upsample, conv3x3, faint, pointwise

HIDDEN = 64  # side of the maps that say where parts are hidden
OUTSIDE = 9.0  # a place far from every part's map, which reaches from -1 to 1


class PartDecoder(nn.Module):
    """Each part's own code becomes its maps, by one network for all parts: what it learns on a sleeve serves a trouser leg.

    The coarsest latent, of the whole body, gives every part a guess: the code of a part that was not seen says nothing.
    """

    WIDTH, RISEN = 64, 32  # channels at the finest code's resolution, and at twice and four times it

    def __init__(self, coarsest: int, config: VUNetConfig) -> None:
        super().__init__()
        self.parts = config.parts
        coarse, fine = map_channels(config)
        self.guess = conv3x3(coarsest, config.parts * config.part_codes)
        joined = config.parts * config.part_codes * config.latents
        self.enter = nn.Conv2d(joined, config.parts * self.WIDTH, 1, groups=config.parts)
        self.blocks: Any = nn.ModuleList(ResidualBlock(self.WIDTH) for _ in range(2))
        self.rise = Upsample(self.WIDTH, self.RISEN)
        self.block = ResidualBlock(self.RISEN)
        self.coarse = pointwise(self.RISEN, coarse)
        self.fine = Upsample(self.RISEN, fine)
        self.turned = config.mannequin
        if self.turned:
            self.coarse_sides = faint(pointwise(self.RISEN, SIDES * coarse))
            self.fine_sides = Upsample(self.RISEN, SIDES * fine)
            faint(self.fine_sides.conv)

    def forward(self, zs: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """zs: (N, C, h0, w0), then (N, P*c, hi, wi). Maps (N, P, C, 2h, 2w) and (N, P, C', 4h, 4w), h the finest z's.

        Where it knows sides, they are followed by what each of the two numbers of `facing` adds: (N, P, 3C, 2h, 2w), ...
        """
        size = zs[-1].shape[-2:]
        codes = [F.interpolate(z, size=size).unflatten(1, (self.parts, -1)) for z in (self.guess(zs[0]), *zs[1:])]
        h = self.enter(torch.cat(codes, dim=2).flatten(1, 2))  # (N, P*WIDTH, h, w)
        h = h.unflatten(1, (self.parts, -1)).flatten(0, 1)  # (NP, WIDTH, h, w)
        for block in self.blocks:
            h = block(h)
        h = F.elu(self.block(self.rise(h)))  # (NP, RISEN, 2h, 2w)
        coarse, fine = self.coarse(h), self.fine(h)
        if self.turned:
            coarse = torch.cat([coarse, self.coarse_sides(h)], dim=1)
            fine = torch.cat([fine, self.fine_sides(h)], dim=1)
        each = (-1, self.parts)
        return coarse.unflatten(0, each), fine.unflatten(0, each)


def map_channels(config: VUNetConfig) -> tuple[int, int]:
    """Channels of a part's map for the trunk, and for twice its resolution."""
    return config.part_channels, config.fine_channels or config.part_channels * 2 // 3


def at_side(maps: Tensor, facing: Tensor | None) -> Tensor:
    """Maps (N, P, 3C, h, w) of all sides, as they look from one: (N, P, C, h, w). facing: (N, P, SIDES); None: unknown.

    The first harmonics of the angle from which a part is seen: maps = a + b cos + c sin.
    """
    plain, *sides = maps.unflatten(2, (1 + SIDES, -1)).unbind(2)
    if facing is None:
        return plain
    for side, number in zip(sides, facing.to(maps.dtype).unbind(2), strict=True):
        plain = plain + side * number[..., None, None, None]
    return plain


def sampling_grid(transforms: Tensor, size: int) -> Tensor:
    """Where in its part's map each pixel of a (size, size) frame looks: (N, P, size, size, 2), [-1, 1] inside the map.

    transforms: (N, P, 3, 3), frame to crop coordinates, both in [0, 1] (`vunet.person.parts.part_transforms`).
    """
    axis = (torch.arange(size, device=transforms.device, dtype=torch.float32) + 0.5) / size
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    frame = torch.stack([x, y, torch.ones_like(x)]).flatten(1)  # (3, size^2)
    crop = transforms.float().flatten(0, 1) @ frame  # (NP, 3, size^2)
    grid = 2 * crop[:, :2] / _away_from_zero(crop[:, 2:]) - 1
    n, p = transforms.shape[:2]
    return grid.clamp(-OUTSIDE, OUTSIDE).transpose(1, 2).reshape(n, p, size, size, 2)


def without(grid: Tensor, hidden: Tensor | None) -> Tensor:
    """A `sampling_grid` that looks outside a part's map where the part is hidden: hidden (N, P, h, h) in [0, 1]."""
    if hidden is None:
        return grid
    there = F.interpolate(hidden, size=grid.shape[2:4])[..., None] > 0.5
    return torch.where(there, torch.full_like(grid, OUTSIDE), grid)


def put_back(maps: Tensor, grid: Tensor) -> Tensor:
    """Part maps (N, P, C, h, w), warped by a `sampling_grid` to where the parts lie: (N, P, C, S, S), zero elsewhere."""
    # In single precision: CPUs sample half precision more slowly, and a grid of 8 bits would jump.
    warped = F.grid_sample(maps.float().flatten(0, 1), grid.flatten(0, 1), align_corners=False)
    return warped.to(maps.dtype).unflatten(0, maps.shape[:2])


def _away_from_zero(w: Tensor) -> Tensor:
    return torch.where(w.abs() < 1e-6, 1e-6, w)
