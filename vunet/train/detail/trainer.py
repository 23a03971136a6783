"""Trains the detail network behind a D that stays as it is.

The terms are a reconstruction's (`vunet.losses.objective`) on windows at twice D's size, two in five without c, and an
adversarial one: what z does not say has to be made up, and distances alone would blur it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Adam

from vunet.losses import objective
from vunet.losses.perceptual import feature_distance, gram_distance
from vunet.model import VUNet
from vunet.model.detail import premultiplied
from vunet.model.vunet import CONDITION, without_detail
from vunet.person.tensors import Batch
from vunet.train.detail.windows import windows
from vunet.train.discriminator_training import AugmentedDiscriminator, Seen
from vunet.train.network_trainer import NetworkOptions, NetworkTrainer, moving_average, numbers, warmed_and_cooled
from vunet.train.state_file import fingerprint

WARM_UP, COOLED = 100, 1 / 2  # steps; share of all at whose end the rate is zero
EMA_DECAY = 0.995
OPACITY = 0.5  # weight of the opacity's cross entropy with the mask
BALANCED = 10  # steps after which the adversarial term's weight is set anew


@dataclass(frozen=True)
class DetailOptions(NetworkOptions):
    """adversarial: norm of that term's gradient at the pictures relative to the other terms, from step `adversarial_from`
    on."""

    steps: int = 6000
    adversarial: float = 0.5
    adversarial_from: int = 1000


class DetailTrainer(NetworkTrainer[DetailOptions]):
    """One training of a detail network."""

    saved: ClassVar[Sequence[str]] = ("detail", "average", "optimizer", "adversary")
    largest = 10.0

    def __init__(self, model: VUNet, options: DetailOptions, features: nn.Module) -> None:
        super().__init__(model, options)
        self.detail: Any = self.trained_of(model).requires_grad_(True).train()
        self.features = features
        self.adversary = AugmentedDiscriminator(options.device, features)
        self.adversary.processes = self.processes
        self._behind = fingerprint(without_detail(model))
        self.average = moving_average(self.detail, EMA_DECAY)
        self.optimizer = Adam(self.detail.parameters(), lr=options.rate, betas=(0.5, 0.99))

    @property
    def started_from(self) -> str:
        return self._behind

    def trained(self) -> Iterable[nn.Parameter]:
        return self.detail.parameters()

    def pace(self) -> float:
        return warmed_and_cooled(self.step, self.options.steps, WARM_UP, COOLED)

    def trained_of(self, model: VUNet) -> nn.Module:
        """Which network of a model is trained."""
        assert model.detail is not None
        return model.detail

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step on a batch of `WindowDataset`."""
        self.prepare_step()
        with self.autocast():
            inputs, targets = self.inputs(self.placed(batch))
            loss, terms, seen = self._judged(self.detail(*inputs), inputs[1], targets)
        terms["norm"] = self.descend(loss)
        if seen and torch.isfinite(terms["norm"]):
            with self.autocast():
                terms["discriminator"] = self.adversary.learn(seen)
        self.average.update_parameters(self.detail)
        self.step += 1
        return numbers(terms)

    def inputs(self, batch: Batch) -> tuple[tuple[Tensor, ...], Batch]:
        """What the network reads of a batch's windows, picture, stickman and copy; and what the losses do."""
        return (*self.windows_of(batch, self.codes(batch)), premultiplied(batch["copy"].flatten(0, 1))), targets_of(batch)

    @torch.no_grad()
    def codes(self, batch: Batch) -> list[Tensor]:
        """The means of q(z|x,ŷ)."""
        return [q.mean for q in self.model.posterior(batch["parts"], batch.get("seen_facing"))]

    @torch.no_grad()
    def windows_of(self, batch: Batch, zs: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Windows of D's pictures and of the stickmen."""
        shown = {name: batch[name] for name in CONDITION if name in batch}
        shown["shape"] = shown["shape"].contiguous(memory_format=torch.channels_last)
        picture = self.model.render(zs=zs, **shown).float()
        return _windows_of(picture, batch["corners"]), _windows_of(batch["shape"], batch["corners"])

    def sheet_columns(self, inputs: tuple[Tensor, ...]) -> list[Tensor]:
        """What a sheet shows of a batch: the result with c, and without."""
        network, (picture, shape, copy) = self.average.module.eval(), inputs
        return [network(picture, shape, copy), network(picture, shape, torch.zeros_like(copy))]

    def known(self, count: int) -> int:
        """How many of a batch's windows show somebody whose photo is there: the first so many."""
        return count

    def _judged(self, made: Tensor, shape: Tensor, targets: Batch) -> tuple[Tensor, dict[str, Tensor], Seen | None]:
        """The loss, its terms, and what the discriminator is shown, once it takes part."""
        weights, count, known = self.options.weights, len(made), self.known(len(made))
        made, opacity = made.split([3, 1], dim=1)
        own = {name: value[:known] for name, value in targets.items()}
        loss, terms = objective(made[:known], own, [], [], weights, 0.0, None)
        terms["opacity"] = F.binary_cross_entropy(opacity[:known].float().clamp(1e-4, 1 - 1e-4), own["mask"])
        loss = loss + OPACITY * terms["opacity"]
        photo = targets["image"].contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            wanted = self.features(photo)
        features = self.features(made)
        pairs = [each[:known] for each in features], [each[:known] for each in wanted]
        terms |= {"perceptual": feature_distance(*pairs), "gram": gram_distance(*pairs)}
        loss = loss + weights.perceptual * terms["perceptual"] + weights.gram * terms["gram"]
        if not self.options.adversarial or self.step < self.options.adversarial_from:
            return loss, terms, None
        shape = F.interpolate(shape, scale_factor=2.0, mode="bilinear", align_corners=False)
        real = torch.cat([shape, targets["mask"]], dim=1)
        others = torch.cat([shape, torch.cat([own["mask"], opacity[known:].detach().float()])], dim=1)
        term = self.adversary.loss(Seen(made.float(), features, others, 0))
        if self.step % BALANCED == 0 or not self.adversary.balance.value:
            self.adversary.rebalance(loss, term, made, count)
        both = [torch.cat([a, b.detach()]) for a, b in zip(wanted, features, strict=True)]
        images = torch.cat([photo, made.detach().float()])
        pull = self.options.adversarial * self.adversary.weight("adversarial") * self.adversary.balance.value
        seen = Seen(images, both, torch.cat([real, others]), count)
        return loss + pull * term, terms | {"adversarial": term}, seen

    def finished(self) -> VUNet:
        """The model with the moving average as its detail network."""
        self.detail.load_state_dict(self.average.module.state_dict())
        return self.model


def targets_of(batch: Batch) -> Batch:
    """What the losses read of a batch's windows."""
    return {name: batch[name].flatten(0, 1) for name in ("image", "mask", "face", "hands")}


def _windows_of(pictures: Tensor, corners: Tensor) -> Tensor:
    """(N, C, S, S) of D's size -> (N * W, C, w / 2, w / 2), corners (N, W, 2)."""
    return torch.cat([windows(picture, each.tolist(), 2) for picture, each in zip(pictures, corners, strict=True)])
