"""How a run does on people whom it never sees: the loss and the kernel distance, every so many steps."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.utils.data import default_collate

from vunet.data.batches import BatchMaker
from vunet.data.dataset import PeopleDataset
from vunet.losses import LossWeights, PerceptualLoss, objective
from vunet.losses.kernel_distance import kernel_distance, summaries
from vunet.model import VUNet
from vunet.model.vunet import CONDITION
from vunet.person.tensors import Batch

PEOPLE, BATCH = 48, 8
SEED = 0  # of the perceptual windows, which are the same each time


class HeldOutPeople:
    """Some held-out people, rendered once, and the scores of models on them."""

    def __init__(self, people: PeopleDataset, device: str, weights: LossWeights, perceptual: PerceptualLoss | None) -> None:
        make = BatchMaker(people.config, device)
        rows = range(min(PEOPLE, len(people)))
        self.batches = [make(default_collate([people[i] for i in rows[at : at + BATCH]])) for at in rows[::BATCH]]
        self.weights, self.perceptual = weights, perceptual
        self._photos = summaries(_pictures(batch["image"] for batch in self.batches)) if perceptual else None

    @torch.no_grad()
    def scores(self, model: VUNet) -> dict[str, float]:
        """held_out_loss of reconstructions and, where there are features, held_out_kernel_distance."""
        rendered = [_reconstructed(model, batch) for batch in self.batches]
        pairs = list(zip(rendered, self.batches, strict=True))
        with torch.random.fork_rng():  # a run's noise must not depend on how often it is judged
            torch.manual_seed(SEED)
            losses = [objective(a, b, [], [], self.weights, 0.0, self.perceptual)[0] for a, b in pairs]
        scores = {"held_out_loss": float(torch.stack(losses).mean())}
        if self._photos is not None and len(self._photos) > 1:
            scores["held_out_kernel_distance"] = kernel_distance(summaries(_pictures(rendered)), self._photos)
        return scores


def _reconstructed(model: VUNet, batch: Batch) -> Tensor:
    zs = [q.mean for q in model.posterior(batch["parts"], batch.get("seen_facing"))]
    return model.render(zs=zs, **{name: batch[name] for name in CONDITION if name in batch}).float()


def _pictures(batches: Iterable[Tensor]) -> list[Tensor]:
    return [picture.cpu().clamp(-1, 1) for batch in batches for picture in batch]
