"""What the codes of one person have in common, measured once, after training.

The prior draws each channel and place on its own, given the groups before. With a small KL weight the posterior's means
stray from the prior's by half a deviation in tens of thousands of places, and together: a red coat is red all over. Drawn
on their own they make patches of all colours. So the residuals mu_q - mu_p of the training people are given a Gaussian of
low rank, and a draw of it is added to the prior's means: z = mu_p(ŷ, groups before) + L a + noise, a ~ N(0, I). Density
estimation after training is due to Ghosh and others, "From Variational to Deterministic Autoencoders", ICLR 2020.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from vunet.data.dataset import Batch
from vunet.latent import split_groups
from vunet.model import VUNet


@torch.no_grad()
def measure_factors(model: VUNet, batches: Iterable[Batch]) -> VUNet:
    """Sets the common factors of a model that has some, in place: the principal axes of the people's residuals."""
    if not model.config.prior_rank:
        return model
    torch.manual_seed(0)
    rows = [_residuals(model, batch) for batch in batches]
    buffers = [stage.prior.factors for stage in model.decoder.latent_stages]
    axes = principal_axes(torch.cat(rows), model.config.prior_rank)
    for buffer, values in zip(buffers, axes.split([b.shape[1] for b in buffers], dim=1), strict=True):
        buffer[: len(values)] = values
    return model


def _residuals(model: VUNet, batch: Batch) -> Tensor:
    """(N, D): mu_q - mu_p of all latent scales and groups, the prior having seen draws of q."""
    posteriors, zs = model.appearance(batch["parts"], 1.0)
    priors = model.decoder.latents(model.shape(batch["shape"]), zs)[1]
    pairs = zip(posteriors, priors, strict=True)
    return torch.cat([torch.stack(split_groups(q.mean - p.mean), dim=1).flatten(1) for q, p in pairs], dim=1)


def principal_axes(rows: Tensor, rank: int) -> Tensor:
    """(R, D) from (N, D): the axes of largest variance, each as long as the deviation along it. Fewer rows give fewer."""
    centred = rows - rows.mean(dim=0)
    vectors = torch.linalg.eigh(centred @ centred.T / len(rows))[1]  # N is much smaller than D
    return vectors.flip(1)[:, : min(rank, len(rows) - 1)].T @ centred / len(rows) ** 0.5
