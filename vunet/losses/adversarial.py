"""The adversarial terms: what D learns from a discriminator's scores, and what the discriminator learns.

Scores are maps (N, 1, h, w), high for photos; those of the plain background do not count.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from vunet.losses.objective import weighted_mean


def adversarial_loss(scores: list[Tensor], mask: Tensor) -> Tensor:
    """The mean of D's term over the discriminator's outputs; mask: (N, 1, H, W), where the person is."""
    return torch.stack([generator_loss(s, around_person(mask, s.shape[-2:])) for s in scores]).mean()


def discriminator_loss(scores: list[Tensor], mask: Tensor, photos: int) -> Tensor:
    """The mean hinge loss over the discriminator's outputs; the first `photos` rows are photos."""
    losses = []
    for score in scores:
        s, where = score.float(), around_person(mask, score.shape[-2:])
        losses.append(hinge_loss(s[:photos], s[photos:], where[:photos], where[photos:]))
    return torch.stack(losses).mean()


def hinge_loss(real: Tensor, made: Tensor, where_real: Tensor, where_made: Tensor) -> Tensor:
    """Hinge loss of the discriminator; scores (N, 1, h, w), where: their weights."""
    return weighted_mean(F.relu(1 - real), where_real) + weighted_mean(F.relu(1 + made), where_made)


def generator_loss(made: Tensor, where: Tensor) -> Tensor:
    """The adversarial term of D: the negative mean of its pictures' scores."""
    return weighted_mean(-made, where)


def around_person(mask: Tensor, size: Sequence[int]) -> Tensor:
    """(N, 1, S, S) to (N, 1, *size): 1 for patches with some of the person in them. The rest is one plain grey."""
    return (F.adaptive_max_pool2d(mask, tuple(size)) > 0.5).float()
