"""How hard an adversarial term pulls: relative to the other terms, where both reach the pictures.

Esser, Rombach, Ommer, "Taming Transformers", CVPR 2021, equation 7, at the output instead of the last layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

EPSILON = 1e-12  # of a squared norm, to divide by
Average = Callable[[Tensor], Tensor]  # over processes


@dataclass(frozen=True)
class LossTerm:
    """A term that is balanced. weight: the norm of its gradient at the pictures, relative to that of the rest."""

    value: Tensor
    weight: float


def gradient_ratio(rest: Tensor, pull: Tensor, average: Average) -> Tensor:
    """The norm of one gradient relative to another's, a scalar; 0 where that says nothing."""
    squares = average(torch.stack([each.float().square().sum() for each in (rest, pull)]))
    ratio = (squares[0] / squares[1].clamp_min(EPSILON)).sqrt().nan_to_num(0.0, posinf=0.0)
    return torch.where(squares[1] > EPSILON, ratio, 0.0)


class RunningRatio:
    """A `gradient_ratio` that is measured every few steps and changes slowly; 0 until it was measured."""

    def __init__(self) -> None:
        self.value = 0.0

    def measure(self, rest: Tensor, term: Tensor, pictures: Tensor, average: Average, known: int | None = None) -> None:
        """Of two losses' gradients at pictures, of which the first `known` count, or all."""
        whole, pull = (torch.autograd.grad(each, pictures, retain_graph=True)[0][:known] for each in (rest, term))
        ratio = float(gradient_ratio(whole, pull, average))
        if ratio:
            self.value = ratio if not self.value else 0.8 * self.value + 0.2 * ratio

    def state_dict(self) -> dict[str, float]:
        """What a resumed training needs."""
        return {"value": self.value}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """The counterpart of `state_dict`."""
        self.value = state["value"]


def balanced_gradients(
    loss: Tensor, terms: Mapping[str, LossTerm], ends: list[Tensor], average: Average
) -> tuple[Tensor, list[Tensor]]:
    """The loss with balanced terms, and its gradients at a network's ends: pictures, which the terms are of, then the rest.

    ends: detached copies of a network's outputs.
    """
    rest, *others = torch.autograd.grad(loss, ends)
    total = rest
    for term in terms.values():
        pull = torch.autograd.grad(term.value, ends[0], retain_graph=True)[0]
        weight = term.weight * gradient_ratio(rest, pull, average)
        loss, total = loss + weight * term.value, total + weight * pull
    return loss, [total, *others]
