"""From D's picture to one of twice its side: p(x|ŷ,z,c), c being what the photo shows of each part, or nothing for draws.

c is carried to the target pose by the same un-normalising transforms as the part maps (`vunet.model.part_maps`), pixels
instead of features. The network says which part is in front, and where a copy can be trusted; all else it paints itself.
The idea of a copy beside a mask: Siarohin and others, "Deformable GANs for Pose-based Human Image Generation", CVPR 2018;
Ren and others, "Deep Image Spatial Transformation for Person Image Generation", CVPR 2020.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import VUNetConfig
from vunet.model.layers import ResidualBlock, conv3x3, pointwise

HIDDEN = 1e-3  # opacity below which a part is not in the choice


class DetailNetwork(nn.Module):
    """Works at half of D's resolution; only the last convolution is at full size. All convolutions, so windows do, too."""

    BLOCKS = 4
    LAST = 8  # channels at full size

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        width = config.detail_width
        self.enter = conv3x3(2 * 3 * 4 + 4 * config.parts, width)
        self.compare: Any = nn.ModuleList(ResidualBlock(width) for _ in range(2))
        self.order = pointwise(width, config.parts + 1)
        self.join = pointwise(width + 4 * 16, width)
        self.blocks: Any = nn.ModuleList(ResidualBlock(width) for _ in range(self.BLOCKS))
        self.rise = conv3x3(width, 16 * self.LAST)
        self.out = conv3x3(self.LAST + 3 + 4, 4)
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)  # at first it only enlarges

    def forward(self, picture: Tensor, shape: Tensor, copies: Tensor) -> Tensor:
        """The picture (N, 3, 2s, 2s), meant for [-1, 1] but not clipped.

        picture: D's, (N, 3, s, s) in [-1, 1]. shape: the stickman, the same. copies: (N, P, 4, 2s, 2s), colours in [-1, 1]
        times opacity, and opacity in [0, 1], all zero for draws.
        """
        small = F.avg_pool2d(copies.flatten(1, 2), 4)  # (N, 4P, s/2, s/2)
        h = self.enter(torch.cat([F.pixel_unshuffle(picture, 2), F.pixel_unshuffle(shape, 2), small], dim=1))
        for block in self.compare:
            h = block(h)
        copy = self._in_front(h, small, copies)
        h = self.join(torch.cat([h, F.pixel_unshuffle(copy, 4)], dim=1))
        for block in self.blocks:
            h = block(h)
        h = F.pixel_shuffle(self.rise(F.elu(h)), 4)  # (N, LAST, 2s, 2s)
        return self._blended(F.elu(h), picture, copy)

    def _in_front(self, h: Tensor, small: Tensor, copies: Tensor) -> Tensor:
        """The copies laid over each other, (N, 4, 2s, 2s): a softmax over the parts that are there, and over none."""
        opacity = small.unflatten(1, (-1, 4))[:, :, 3]  # (N, P, s/2, s/2)
        here = torch.cat([opacity.clamp_min(HIDDEN).log(), torch.zeros_like(opacity[:, :1])], dim=1)
        weights = torch.softmax(self.order(F.elu(h)) + here, dim=1)[:, :-1]
        weights = F.interpolate(weights, scale_factor=4.0, mode="bilinear", align_corners=False)
        return (copies * weights.unsqueeze(2)).sum(dim=1)

    def _blended(self, h: Tensor, picture: Tensor, copy: Tensor) -> Tensor:
        with torch.autocast(h.device.type, enabled=False):  # a step of bfloat16 is half a grey level
            picture, copy = (x.to(self.out.weight.dtype) for x in (picture, copy))
            base = F.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False)
            painted, trust = self.out(torch.cat([h.to(base), base, copy], dim=1)).split([3, 1], dim=1)
            return base + painted + torch.sigmoid(trust) * (copy[:, :3] - copy[:, 3:] * base)


def premultiplied(copies: Tensor) -> Tensor:
    """uint8 RGB and opacity, on the third axis from last, as the network reads them: colours in [-1, 1] times opacity."""
    colour, opacity = copies.float().split([3, 1], dim=-3)
    opacity = opacity / 255
    return torch.cat([(colour / 127.5 - 1) * opacity, opacity], dim=-3)


def channels_first(copies: Tensor) -> Tensor:
    """`premultiplied` of copies whose channels come last, (N, P, H, W, 4) uint8."""
    return premultiplied(copies.permute(0, 1, 4, 2, 3))
