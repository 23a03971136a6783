"""Trains a correction network behind a D that stays as it is.

The terms are a reconstruction's, on pairs, whose truth is known; and the cross entropy of the outline, so that it learns
early where the body is. Photos are not needed: where no part is rotated the network changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Adam

from vunet.losses import LossWeights, PerceptualLoss, objective
from vunet.model import VUNet
from vunet.model.correction import CorrectionNetwork, folded, normalised, reach_of, without_noise
from vunet.person.tensors import Batch
from vunet.train.network_trainer import NetworkOptions, NetworkTrainer, numbers, warmed_and_cooled
from vunet.train.state_file import fingerprint

WARM_UP, COOLED = 50, 1.0  # steps; share of all at whose end the rate is zero
FASTER = 3.0  # times the rate, at which the last layer learns: it begins at zero


@dataclass(frozen=True)
class CorrectionOptions(NetworkOptions):
    """batch: pairs a step."""

    steps: int = 2000
    batch: int = 12
    rate: float = 1e-3
    weights: LossWeights = field(default_factory=lambda: LossWeights(background=0.5))


class CorrectionTrainer(NetworkTrainer[CorrectionOptions]):
    """One training of a correction network."""

    saved: ClassVar[Sequence[str]] = ("network", "optimizer")
    largest = 2.0

    def __init__(self, model: VUNet, options: CorrectionOptions, perceptual: PerceptualLoss | None) -> None:
        """model: with an untrained correction network."""
        super().__init__(model, options)
        assert model.correction is not None
        self.perceptual, self._start = perceptual, fingerprint(model)
        self.network: CorrectionNetwork = normalised(model.correction)
        self.network.requires_grad_(True).train()
        self.optimizer = self._new_optimizer()

    @property
    def started_from(self) -> str:
        return self._start

    def trained(self) -> Iterable[nn.Parameter]:
        return self.network.parameters()

    def pace(self) -> float:
        return warmed_and_cooled(self.step, self.options.steps, WARM_UP, COOLED)

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step on a batch of `Examples`."""
        self.prepare_step()
        batch = self.placed(batch)
        with self.autocast():
            picture, outline = self._corrected(batch)
            loss, terms = objective(picture, batch, [], [], self.options.weights, 0.0, self.perceptual)
            terms["outline"] = F.binary_cross_entropy_with_logits(outline.float(), F.avg_pool2d(batch["mask"], 2))
        terms["norm"] = self.descend(loss + terms["outline"])
        self.step += 1
        return numbers(terms)

    def finished(self) -> VUNet:
        """The model with what was learned, its normalisation within the convolutions."""
        folded(self.network.eval())
        return self.model

    def _corrected(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The picture, and logits of the outline at half its side."""
        drawn = without_noise(batch["drawn"]).contiguous(memory_format=torch.channels_last)
        features = self.network.features(drawn, batch["mannequin"])
        reach = reach_of(batch["mannequin"], batch["rotated"])
        return self.network.picture(drawn, features, reach), self.network.outline(features)

    def _new_optimizer(self) -> Adam:
        last = set(self.network.out.parameters())
        groups: list[dict[str, Any]] = [
            {"params": [p for p in self.network.parameters() if p not in last], "share": 1.0},
            {"params": [*self.network.out.parameters()], "share": FASTER},
        ]
        return Adam(groups, lr=self.options.rate, betas=(0.9, 0.99))
