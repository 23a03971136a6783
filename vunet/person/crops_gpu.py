"""Body-part crops of whole batches, cut on the device that trains: what `vunet.person.crops` cuts one by one on the CPU."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vunet.person.parts import Layout


def crop_pictures(pictures: Tensor, maps: Tensor, size: int, layout: Layout, mirrored: Tensor | None = None) -> Tensor:
    """Crops (N, P, 3, size, size) of pictures (N, 3, S, S).

    maps: (N, P, 3, 3), `crop_maps`. mirrored: (N,), 1 for pictures of which the mirror image is meant.
    """
    middle = 0.0 if layout == "authors" else 0.5  # of a pixel; see `vunet.person.resampling.warp`
    line = (torch.arange(size, device=maps.device) + middle) / size
    y, x = torch.meshgrid(line, line, indexing="ij")
    points = torch.stack([x, y, torch.ones_like(x)], dim=-1).view(-1, 3)
    places = points @ maps.transpose(2, 3)  # (N, P, size^2, 3)
    grid = 2 * places[..., :2] / places[..., 2:] - 1 + (1 - 2 * middle) / pictures.shape[-1]
    if mirrored is not None:
        grid = grid * torch.stack([1 - 2 * mirrored, torch.ones_like(mirrored)], dim=-1)[:, None, None]
    crops = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)  # (N, 3, P, size^2)
    return crops.transpose(1, 2).unflatten(-1, (size, size))
