"""What the trainings of single networks share, while the rest of the model stays: prior, detail network, E and D alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vunet.errors import VUNetError
from vunet.losses import LossWeights
from vunet.model import VUNet
from vunet.person.tensors import Batch
from vunet.train.processes import Processes
from vunet.train.state_file import restore, state_of, step_seed


@dataclass(frozen=True)
class NetworkOptions:
    """steps: planned length. batch: people a step. rate: the highest. weights: of the terms of a reconstruction."""

    steps: int = 1000
    batch: int = 4
    rate: float = 5e-4
    seed: int = 0
    device: str = "cpu"
    half_precision: bool = False
    weights: LossWeights = field(default_factory=lambda: LossWeights(gram=1.0))


Options = TypeVar("Options", bound=NetworkOptions)


class NetworkTrainer(ABC, Generic[Options]):
    """One training of some of a model's networks. Noise depends on seed, step and process alone.

    saved: names of what a state holds beside the step. largest: norm that the gradient is cut to.
    """

    saved: ClassVar[Sequence[str]]
    largest: ClassVar[float]
    model: VUNet
    optimizer: torch.optim.Optimizer

    def __init__(self, model: VUNet, options: Options) -> None:
        self.processes = Processes(options.device)
        self.model = model.eval().requires_grad_(False)
        self.options, self.step = options, 0

    @property
    @abstractmethod
    def started_from(self) -> Any:
        """What tells the weights that the training goes on from, and that stay, from others."""

    @abstractmethod
    def trained(self) -> Iterable[nn.Parameter]:
        """What learns."""

    @abstractmethod
    def pace(self) -> float:
        """The share of the rate at this step."""

    def prepare_step(self) -> None:
        """Seeds the step's noise and sets its rate; a group of the optimiser may have a `share` of it."""
        torch.manual_seed(step_seed(self.options.seed, self.step) + self.processes.rank)
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.rate * self.pace() * group.get("share", 1.0)

    def descend(self, loss: Tensor) -> Tensor:
        """One optimiser step, unless the gradient is no number; returns its norm."""
        self.optimizer.zero_grad()
        loss.backward()
        self.processes.average_gradients(self.trained())
        norm = torch.nn.utils.clip_grad_norm_(self.trained(), self.largest)
        if torch.isfinite(norm):
            self.optimizer.step()
        return norm

    def placed(self, batch: Batch) -> Batch:
        """The batch on the device."""
        return {name: value.to(self.options.device) for name, value in batch.items()}

    def autocast(self) -> torch.autocast:
        """Half precision, if the options say so."""
        kind = torch.device(self.options.device).type
        return torch.autocast(kind, torch.bfloat16, enabled=self.options.half_precision)

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed training needs."""
        return state_of(self, self.saved) | {"started_from": self.started_from}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The counterpart of `state_dict`; raises `VUNetError` for a training from other weights."""
        if state.get("started_from") != self.started_from:
            raise VUNetError("The run's folder holds a training of another checkpoint: choose a new folder.")
        restore(self, self.saved, state)


def moving_average(network: nn.Module, decay: float) -> AveragedModel:
    """The exponential moving average of a network's weights."""
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(decay))


def warmed_and_cooled(done: int, length: int, warm_up: int, cooled: float) -> float:
    """The share of a rate: warm-up over so many steps, constant, then linear to zero over the share `cooled`."""
    return min(1.0, (done + 1) / warm_up, (1 - done / length) / cooled)


def numbers(terms: dict[str, Tensor]) -> dict[str, float]:
    """Terms of a loss as a log has them."""
    return {name: float(value.detach()) for name, value in terms.items()}
