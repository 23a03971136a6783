"""The building blocks that F, E and D share. Shapes are (N, C, H, W) throughout."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def pointwise(inputs: int, outputs: int) -> nn.Conv2d:
    """1x1 convolution, the paper code's "network in network"."""
    return nn.Conv2d(inputs, outputs, 1)


def conv3x3(inputs: int, outputs: int) -> nn.Conv2d:
    """3x3 convolution that keeps the size."""
    return nn.Conv2d(inputs, outputs, 3, padding=1)


FAINT = 2e-4  # largest of weights that join a trained network: it goes on from the pictures that it makes


def faint(conv: nn.Conv2d) -> nn.Conv2d:
    """A convolution that at first says next to nothing."""
    nn.init.uniform_(conv.weight, -FAINT, FAINT)  # not normal_: that imports PyTorch's compiler for a model without memory
    if conv.bias is not None:
        nn.init.zeros_(conv.bias)
    return conv


def resized(x: Tensor, size: int) -> Tensor:
    """(N, C, h, w) to (N, C, size, size)."""
    if x.shape[-1] == size:
        return x
    return F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)


class ResidualBlock(nn.Module):
    """x + conv(dropout(ELU(x))); a skip input is brought to x's channels and joins before the activation."""

    def __init__(self, channels: int, skip_channels: int = 0, dropout: float = 0.0) -> None:
        super().__init__()
        self.skip = pointwise(skip_channels, channels) if skip_channels else None
        self.dropout = nn.Dropout(dropout)
        self.conv = conv3x3(2 * channels if skip_channels else channels, channels)

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        h = x
        if self.skip is not None:
            assert skip is not None
            h = torch.cat([x, self.skip(F.elu(skip))], dim=1)  # (N, 2C, H, W)
        return x + self.conv(self.dropout(F.elu(h)))


class Downsample(nn.Module):
    """3x3 convolution of stride 2, padded on the right and bottom only, as TensorFlow's SAME does."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))  # (N, C', H/2, W/2)


class Upsample(nn.Module):
    """3x3 convolution to 4C' channels, then depth to space."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = conv3x3(inputs, 4 * outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.conv(x), 2)  # (N, C', 2H, 2W)
