"""Trains the latent w above the codes through D, which stays as it is (`vunet.model.prior.hierarchical`).

First q(w|z) and p(z|w) learn to give back people's codes and the part maps that D makes of them, without a picture, which
takes half of the time. Then what D renders of them has to be like the photo, and samples of p(w|ŷ) have to pass as
photos.
Esser and others, "Taming Transformers", CVPR 2021: with perceptual and adversarial terms a small code is enough for a
sharp picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim import Adam

from vunet.losses import LossWeights, objective
from vunet.losses.diff_augment import augmented
from vunet.losses.perceptual import feature_distance, gram_distance, random_window
from vunet.model import VUNet
from vunet.model.prior.hierarchical import HierarchicalPrior
from vunet.model.vunet import CONDITION
from vunet.person.tensors import Batch
from vunet.pose.anatomy import BELOW_HIPS, OTHER_SIDE, PARTS
from vunet.train.discriminator_training import AugmentedDiscriminator, Seen
from vunet.train.network_trainer import NetworkOptions, NetworkTrainer, moving_average, numbers, warmed_and_cooled
from vunet.train.prior.flow_fit import fit_flow
from vunet.train.prior.people import PriorPeople
from vunet.train.state_file import fingerprint, step_seed

WARM_UP, COOLED = 100, 1 / 2  # steps of each phase; share of it at whose end the rate is zero
HALF_BODY, PAIR = 0.15, 0.025  # chances that everything below the hips is unseen, or a part on both sides
EMA_DECAY = 0.995
REFITTED, REFIT = 500, 20  # steps after which the flow follows q(w|z), and how much shorter than at the end it is fitted
BALANCED = 10  # steps after which the adversarial term's weight is set anew
CONDITIONS = (*CONDITION, "mask", "joints")


@dataclass(frozen=True)
class PriorOptions(NetworkOptions):
    """codes_steps: steps on codes alone, of codes_batch people; steps: all. batch: people a later step; as many samples.

    kl, codes, maps, cycle: weights of KL(q(w|z) || N(0, I)), of the distances of codes and of part maps, and of w read
    from a sample again. adversarial, seams: norms of the gradients, at the pictures, of the adversarial term and, while D
    learns too, of steps at the borders of parts, relative to the other terms. coloured: pictures that the line of colours
    is fitted to at the end.
    """

    steps: int = 4000
    codes_steps: int = 2000
    codes_batch: int = 16
    batch: int = 6
    rate: float = 6e-4
    kl: float = 1e-4
    codes: float = 0.3
    maps: float = 1.0
    cycle: float = 0.1
    adversarial: float = 0.5
    seams: float = 0.0
    flow_steps: int = 4000
    coloured: int = 1024
    weights: LossWeights = field(default_factory=lambda: LossWeights(gram=1.5))


def _statistics(batches: Iterable[Sequence[Tensor]]) -> list[tuple[Tensor, Tensor]]:
    """Mean and std of each channel, (1, C, 1, 1), of each code (N, C, h, w)."""
    counts: list[int] = []
    sums: list[Tensor] = []
    for zs in batches:
        moments = [torch.stack([z.double().sum(dim=(0, 2, 3)), z.double().square().sum(dim=(0, 2, 3))]) for z in zs]
        numbers = [z.numel() // z.shape[1] for z in zs]
        sums = [a + b for a, b in zip(sums, moments, strict=True)] if sums else moments
        counts = [a + b for a, b in zip(counts, numbers, strict=True)] if counts else numbers
    means = [both / count for both, count in zip(sums, counts, strict=True)]
    return [(m[None, :, None, None], (s - m * m).clamp_min(0).sqrt()[None, :, None, None]) for m, s in means]


def person_window(size: int) -> tuple[Any, ...]:
    """A random window about the middle of the frame: half of its width holds most of a person."""
    _, rows, columns = random_window(size, 0.94, 0.56)
    return ..., rows, columns


class PriorTrainer(NetworkTrainer[PriorOptions]):
    """One training of a prior. Batches depend on seed and step alone."""

    saved: ClassVar[Sequence[str]] = ("prior", "average", "optimizer", "adversary")
    largest = 1.0

    def __init__(self, model: VUNet, people: PriorPeople, options: PriorOptions, features: nn.Module) -> None:
        super().__init__(model, options)
        assert model.prior is not None
        self.prior: HierarchicalPrior = model.prior.requires_grad_(True).train()
        self.prior.flow.eval()
        self.people, self.features = people, features
        self.adversary = AugmentedDiscriminator(options.device, features)
        self.adversary.processes = self.processes
        self.average = moving_average(self.prior, EMA_DECAY)
        self.optimizer = self._new_optimizer()

    @property
    def started_from(self) -> list[str]:
        """Tells the codes that it learns from those of another checkpoint or of other people."""
        return [str(len(self.people)), fingerprint(self.model.appearance), fingerprint(self.model.decoder)]

    def trained(self) -> list[nn.Parameter]:
        """All but the flow, which is fitted by itself."""
        return [*self.prior.posterior.parameters(), *self.prior.generator.parameters()]

    def _new_optimizer(self) -> Adam:
        return Adam(self.trained(), lr=self.options.rate, betas=(0.5, 0.99))

    def measure(self) -> None:
        """Sets mean and std of each channel of the codes, once, before the first step."""
        batches = (self.people.zs(rows) for rows in self.people.in_turn())
        for i, (mean, std) in enumerate(_statistics(batches)):
            self.prior.get_buffer(f"mean_{i}").copy_(mean)
            self.prior.get_buffer(f"deviation_{i}").copy_(std.clamp_min(1e-3))
        self.prior.get_buffer("trained").fill_(1)
        self.average.module.load_state_dict(self.prior.state_dict())

    def train_step(self) -> dict[str, float]:
        """One step, on codes alone or through D."""
        options = self.options
        rng = torch.Generator().manual_seed(step_seed(options.seed, self.step) + self.processes.rank)
        if self.step == options.codes_steps:  # gradients through D are far longer: nothing of Adam's memory holds
            self.optimizer = self._new_optimizer()
        alone = self.step < options.codes_steps
        rows = torch.randint(len(self.people), (options.codes_batch if alone else options.batch,), generator=rng).tolist()
        if not alone:
            self._refit_flow()
        self.prepare_step()
        terms = self._codes_step(rows) if alone else self._picture_step(rows, rng)
        self.average.update_parameters(self.prior)
        self.step += 1
        return terms

    def _refit_flow(self) -> None:
        """Lets the flow follow q(w|z), every so many steps."""
        options = self.options
        if (self.step - options.codes_steps) % REFITTED == 0:
            fit_flow(self.model, self.people, options.device, options.seed, max(1, options.flow_steps // REFIT))

    def pace(self) -> float:
        """In each of the two phases by itself."""
        first, whole = self.options.codes_steps, self.options.steps
        done, length = (self.step, first) if self.step < first else (self.step - first, whole - first)
        return warmed_and_cooled(done, length, WARM_UP, COOLED)

    def _codes_step(self, rows: list[int]) -> dict[str, float]:
        zs = [z.to(self.options.device) for z in self.people.zs(rows)]
        with self.autocast():
            made, terms = self._through_w(zs)
            terms["maps"] = self._map_distance(made, zs)
        return self._update(self._weighted(terms), terms)

    def _map_distance(self, made: list[Tensor], zs: list[Tensor]) -> Tensor:
        """Mean L1 between part maps, in the mean size of the people's own."""
        with torch.no_grad():
            wanted = self.model.decoder.maps(zs)
        pairs = zip(self.model.decoder.maps(made), wanted, strict=True)
        return torch.stack([(a - b).abs().mean() / b.abs().mean() for a, b in pairs]).mean()

    def _picture_step(self, rows: list[int], rng: torch.Generator) -> dict[str, float]:
        zs = [z.to(self.options.device) for z in self.people.zs(rows)]
        batch = self.placed(self.people.batch(rows))
        others = torch.randint(len(self.people), (len(rows),), generator=rng).tolist()
        posed = self.placed(self.people.batch(others))
        with self.autocast():
            pictures, photos, conditions, terms = self._pictures(zs, batch, posed)
            loss, judged, seen = self._judged(pictures, photos, conditions)
        logged = self._update(self._weighted(terms) + loss, terms | judged)
        if not math.isfinite(logged["norm"]):  # what is not a number would stay in the discriminator's weights
            return logged
        with self.autocast():
            return logged | {"discriminator": float(self.adversary.learn(seen))}

    def _pictures(self, zs: list[Tensor], batch: Batch, posed: Batch) -> tuple[Tensor, Batch, Batch, dict[str, Tensor]]:
        """Pictures of codes that went through w and of samples, the photos that the first of them should be, conditions of
        all, and terms of what the codes are."""
        conditions = {name: torch.cat([batch[name], posed[name]]) for name in CONDITIONS if name in batch}
        made, terms = self._through_w(zs)
        w = self._sampled_w(posed)
        sampled = self.prior.generate(w)
        both = [torch.cat(pair) for pair in zip(made, sampled, strict=True)]
        return self._rendered(both, conditions), batch, conditions, terms | self._cycle(sampled, w)

    @torch.no_grad()
    def _sampled_w(self, posed: Batch) -> Tensor:
        """w ~ p(w|ŷ), one for each pose."""
        noise = torch.randn(len(posed["shape"]), self.prior.numbers, device=self.options.device)
        return self.prior.sample_w(noise, posed["shape"])

    def _cycle(self, codes: list[Tensor], w: Tensor) -> dict[str, Tensor]:
        return {"cycle": (self.prior.infer(codes)[0] - w).square().mean()}

    def _through_w(self, zs: list[Tensor]) -> tuple[list[Tensor], dict[str, Tensor]]:
        """Codes that went through w, and the terms `codes` (squared distance of normalised codes) and `kl`, in nats."""
        mean, log_std = self.prior.infer(zs, self._seen(len(zs[0])))
        w = mean + log_std.exp() * torch.randn_like(mean)
        made = self.prior.generate(w)
        pairs = zip(self.prior.normalised(made), self.prior.normalised(zs), strict=True)
        kl = 0.5 * (mean.square() + (2 * log_std).exp() - 1 - 2 * log_std)
        distance = torch.stack([(a - b).square().mean() for a, b in pairs])
        return made, {"codes": distance.mean(), "kl": kl.sum(dim=1).mean()}

    def _seen(self, count: int) -> Tensor:
        """(N, P): 0 for parts whose codes are left out, as a half body's photo does."""
        below = torch.tensor([name in BELOW_HIPS for name in PARTS])
        pairs = torch.rand(count, len(PARTS)) < PAIR
        hidden = pairs | pairs[:, OTHER_SIDE] | (below & (torch.rand(count, 1) < HALF_BODY))
        return (~hidden).float().to(self.options.device)

    def _rendered(self, zs: list[Tensor], conditions: Batch) -> Tensor:
        with torch.no_grad():
            shape = conditions["shape"].contiguous(memory_format=torch.channels_last)
            skips = self.model.shape(shape, conditions.get("mannequin"))
        decoder = self.model.decoder
        maps = decoder.turned(decoder.maps(zs), conditions.get("facing"))
        return self.model.image(skips, zs, maps, decoder.grids(conditions["transforms"]))

    def _update(self, loss: Tensor, terms: dict[str, Tensor]) -> dict[str, float]:
        return numbers(terms | {"norm": self.descend(loss)})

    def _weighted(self, terms: dict[str, Tensor]) -> Tensor:
        return sum((getattr(self.options, name) * value for name, value in terms.items()), torch.zeros(()))

    def _judged(self, pictures: Tensor, batch: Batch, conditions: Batch) -> tuple[Tensor, dict[str, Tensor], Seen]:
        """The loss of pictures, the first of which should be the photos of `batch`, its terms, and what the discriminator
        is shown.

        One pass of the fixed features serves the distances, the discriminator's scores and its own step.
        """
        known, weights = len(batch["image"]), self.options.weights
        loss, terms = objective(pictures[:known], batch, [], [], weights, 0.0, None)
        window = person_window(pictures.shape[-1])
        images = torch.cat([batch["image"], pictures.to(batch["image"])])[window]
        others = torch.cat([torch.cat([b["shape"], b["mask"]], dim=1) for b in (batch, conditions)])[window]
        images, others = augmented(images, others, known)
        with torch.no_grad():
            photos = self.features(images[:known])
        made = self.features(images[known:])
        own = [each[:known] for each in made]
        terms |= {"perceptual": feature_distance(own, photos), "gram": gram_distance(own, photos)}
        loss = loss + weights.perceptual * terms["perceptual"] + weights.gram * terms["gram"]
        term = self.adversary.loss(Seen(images[known:], made, others[known:], 0))
        if self.step % BALANCED == 0 or not self.adversary.balance.value:
            self.adversary.rebalance(loss, term, pictures, known)
        pull = self.options.adversarial * self.adversary.weight("adversarial") * self.adversary.balance.value
        features = [torch.cat([a, b.detach()]) for a, b in zip(photos, made, strict=True)]
        return loss + pull * term, terms | {"adversarial": term}, Seen(images.detach(), features, others, known)

    def finished(self) -> VUNet:
        """The model with the moving average as its prior."""
        self.prior.load_state_dict(self.average.module.state_dict())
        return self.model
