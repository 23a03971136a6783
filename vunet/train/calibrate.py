"""How far z really strays from the prior's means: measured once, after training.

q and p have unit variance, but with a small KL weight the posterior's means stray further from the prior's than that. Draws
of deviation 1 would then be too tame: dull clothes near the mean. So each draw gets the deviation that the training
photos have, sqrt(1 + E (mu_q - mu_p)^2), for each group and channel of each latent scale.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from vunet.data.dataset import Batch
from vunet.latent import split_groups
from vunet.model import VUNet


@torch.no_grad()
def measure_deviations(model: VUNet, batches: Iterable[Batch]) -> VUNet:
    """Sets the deviations of a model with codes of parts from batches of people, in place; other models have none."""
    torch.manual_seed(0)
    squares = [_squares(model, batch) for batch in batches]
    for stage, values in zip(model.decoder.latent_stages, zip(*squares, strict=True), strict=True):
        if stage.prior.deviation is not None:
            stage.prior.deviation.copy_((1 + torch.stack(values).mean(dim=0)).sqrt()[..., None, None])
    return model


def _squares(model: VUNet, batch: Batch) -> list[Tensor]:
    """For each latent scale (GROUPS, C): the mean square of mu_q - mu_p, the prior having seen draws of q."""
    posteriors, zs = model.appearance(batch["parts"], 1.0)
    priors = model.decode(batch["shape"], zs, batch.get("transforms"))[1]
    pairs = zip(posteriors, priors, strict=True)
    return [torch.stack([g.square().mean(dim=(0, 2, 3)) for g in split_groups(q.mean - p.mean)]) for q, p in pairs]
