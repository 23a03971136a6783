"""Refining a look: some steps on the means of q(z|x,ŷ) for one photo, by the bound itself, D fixed.

Amortised inference leaves a gap that a few steps close (Kim and others, "Semi-Amortized Variational Autoencoders", ICML
2018). Every other step is on a copy of the photo with arms turned, or the codes would fit the one pose they were read in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from vunet.losses import LossWeights, objective
from vunet.model import VUNet
from vunet.model.latent import Gaussian
from vunet.model.vunet import CONDITION
from vunet.person.augmentation_plan import WarpPlan, turn
from vunet.person.augmented_people import warped_person
from vunet.person.framing import Person
from vunet.person.tensors import Batch, condition, targets
from vunet.pose.joints import ARMS

RATE = 0.2  # of Adam, in stds of q; falls to zero over the steps
KL_WEIGHT = 4e-7  # where the last rounds of training had it


@dataclass(frozen=True)
class Turn:
    """A change of the photo: degrees by which shoulders and elbows of the right and the left arm turn, and by which the
    whole frame does, and its scale."""

    right: tuple[float, float]
    left: tuple[float, float]
    frame: float = 0.0
    scale: float = 1.0

    def __call__(self, person: Person, size: int) -> Person:
        """The changed person; without their arms turned where a pose lacks them."""
        plan = WarpPlan.of(person.pose)
        for limb, angles in zip(ARMS, (self.right, self.left), strict=True):
            if person.pose.has(*limb):
                plan = plan.limb_turned(limb, angles)
        middle = np.full(2, 0.5)
        return warped_person(person, plan.moved(turn(middle, middle, self.frame, self.scale)).framed(), size)


TURNS = (
    Turn((60, -40), (-20, -60), -17, 0.9),
    Turn((110, 30), (-110, -30), 11, 0.8),
    Turn((10, -60), (-70, 50), -6, 0.95),
)
JUDGED = Turn((35, 20), (-35, -20), 14, 0.85)  # that no step is on: whether the refined look is better is seen there


class Refinement:
    """The steps for one photo. person: at any size, with the pose that its look was read in."""

    def __init__(self, model: VUNet, codes: Sequence[np.ndarray], person: Person, steps: int) -> None:
        self.model, self.steps = model, steps
        parameter = next(model.shape.parameters())
        self.device, self.precision = parameter.device, parameter.dtype
        size = model.config.size
        turned = [each for each in (turn(person, size) for turn in TURNS) if each.pose.usable()]
        self.own, *self.turned = (self._batch(each) for each in (person.resized(size), *turned))
        judged = JUDGED(person, size)
        self.judged = [self.own, self._batch(judged)] if judged.pose.usable() else [self.own]
        self.start = [torch.from_numpy(code)[None].to(self.device) for code in codes]
        self.means = [code.clone().requires_grad_() for code in self.start]
        self.priors = self._priors()
        self.optimizer = torch.optim.Adam(self.means, lr=RATE, betas=(0.9, 0.95))
        self.generator = torch.Generator().manual_seed(0)

    def step(self, number: int) -> None:
        """One step, numbers from 0: a sample of q, rendered in the photo's pose or in the pose of a turned copy."""
        batch = self.turned[number // 2 % len(self.turned)] if number % 2 and self.turned else self.own
        for group in self.optimizer.param_groups:
            group["lr"] = RATE * (1 - number / self.steps)
        noise = [torch.randn(mean.shape, generator=self.generator).to(mean) for mean in self.means]
        with torch.enable_grad():
            loss = self._bound(batch, self.means, noise)
            self.optimizer.zero_grad()
            loss.backward()
        self.optimizer.step()

    def codes(self) -> tuple[np.ndarray, ...] | None:
        """The refined codes; None unless the bound is better than before in the photo's pose and in the judged copy's, if
        that copy can be drawn."""
        means = [mean.detach() for mean in self.means]
        if not all(torch.isfinite(mean).all() for mean in means):
            return None
        with torch.no_grad():
            better = [self._bound(each, means) < self._bound(each, self.start) for each in self.judged]
        return tuple(mean[0].cpu().numpy() for mean in means) if all(better) else None

    def _bound(self, batch: Batch, means: Sequence[Tensor], noise: Sequence[Tensor] | None = None) -> Tensor:
        """Equation 3 of the paper, negative, its likelihood the training's without perceptual features."""
        zs = means if noise is None else [mean + each for mean, each in zip(means, noise, strict=True)]
        picture = self.model.render(zs=[z.to(self.precision) for z in zs], **self._shown(batch))
        posteriors = [Gaussian(mean) for mean in means]
        return objective(picture, batch, posteriors, self.priors, LossWeights(), KL_WEIGHT, None)[0]

    @torch.no_grad()
    def _priors(self) -> list[Gaussian]:
        """p(z|w) for the w of the first means; for models without w the authors' p(z|ŷ)."""
        prior = self.model.prior
        if prior is not None and prior.ready:
            return [Gaussian(mean) for mean in prior.generate(prior.infer(self.start)[0])]
        zs = [z.to(self.precision) for z in self.start]
        return self.model.decode(zs=zs, **self._shown(self.own))[1]

    def _shown(self, batch: Batch) -> Batch:
        """What a batch is rendered by."""
        shown = {name: batch[name] for name in CONDITION if name in batch}
        return shown | {"shape": shown["shape"].to(self.precision)}

    def _batch(self, person: Person) -> Batch:
        values = targets(person) | condition(person.pose, self.model.config)
        return {name: value[None].to(self.device) for name, value in values.items()}
