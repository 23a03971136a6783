"""The last training of samples: p(z|w) and D learn together; F, E, q(w|z) and p(w|ŷ) stay.

D sees people's own codes and the same through w, whose pictures have to be their photos, and samples, whose pictures have
to pass as photos. So D learns what to make of the codes that the prior gives, and forgets nothing of people's. Where it
puts the maps of two parts side by side, there should be no more of an edge than in photos.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Adam

from vunet.losses import LossWeights
from vunet.losses.seams import border_ratio
from vunet.model import VUNet
from vunet.person.tensors import Batch
from vunet.train.balance import RunningRatio
from vunet.train.discriminator_training import Seen
from vunet.train.network_trainer import moving_average
from vunet.train.prior.people import PriorPeople
from vunet.train.prior.trainer import BALANCED, CONDITIONS, PriorOptions, PriorTrainer
from vunet.train.state_file import fingerprint

SHARE = 0.25  # of the rate, that D learns with
EMA_DECAY = 0.99
PHOTOS = 64  # whose edges at the borders of parts are the measure
TOGETHER = PriorOptions(
    steps=600, codes_steps=0, batch=4, rate=3e-4, adversarial=2.0, seams=0.3, weights=LossWeights(gram=2.0)
)


class TogetherTrainer(PriorTrainer):
    """Goes on from a checkpoint whose prior is trained."""

    saved: ClassVar[Sequence[str]] = (*PriorTrainer.saved, "decoder", "decoder_average", "seam_balance")

    def __init__(self, model: VUNet, people: PriorPeople, options: PriorOptions, features: nn.Module) -> None:
        super().__init__(model, people, options, features)
        self._began_as = [*super().started_from, fingerprint(self.prior)]
        self.prior.posterior.requires_grad_(False)
        self.decoder = model.decoder.requires_grad_(True)
        self.decoder_average = moving_average(self.decoder, EMA_DECAY)
        self.optimizer = self._new_optimizer()
        self.seam_balance = RunningRatio()
        photos = self.placed(people.batch(range(min(PHOTOS, len(people)))))
        self._usual_seams = border_ratio(photos["image"], photos["transforms"], photos["mask"])

    @property
    def started_from(self) -> list[str]:
        return self._began_as

    def measure(self) -> None:
        """What q(w|z) was trained on stays."""

    def trained(self) -> list[nn.Parameter]:
        return [*self.prior.generator.parameters(), *self.model.decoder.parameters()]

    def _new_optimizer(self) -> Adam:
        groups: list[dict[str, Any]] = [
            {"params": list(self.prior.generator.parameters())},
            {"params": list(self.model.decoder.parameters()), "share": SHARE},
        ]
        return Adam(groups, lr=self.options.rate, betas=(0.5, 0.99))

    def _refit_flow(self) -> None:
        """q(w|z) stays, so p(w|ŷ) does."""

    def train_step(self) -> dict[str, float]:
        terms = super().train_step()
        self.decoder_average.update_parameters(self.decoder)
        return terms

    def _pictures(self, zs: list[Tensor], batch: Batch, posed: Batch) -> tuple[Tensor, Batch, Batch, dict[str, Tensor]]:
        made, terms = self._through_w(zs)
        w = self._sampled_w(posed)
        sampled = self.prior.generate(w)
        photos = {name: torch.cat([value, value]) for name, value in batch.items()}
        conditions = {name: torch.cat([photos[name], posed[name]]) for name in CONDITIONS if name in photos}
        codes = [torch.cat(each) for each in zip(zs, made, sampled, strict=True)]
        return self._rendered(codes, conditions), photos, conditions, terms | self._cycle(sampled, w)

    def _judged(self, pictures: Tensor, batch: Batch, conditions: Batch) -> tuple[Tensor, dict[str, Tensor], Seen]:
        loss, terms, seen = super()._judged(pictures, batch, conditions)
        own = len(pictures) // 3  # of people's own codes, which the photos say enough about
        transforms, mask = conditions["transforms"][own:], conditions["mask"][own:]
        term = F.relu(border_ratio(pictures[own:], transforms, mask) - self._usual_seams)
        if self.step % BALANCED == 0 or not self.seam_balance.value:
            self.seam_balance.measure(loss, term, pictures, self.processes.averaged)
        return loss + self.options.seams * self.seam_balance.value * term, terms | {"seams": term.detach()}, seen

    def finished(self) -> VUNet:
        """The model with the moving averages as its prior and its D."""
        self.decoder.load_state_dict(self.decoder_average.module.state_dict())
        return super().finished()
