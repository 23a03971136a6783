"""Trains the detail network for looks without a photo: half of a batch people's own codes, half samples of the prior.

Own codes have a photo, which distances compare; samples have none, and learn from the discriminator, which sees their
windows beside those of photos, and from D's picture, whose colours they keep.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.errors import VUNetError
from vunet.model import VUNet
from vunet.person.tensors import Batch
from vunet.train.detail.trainer import DetailOptions, DetailTrainer, targets_of
from vunet.train.detail.windows import PER_PERSON
from vunet.train.discriminator_training import Seen

COARSE = 16  # pixels of the squares whose mean colours are D's
COLOURS = 2.0  # weight of their distance
SAMPLE_OPTIONS = DetailOptions(steps=3000, rate=4e-4, adversarial=1.2, adversarial_from=0)


class SampleDetailTrainer(DetailTrainer):
    """`DetailTrainer` of batches without copies. Raises `VUNetError` for models without a trained prior."""

    def trained_of(self, model: VUNet) -> nn.Module:
        assert model.sample_detail is not None
        if model.prior is None or not model.prior.ready:
            raise VUNetError("Samples come from a trained prior: run `train-prior` first.")
        return model.sample_detail

    def inputs(self, batch: Batch) -> tuple[tuple[Tensor, ...], Batch]:
        """Windows of D's pictures, the last half of samples, and of the stickmen; and what the losses read."""
        picture, shape = self.windows_of(batch, self._half_sampled(batch))
        return (picture, shape), targets_of(batch) | {"coarse": F.avg_pool2d(picture, COARSE // 2)}

    def _half_sampled(self, batch: Batch) -> list[Tensor]:
        own, first = self.codes(batch), self.known(PER_PERSON * len(batch["shape"])) // PER_PERSON
        if first == len(own[0]):
            return own
        with torch.no_grad():
            sampled = self.model.sample(batch["shape"][first:])
        return [torch.cat([z[:first], new.to(z)]) for z, new in zip(own, sampled, strict=True)]

    def known(self, count: int) -> int:
        people = count // PER_PERSON
        return PER_PERSON * (people - people // 2)

    def sheet_columns(self, inputs: tuple[Tensor, ...]) -> list[Tensor]:
        return [self.average.module.eval()(*inputs)]

    def _judged(self, made: Tensor, shape: Tensor, targets: Batch) -> tuple[Tensor, dict[str, Tensor], Seen | None]:
        coarse = targets.pop("coarse")
        loss, terms, seen = super()._judged(made, shape, targets)
        terms["colours"] = (F.avg_pool2d(made[:, :3].float(), COARSE) - coarse).abs().mean()
        return loss + COLOURS * terms["colours"], terms, seen
