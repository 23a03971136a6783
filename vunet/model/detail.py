"""From D's picture to one of twice its side: p(x|ŷ,z,c), c being what the photo shows, or nothing for samples.

c comes as one copy: the photo's person, carried into the pose (`vunet.person.photo_in_pose`). The network says where the
copy can be trusted, paints all else itself, and says how opaque each pixel is. The idea of a copy beside a mask: Siarohin
and others, "Deformable GANs for Pose-based Human Image Generation", CVPR 2018; Ren and others, "Deep Image Spatial
Transformation for Person Image Generation", CVPR 2020.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import GROUND, VUNetConfig
from vunet.model.layers import ResidualBlock, conv3x3

CLEAR = 0.1  # opacity below which a pixel fades to the plain ground


class DetailNetwork(nn.Module):
    """Works at half of D's resolution; only the last convolution is at full size. All convolutions, so windows do, too."""

    BLOCKS = 4
    LAST = 8  # channels at full size

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        width = config.detail_width
        self.enter = conv3x3(2 * 3 * 4 + 4 * 16, width)
        self.blocks: Any = nn.ModuleList(ResidualBlock(width) for _ in range(self.BLOCKS))
        self.rise = conv3x3(width, 16 * self.LAST)
        self.out = conv3x3(self.LAST + 3 + 4, 3 + 2)
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)  # at first it only enlarges

    def forward(self, picture: Tensor, shape: Tensor, copy: Tensor) -> Tensor:
        """(N, 4, 2s, 2s): colours, meant for [-1, 1] but not clipped, on the plain ground; and opacity in [0, 1].

        picture: D's, (N, 3, s, s) in [-1, 1]. shape: the stickman, the same. copy: (N, 4, 2s, 2s), colours in [-1, 1] times
        opacity, and opacity in [0, 1], all zero for samples.
        """
        inputs = [F.pixel_unshuffle(picture, 2), F.pixel_unshuffle(shape, 2), F.pixel_unshuffle(copy, 4)]
        h = self.enter(torch.cat(inputs, dim=1))  # (N, W, s/2, s/2)
        for block in self.blocks:
            h = block(h)
        h = F.elu(F.pixel_shuffle(self.rise(F.elu(h)), 4))  # (N, LAST, 2s, 2s)
        with torch.autocast(h.device.type, enabled=False):  # a step of bfloat16 is half a grey level
            picture, copy = (x.to(self.out.weight.dtype) for x in (picture, copy))
            base = enlarged(picture)
            painted, trust, opacity = self.out(torch.cat([h.to(base), base, copy], dim=1)).split([3, 1, 1], dim=1)
            colours = base + painted + torch.sigmoid(trust) * (copy[:, :3] - copy[:, 3:] * base)
            return torch.cat([colours, torch.sigmoid(opacity)], dim=1)


def enlarged(picture: Tensor) -> Tensor:
    """Twice the side, between pixels by lines."""
    return F.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False)


def premultiplied(copy: Tensor) -> Tensor:
    """A copy (N, 4, H, W) uint8, colours times opacity, as the network reads it."""
    colours, opacity = copy.float().split([3, 1], dim=1)
    return torch.cat([colours / 127.5 - opacity / 255, opacity / 255], dim=1)


def channels_first(copy: Tensor) -> Tensor:
    """`premultiplied` of copies whose channels come last, (N, H, W, 4) uint8."""
    return premultiplied(copy.permute(0, 3, 1, 2))


def to_bytes(made: Tensor, copy: Tensor, certain: Tensor) -> Tensor:
    """`opaque_bytes` of a picture that has a copy.

    copy: what the network read. certain: (N, h, w) uint8, 255 where the picture is the copy and nothing else.
    """
    there = F.interpolate(certain[:, None].float() / 255, size=copy.shape[-2:], mode="bilinear", align_corners=False)
    shown = torch.cat([copy[:, :3] + (1 - copy[:, 3:]) * GROUND, copy[:, 3:]], dim=1)
    return opaque_bytes(torch.lerp(made.float(), shown.float(), there))


def opaque_bytes(made: Tensor) -> Tensor:
    """A network's picture as (N, H, W, 4) uint8; where nobody is, the ground is plain to the last grey level."""
    colours, opacity = made.float().split([3, 1], dim=1)
    shown = (opacity / CLEAR).clamp(0, 1)
    colours = GROUND + shown * (colours.clamp(-1, 1) - GROUND)
    scaled = torch.cat([(colours + 1) * 127.5, opacity * 255], dim=1)
    return scaled.round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()
