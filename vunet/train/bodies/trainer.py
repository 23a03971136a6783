"""E and D learn bodies from pairs of rendered people, and forget nothing of photos.

F and the priors are fixed, so codes keep their meaning. On pairs the truth is known: F reads one picture, D draws the
other. On codes of photos and of samples D has to draw what it drew before, as sharp as it was: Li and Hoiem, "Learning
without Forgetting", ECCV 2016. So no rendered texture leaks in, and what lies behind D stays valid.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vunet.losses import LossWeights, PerceptualLoss, objective
from vunet.model import VUNet
from vunet.model.vunet import CONDITION
from vunet.person.tensors import Batch
from vunet.train.processes import Processes
from vunet.train.state_file import fingerprint, restore, state_of, step_seed

FASTER = 15.0  # times the rate, at which E and D learn to read the lifted body: those layers begin faint
NOISE = 0.3  # std of the codes about F's means
WARM_UP = 40  # steps
EMA_DECAY = 0.99
LARGEST = 2.0  # norm of the gradient
SAVED = ("networks", "average", "optimizer")


@dataclass(frozen=True)
class BodyOptions:
    """steps: planned length. batch: people a step; pairs: how many of them are pairs. Of the photos every other one is
    drawn with the codes of a sample."""

    steps: int = 800
    batch: int = 8
    pairs: int = 5
    rate: float = 3e-4
    seed: int = 0
    device: str = "cpu"
    half_precision: bool = False
    weights: LossWeights = field(default_factory=lambda: LossWeights(gram=1.0, background=0.5))

    @property
    def photos(self) -> int:
        """They come first in a batch."""
        return self.batch - self.pairs


class BodyTrainer:
    """One training of E and D. Batches depend on seed and step alone."""

    def __init__(self, model: VUNet, options: BodyOptions, perceptual: PerceptualLoss) -> None:
        self.processes = Processes(options.device)
        self.model, self.options, self.perceptual = model.eval().requires_grad_(False), options, perceptual
        self.before = copy.deepcopy(model)
        self.networks = nn.ModuleList([model.shape, model.decoder]).requires_grad_(True)
        self.behind = fingerprint(self.before)
        self.average = AveragedModel(self.networks, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAY))
        self.optimizer = self._new_optimizer()
        self.step = 0

    def train_step(self, batch: Batch) -> dict[str, float]:
        """One step on a batch of `BatchMaker`, photos first."""
        torch.manual_seed(step_seed(self.options.seed, self.step))
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate * self._pace() * group["share"]
        with self._autocast():
            zs = self._codes(batch)
            loss, terms = self._judged(self._drawn(self.model, zs, batch), self._wanted(zs, batch))
        self.optimizer.zero_grad()
        loss.backward()
        self.processes.average_gradients(self.networks.parameters())
        norm = torch.nn.utils.clip_grad_norm_(self.networks.parameters(), LARGEST)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.average.update_parameters(self.networks)
        self.step += 1
        return {name: float(value.detach()) for name, value in (terms | {"norm": norm}).items()}

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

    def _pace(self) -> float:
        """Warm-up, constant, then linear to zero over the last two thirds."""
        return min(1.0, (self.step + 1) / WARM_UP, 1.5 * (1 - self.step / self.options.steps))

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

    def _autocast(self) -> torch.autocast:
        kind = torch.device(self.options.device).type
        return torch.autocast(kind, torch.bfloat16, enabled=self.options.half_precision)

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed training needs."""
        return state_of(self, SAVED) | {"behind": self.behind}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The counterpart of `state_dict`."""
        restore(self, SAVED, state)

    def finished(self) -> VUNet:
        """The model with the moving averages as its E and D."""
        self.networks.load_state_dict(self.average.module.state_dict())
        return self.model
