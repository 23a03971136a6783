"""E and D learn bodies from pairs of rendered people, and forget nothing of photos.

F and the priors are fixed, so codes keep their meaning. On pairs the truth is known: F reads one picture, D draws the
other. On codes of photos and of samples D has to draw what it drew before, as sharp as it was: Li and Hoiem, "Learning
without Forgetting", ECCV 2016. So no rendered texture leaks in, and what lies behind D stays valid.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim import Adam

from vunet.losses import LossWeights, PerceptualLoss, objective
from vunet.model import VUNet
from vunet.model.vunet import CONDITION
from vunet.person.tensors import Batch
from vunet.train.network_trainer import NetworkOptions, NetworkTrainer, moving_average, numbers, warmed_and_cooled
from vunet.train.state_file import fingerprint

FASTER = 15.0  # times the rate, at which E and D learn to read the lifted body: those layers begin faint
NOISE = 0.3  # std of the codes about F's means
WARM_UP, COOLED = 40, 2 / 3  # steps; share of all at whose end the rate is zero
EMA_DECAY = 0.99


@dataclass(frozen=True)
class BodyOptions(NetworkOptions):
    """pairs: how many people of a batch are pairs. Of the photos every other one is drawn with the codes of a sample."""

    steps: int = 800
    batch: int = 8
    pairs: int = 5
    rate: float = 3e-4
    weights: LossWeights = field(default_factory=lambda: LossWeights(gram=1.0, background=0.5))

    @property
    def photos(self) -> int:
        """They come first in a batch."""
        return self.batch - self.pairs


class BodyTrainer(NetworkTrainer[BodyOptions]):
    """One training of E and D."""

    saved: ClassVar[Sequence[str]] = ("networks", "average", "optimizer")
    largest = 2.0

    def __init__(self, model: VUNet, options: BodyOptions, perceptual: PerceptualLoss) -> None:
        super().__init__(model, options)
        self.perceptual = perceptual
        self.before = copy.deepcopy(model)
        self.networks = nn.ModuleList([model.shape, model.decoder]).requires_grad_(True)
        self._start = fingerprint(self.before)
        self.average = moving_average(self.networks, EMA_DECAY)
        self.optimizer = self._new_optimizer()

    @property
    def started_from(self) -> str:
        return self._start

    def trained(self) -> Iterable[nn.Parameter]:
        return self.networks.parameters()

    def pace(self) -> float:
        return warmed_and_cooled(self.step, self.options.steps, WARM_UP, COOLED)

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step on a batch of `BatchMaker`, photos first."""
        self.prepare_step()
        with self.autocast():
            zs = self._codes(batch)
            loss, terms = self._judged(self._drawn(self.model, zs, batch), self._wanted(zs, batch))
        terms["norm"] = self.descend(loss)
        self.average.update_parameters(self.networks)
        self.step += 1
        return numbers(terms)

    def _new_optimizer(self) -> Adam:
        maps: Any = self.model.decoder.part_maps
        body: Any = self.model.shape.mannequin
        read = nn.ModuleList([body, maps.coarse_sides, maps.fine_sides])
        faint = set(read.parameters())
        groups: list[dict[str, Any]] = [
            {"params": [p for p in self.networks.parameters() if p not in faint], "share": 1.0},
            {"params": [*read.parameters()], "share": FASTER},
        ]
        return Adam(groups, lr=self.options.rate, betas=(0.5, 0.99))

    @torch.no_grad()
    def _codes(self, batch: Batch) -> list[Tensor]:
        """Near F's means; the first half of the photos' are samples of the prior."""
        codes = self.model.posterior(batch["parts"], batch.get("seen_facing"))
        zs = [q.mean + NOISE * torch.randn_like(q.mean) for q in codes]
        if not (count := self.options.photos // 2):
            return zs
        sampled = self.model.sample(batch["shape"][:count])
        return [torch.cat([new.to(z), z[count:]]) for new, z in zip(sampled, zs, strict=True)]

    @torch.no_grad()
    def _wanted(self, zs: list[Tensor], batch: Batch) -> Batch:
        """The batch with what D drew before in the place of photos."""
        photos = self.options.photos
        if not photos:
            return batch
        before = self._drawn(self.before, [z[:photos] for z in zs], {name: value[:photos] for name, value in batch.items()})
        return {**batch, "image": torch.cat([before.to(batch["image"]), batch["image"][photos:]])}

    def _drawn(self, model: VUNet, zs: list[Tensor], batch: Batch) -> Tensor:
        shown = {name: batch[name] for name in CONDITION if name in batch}
        shown["shape"] = shown["shape"].contiguous(memory_format=torch.channels_last)
        return model.render(zs=zs, **shown)

    def _judged(self, pictures: Tensor, wanted: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """`texture` of pairs is 0, so that D does not learn rendered cloth."""
        return objective(pictures, wanted, [], [], self.options.weights, 0.0, self.perceptual)

    def finished(self) -> VUNet:
        """The model with the moving averages as its E and D."""
        self.networks.load_state_dict(self.average.module.state_dict())
        return self.model
