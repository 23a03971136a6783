"""What the codes of one person have in common, measured once, after training.

The prior draws each channel and place on its own, given the groups before. With a small KL weight the posterior's means
stray from what it expects of a pose in tens of thousands of places, and together: a red coat is red all over. Drawn on
their own they make patches of all colours. So what strays, mu_q - mu_p(ŷ) of the training people, is given a density: z =
mu_p(ŷ) + c + B (0.9 a + 0.45 M^T u) + 0.2 e, u and e ~ N(0, I), with c the mean of what strays, B the axes of each part's
codes, a an anchor, where somebody like a training person lies along them, M a root of the correlations along them, and
the codes' own noise calmed. A Gaussian alone draws ghosts of several garments at once, and of how codes differ from it
two thousand people teach a flow nothing that holds for others; to stay near somebody helps. Not what strays from mu_p(ŷ,
groups before): that holds the surprises alone, which have little in common, and errors in the first group would travel
through all that follow. By parts, because two thousand people say little about whole bodies. Of what strays in people
never seen, 56 axes of each part hold 56 to 79 %. Density estimation after training is due to Ghosh and others, "From
Variational to Deterministic Autoencoders", ICLR 2020.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from vunet.data.dataset import Batch
from vunet.model import VUNet

SHAKE = 0.4  # share of an anchor's deviation that is not its person's


@torch.no_grad()
def measure_factors(model: VUNet, batches: Iterable[Batch]) -> VUNet:
    """Sets the common factors of a model that has some, in place, from what strays in the people."""
    factors, rank = model.decoder.factors, model.config.prior_rank
    if factors is None:
        return model
    rows = [factors.blocks(_strayed(model, batch)) for batch in batches]
    blocks = [torch.cat(block) for block in zip(*rows, strict=True)]
    _copy([block.mean(dim=0) for block in blocks], factors.whole_centre, factors.parts_centre)
    found = [principal_axes(block, rank) for block in blocks]
    _copy([F.pad(axes, (0, 0, 0, rank - len(axes))) for axes, _ in found], factors.whole, factors.parts)
    positions = torch.cat([F.pad(along, (0, rank - along.shape[1])) for _, along in found], dim=1)
    root = torch.linalg.qr(positions / len(positions) ** 0.5, mode="r").R  # R^T R are the correlations
    factors.mixing.zero_()[: len(root)] = root
    if factors.anchors is not None:
        factors.anchors.copy_(_shaken(positions, factors.mixing, len(factors.anchors)))
    return model


def _shaken(positions: Tensor, mixing: Tensor, count: int) -> Tensor:
    """Some people's positions (N, K), moved towards where others might be: nobody's are kept, their covariance is."""
    generator = torch.Generator().manual_seed(0)
    chosen = torch.randperm(len(positions), generator=generator)[torch.arange(count) % len(positions)]
    others = torch.randn(count, len(mixing), generator=generator) @ mixing
    return math.sqrt(1 - SHAKE**2) * positions[chosen] + SHAKE * others


def _copy(blocks: list[Tensor], whole: Tensor, parts: Tensor) -> None:
    whole.copy_(blocks[0])
    parts.copy_(torch.stack(blocks[1:]))


def _strayed(model: VUNet, batch: Batch) -> list[Tensor]:
    """mu_q - mu_p(ŷ) of each latent scale."""
    means = model.decoder.means(model.shape(batch["shape"]))
    return [q.mean - mean for q, mean in zip(model.posterior(batch["parts"]), means, strict=True)]


def principal_axes(rows: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """The axes of largest variance of (N, D), each as long as the deviation along it, (R, D), and where the rows lie in
    units of that, (N, R). Fewer rows give fewer axes."""
    centred = rows - rows.mean(dim=0)
    vectors = torch.linalg.eigh(centred @ centred.T)[1].flip(1)[
        :, : min(rank, len(rows) - 1)
    ]  # N is smaller than D, or not much larger
    return vectors.T @ centred / len(rows) ** 0.5, vectors * len(rows) ** 0.5
