"""The authors' learned prior of one latent scale, inside D (figure 3 of the paper)."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import VUNetConfig
from vunet.model.latent import Gaussian, Randomness, merge_groups, split_groups
from vunet.model.layers import ResidualBlock, conv3x3, pointwise

GROUPS = 4


class AutoregressivePrior(nn.Module):
    """p(z|ŷ) of one latent scale, autoregressive over four groups: each group's mean sees the groups before it.

    Neighbour of `PosteriorStage`; it differs in that z is sampled in four steps instead of one.
    """

    def __init__(self, width: int, latent: int, config: VUNetConfig) -> None:
        super().__init__()
        inner, dropout = config.prior_width or GROUPS * width, config.dropout
        self.block = ResidualBlock(width, dropout=dropout)
        self.reduce = nn.Identity() if inner == GROUPS * width else pointwise(width, inner // GROUPS)
        self.means: Any = nn.ModuleList(conv3x3(inner, latent) for _ in range(GROUPS))
        self.feedback: Any = nn.ModuleList(ResidualBlock(inner, latent, dropout) for _ in range(GROUPS - 1))

    def forward(self, h: Tensor, z: Tensor | None, temperature: float, generator: Randomness) -> tuple[Gaussian, Tensor]:
        """The prior and z; a z that is given (training, transfer) is what each group sees of those before it."""
        given = split_groups(z) if z is not None else None
        features = F.pixel_unshuffle(self.reduce(self.block(h)), 2)  # (N, inner, h/2, w/2)
        means: list[Tensor] = []
        groups: list[Tensor] = []
        for i, head in enumerate(self.means):
            if i:
                features = self.feedback[i - 1](features, groups[-1])
            means.append(head(features))  # (N, C, h/2, w/2)
            groups.append(given[i] if given else Gaussian(means[-1]).sample(temperature, generator))
        return Gaussian(merge_groups(means)), merge_groups(groups)
