"""Lays carried people on the device that renders: what `vunet.person.photo_in_pose.carried` does with OpenCV, for a GPU.

Layers stay there as long as their look lives; of each picture only two small grids a layer are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vunet.person.ground import BACKGROUND, EDGE, MARKS, NOISE
from vunet.person.layers import Layer
from vunet.person.photo_in_pose import CarriedLayer, CarriedPeople


class DeviceCopies:
    """Keeps the layers of looks on a device."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._layers: WeakKeyDictionary[Layer, Tensor] = WeakKeyDictionary()

    @torch.inference_mode()
    def __call__(self, lot: Sequence[CarriedPeople], size: int) -> tuple[Tensor, Tensor]:
        """Pictures (N, size, size, 4) uint8 and where they are certain (N, GRID, GRID) uint8, as of `Copy`."""
        pictures = torch.stack([self._laid(people.layers, size) for people in lot])
        certain = torch.from_numpy(np.stack([people.certain for people in lot])).to(self.device)
        return pictures.permute(0, 2, 3, 1).contiguous(), certain

    def _laid(self, layers: Sequence[CarriedLayer], size: int) -> Tensor:
        """(4, size, size) uint8, rounded after each layer as on the CPU."""
        picture = torch.zeros(4, size, size, device=self.device)
        for layer in layers:
            found = self._looked_up(layer, size).round()
            picture = (found + (picture * (255 - found[3:]) / 255).round()).clamp(max=255)
        return picture.to(torch.uint8)

    def _looked_up(self, layer: CarriedLayer, size: int) -> Tensor:
        """(4, size, size), 0 to 255: a layer of the photo at its places, times its opacity."""
        pixels, (height, width) = self._pixels(layer.source), layer.source.picture.shape[:2]
        in_layer = layer.places - np.array(layer.source.corner, np.float32)
        grid = torch.from_numpy(2 * in_layer / np.array([width, height], np.float32) - 1)  # pixels' edges at -1 and 1
        small = torch.cat([grid.permute(2, 0, 1), torch.from_numpy(layer.opacity)[None]])[None].float().to(self.device)
        large = F.interpolate(small, size=(size, size), mode="bilinear", align_corners=False)
        found = F.grid_sample(
            pixels[None].float(), large[:, :2].permute(0, 2, 3, 1), padding_mode="zeros", align_corners=False
        )
        return found[0] * (large[0, 2:] * 255).round() / 255

    def _pixels(self, layer: Layer) -> Tensor:
        """(4, h, w) uint8."""
        if layer not in self._layers:
            self._layers[layer] = torch.from_numpy(layer.picture).to(self.device).permute(2, 0, 1)
        return self._layers[layer]


@torch.inference_mode()
def shown_over(pictures: Tensor, copies: Tensor, certain: Tensor) -> Tensor:
    """`Copy.over` of pictures (N, S, S, 3) uint8."""
    there = F.interpolate(certain[:, None].float() / 255, size=pictures.shape[1:3], mode="bilinear", align_corners=False)
    colours, opacity = copies.float().split([3, 1], dim=3)
    shown = colours + (BACKGROUND * (1 - opacity / 255)).round()
    return torch.lerp(pictures.float(), shown, there[:, 0, ..., None]).round().clamp(0, 255).to(torch.uint8)


@torch.inference_mode()
def plain_bytes(pictures: Tensor) -> Tensor:
    """Pictures (N, 3, S, S) in [-1, 1] as (N, S, S, 3) uint8 on the plain ground: `vunet.person.ground.on_plain_ground`."""
    scaled = ((pictures.float().clamp(-1, 1) + 1) * 127.5).round().permute(0, 2, 3, 1)
    least = torch.full(pictures.shape[2:], MARKS, device=pictures.device)
    least[EDGE:-EDGE, EDGE:-EDGE] = NOISE
    away = (scaled - BACKGROUND).abs().amax(dim=3)
    return torch.where((away <= least)[..., None], BACKGROUND, scaled).to(torch.uint8).contiguous()
