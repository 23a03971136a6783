"""Gaussians of unit variance over latent maps, and the split of a map into the prior's four groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Randomness = torch.Generator | Sequence[torch.Generator] | None  # one for each row, one for all, or PyTorch's own


@dataclass(frozen=True)
class Gaussian:
    """N(mean, 1). The authors found that learned variances hurt stability. mean: (N, C, h, w)."""

    mean: Tensor

    def sample(self, temperature: float = 1.0, generator: Randomness = None) -> Tensor:
        """A sample; temperature scales the standard deviation, 0 gives the mean."""
        if temperature == 0:
            return self.mean
        return self.mean + temperature * sample_noise(self.mean.shape, generator, self.mean.device).to(self.mean.dtype)


def sample_noise(shape: Sequence[int], generator: Randomness, device: torch.device) -> Tensor:
    """Standard normal numbers in single precision; with a generator for each row they do not depend on the other rows."""
    if isinstance(generator, Sequence):
        rows = [torch.randn(*shape[1:], generator=each, device=each.device) for each in generator]
        return torch.stack(rows).to(device)
    return torch.randn(*shape, generator=generator, device=device)


def kl_divergence(q: Gaussian, p: Gaussian) -> Tensor:
    """KL(q || p) = 1/2 ||mu_q - mu_p||^2 for unit variances (equation 4 of the paper), summed over a map: (N,)."""
    return 0.5 * (q.mean.float() - p.mean.float()).square().flatten(1).sum(dim=1)


def split_groups(z: Tensor) -> list[Tensor]:
    """(N, C, h, w) to four (N, C, h/2, w/2): the positions of each 2x2 block, row by row."""
    return [z[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]


def merge_groups(groups: Sequence[Tensor]) -> Tensor:
    """The inverse of `split_groups`."""
    a, b, c, d = groups
    top = torch.stack([a, b], dim=-1).flatten(-2)  # (N, C, h/2, w)
    bottom = torch.stack([c, d], dim=-1).flatten(-2)
    return torch.stack([top, bottom], dim=-2).flatten(-3, -2)
