"""What the codes of one person have in common in p(z|ŷ), which the authors leave out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from vunet.latent import Gaussian, Randomness
from vunet.model.config import VUNetConfig

FRESH = 0.45  # share of a draw's deviation that is its own, beside its anchor's
CALM = 0.2  # deviation of a code's own noise beside the common factors: more of it frays hems and edges


class CommonFactors(nn.Module):
    """A density of low rank around the prior's means for a pose; measured after training (`vunet.train.calibrate`).

    The latent maps are cut into blocks: the coarsest map, and in the finer ones what belongs to each part. A block has a
    centre (D,) and axes of its own, (R, D) and as long as the deviation along them; `mixing`, (K, K) with K = (1 + B) R, is
    a root M of M^T M, the correlations of all positions along them, within a block and between: sleeves go with the rest of
    the jacket. But half way from a coat to a dress lies a ghost of both. So a draw lies around one of `anchors`, (A, K),
    positions near those of people: a mixture of posteriors is the best prior there is (Tomczak and Welling, "VAE with a
    VampPrior", AISTATS 2018), and drawn this way it keeps the covariance (Silverman, "Density Estimation", 1986, 6.4.1).
    """

    def __init__(self, config: VUNetConfig, sizes: Sequence[tuple[int, int]]) -> None:
        """sizes: channels and side of each latent map, coarse first."""
        super().__init__()
        self.sizes = sizes
        self.count = config.parts if config.part_codes else 1
        rank, areas = config.prior_rank, [channels * side**2 for channels, side in sizes]
        self.whole_centre: Any
        self.parts_centre: Any
        self.whole: Any
        self.parts: Any
        self.mixing: Any
        self.anchors: Any
        self.register_buffer("whole_centre", torch.zeros(areas[0]))
        self.register_buffer("parts_centre", torch.zeros(self.count, sum(areas[1:]) // self.count))
        self.register_buffer("whole", torch.zeros(rank, areas[0]))
        self.register_buffer("parts", torch.zeros(self.count, rank, sum(areas[1:]) // self.count))
        places = torch.zeros(config.prior_anchors, (1 + self.count) * rank)
        self.register_buffer("anchors", places if config.prior_anchors else None)
        # Not `torch.eye`: on the meta device, where checkpoints are laid out, it imports PyTorch's compiler.
        self.register_buffer("mixing", torch.zeros(*2 * [(1 + self.count) * rank]).fill_diagonal_(1))

    @property
    def measured(self) -> bool:
        """False in a model that is still in training from scratch: its prior draws every code on its own."""
        return bool(self.parts.any())

    def draw(self, means: Sequence[Tensor], temperature: float, generator: Randomness) -> list[Tensor]:
        """z around the prior's means (N, C, s, s) of each latent scale; temperature 0 gives what people have in common."""
        numbers = len(self.mixing) + (self.anchors is not None)
        free = Gaussian(self.mixing.new_zeros(len(means[0]), numbers)).sample(1.0, generator)
        positions = (temperature * self._positions(free)).unflatten(1, (1 + self.count, -1))  # (N, 1 + B, R)
        whole = positions[:, 0] @ self.whole + self.whole_centre
        parts = torch.einsum("nbr,brd->nbd", positions[:, 1:], self.parts) + self.parts_centre
        return [
            Gaussian(m + s).sample(CALM * temperature, generator)
            for m, s in zip(means, self._maps(whole, parts), strict=True)
        ]

    def _positions(self, free: Tensor) -> Tensor:
        """Standard normal numbers to positions along all axes (N, K): K a row, and a last one to choose an anchor by."""
        fresh = free[:, : len(self.mixing)] @ self.mixing
        if self.anchors is None or not self.anchors.any():  # not measured yet
            return fresh
        count = len(self.anchors)
        chosen = (torch.special.ndtr(free[:, -1].float()) * count).long().clamp(max=count - 1)
        return math.sqrt(1 - FRESH**2) * self.anchors[chosen] + FRESH * fresh

    def blocks(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Latent maps, cut: (N, D) for the coarsest, and for each part."""
        own = [each.unflatten(1, (self.count, -1)).flatten(2) for each in maps[1:]]
        return [maps[0].flatten(1), *torch.cat(own, dim=2).unbind(1)]

    def _maps(self, whole: Tensor, parts: Tensor) -> list[Tensor]:
        """The inverse of `blocks`; parts: (N, B, D)."""
        lengths = [channels * side**2 // self.count for channels, side in self.sizes[1:]]
        rows = [whole, *parts.split(lengths, dim=2)]
        return [row.reshape(-1, c, s, s) for row, (c, s) in zip(rows, self.sizes, strict=True)]
