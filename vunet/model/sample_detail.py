"""From D's picture to one of twice its side for looks without a photo: p(x|ŷ,z), where all detail has to be made up."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import VUNetConfig
from vunet.model.detail import DetailNetwork, enlarged
from vunet.model.layers import Downsample, ResidualBlock, Upsample, conv3x3, faint


class Surroundings(nn.Module):
    """Adds to (N, W, h, w) what a small U-Net of two scales makes of it: a garment is more than what is near a place."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half, quarter = 2 * width, 4 * width
        self.down_to_half, self.down_to_quarter = Downsample(width, half), Downsample(half, quarter)
        self.at_half = ResidualBlock(half)
        self.at_quarter: Any = nn.Sequential(ResidualBlock(quarter), ResidualBlock(quarter))
        self.up_to_half, self.up_to_whole = Upsample(quarter, half), Upsample(half, width)
        self.joined = ResidualBlock(half, half)
        self.out = faint(conv3x3(width, width))

    def forward(self, h: Tensor) -> Tensor:
        half = self.at_half(self.down_to_half(F.elu(h)))
        quarter = self.at_quarter(self.down_to_quarter(F.elu(half)))
        half = self.joined(half + self.up_to_half(F.elu(quarter)), half)
        return h + self.out(F.elu(self.up_to_whole(F.elu(half))))


class SampleDetailNetwork(nn.Module):
    """`DetailNetwork` without a copy, its surroundings between the second block and the third."""

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        width, last = config.sample_detail_width, DetailNetwork.LAST
        self.enter = conv3x3(2 * 3 * 4, width)
        self.blocks: Any = nn.ModuleList(ResidualBlock(width) for _ in range(DetailNetwork.BLOCKS))
        self.surroundings = Surroundings(width)
        self.rise = conv3x3(width, 16 * last)
        self.out = conv3x3(last + 3, 3 + 1)
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)  # at first it only enlarges

    def forward(self, picture: Tensor, shape: Tensor) -> Tensor:
        """(N, 4, 2s, 2s) from (N, 3, s, s) each, as `DetailNetwork` without a copy."""
        h = self.enter(torch.cat([F.pixel_unshuffle(picture, 2), F.pixel_unshuffle(shape, 2)], dim=1))
        middle = len(self.blocks) // 2
        for block in [*self.blocks[:middle], self.surroundings, *self.blocks[middle:]]:
            h = block(h)
        h = F.elu(F.pixel_shuffle(self.rise(F.elu(h)), 4))
        with torch.autocast(h.device.type, enabled=False):  # a step of bfloat16 is half a grey level
            base = enlarged(picture.to(self.out.weight.dtype))
            painted, opacity = self.out(torch.cat([h.to(base), base], dim=1)).split([3, 1], dim=1)
            return torch.cat([base + painted, torch.sigmoid(opacity)], dim=1)

    @torch.no_grad()
    def begin_as(self, trained: DetailNetwork) -> None:
        """Takes over a detail network of the same width: the first pictures are those that it makes without a copy."""
        weights = trained.state_dict()
        weights["enter.weight"] = weights["enter.weight"][:, : self.enter.in_channels]
        kept = torch.tensor([0, 1, 2, 4])  # of the outputs, all but the trust
        weights["out.weight"] = weights["out.weight"][kept, : self.out.in_channels]
        weights["out.bias"] = weights["out.bias"][kept]
        self.load_state_dict(self.state_dict() | weights)
