"""Augmentation of both sides of a discriminator, through which gradients flow.

A thousand photos are soon learned by heart. Zhao and others, "Differentiable Augmentation for Data-Efficient GAN Training",
NeurIPS 2020: colour, translation and cut-out. Stickman and weights are moved along with the picture.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SHIFT = 0.08  # of the side, at most
CUT = 0.3  # side of the square that is cut out, of the picture's
CHANCE = 0.5  # of a cut-out


def augmented(image: Tensor, others: Tensor, pairs: int = 0) -> tuple[Tensor, Tensor]:
    """A random augmentation of each row, its geometric part for `others` too: both (N, C, H, W); new pixels are 0.

    pairs: rows [0, pairs) and [pairs, 2 pairs) get the same augmentation.
    """
    random = torch.rand(8, len(image))
    random[:, pairs : 2 * pairs] = random[:, :pairs]
    joined = torch.cat([_recoloured(image, random[:3].to(image)), others], dim=1)
    joined = _cut_out(_shifted(joined, random[3:5]), random[5:])
    return joined[:, : image.shape[1]], joined[:, image.shape[1] :].detach()


def _recoloured(image: Tensor, random: Tensor) -> Tensor:
    """Brightness, saturation and contrast."""
    brightness, saturation, contrast = random[..., None, None, None]
    image = image + 0.4 * (brightness - 0.5)
    grey = image.mean(dim=1, keepdim=True)
    image = grey + (image - grey) * (0.5 + saturation)
    mean = image.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (image - mean) * (0.75 + 0.5 * contrast)


def _shifted(x: Tensor, random: Tensor) -> Tensor:
    reach = int(SHIFT * min(x.shape[-2:]))
    padded = F.pad(x, [reach] * 4)
    h, w = x.shape[-2:]
    corners = (random * (2 * reach + 1)).long().T.tolist()
    return torch.stack([row[:, top : top + h, left : left + w] for row, (top, left) in zip(padded, corners, strict=True)])


def _cut_out(x: Tensor, random: Tensor) -> Tensor:
    h, w = x.shape[-2:]
    chance, top, left = random.to(x)[..., None, None]
    rows, columns = torch.arange(h, device=x.device)[:, None], torch.arange(w, device=x.device)
    outside = ((rows - top * h).abs() > CUT * h / 2) | ((columns - left * w).abs() > CUT * w / 2)
    return x * (outside | (chance > CHANCE))[:, None]
