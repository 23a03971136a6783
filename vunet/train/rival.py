"""The critic as a training run holds it: its network, its optimiser, and how far it has come."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam

from vunet.data.dataset import Batch
from vunet.errors import VUNetError
from vunet.losses.critic import Critic, adversarial, around_person, critic_loss
from vunet.losses.perceptual import random_window
from vunet.model.vunet import with_redrawn

RATE = 4e-4
WARM_UP = 200  # steps until its opinion counts in full; a critic who knows nothing yet only shakes D
# Every fourth pose is drawn twice more, with a z from the prior and with the next person's: no distance has a say there,
# so nobody else sharpens it.
REDRAW = 4


class Rival:
    """D's opponent. `opinion` is a term of D's loss, `learn` the critic's own step.

    output: D's pictures of a batch, then of every `REDRAW`-th pose with a z from the prior, then with the next person's.
    """

    def __init__(self, device: str, features: nn.Module | None = None) -> None:
        """features: a fixed network that the critic sees pictures through too, wherever it is."""
        with torch.random.fork_rng():  # the same critic whatever has been drawn before
            torch.manual_seed(0)
            network = Critic(features)
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.shared: nn.Module = self.network  # the same to the other processes too
        self.optimizer = Adam(self.network.parameters(), lr=RATE, betas=(0.5, 0.9))
        self.step = 0

    def opinion(self, output: Tensor, batch: Batch) -> Tensor:
        """The adversarial term.

        D learns nothing about faces from it: at ten pixels' width all a critic knows of eyes is that they are dark bars.
        """
        self.network.requires_grad_(False)
        output = torch.where(with_redrawn(batch["face"], REDRAW) > 0, output.detach(), output)
        shape, mask = (with_redrawn(batch[name], REDRAW) for name in ("shape", "mask"))
        window = random_window(output.shape[-1])
        verdicts = self.network(output[window].float(), shape[window])
        return torch.stack([adversarial(v, around_person(mask[window], v.shape[-2:])) for v in verdicts]).mean()

    @property
    def weight(self) -> float:
        """How much its opinion counts by now, 0 to 1."""
        return min(1.0, self.step / WARM_UP)

    def learn(self, output: Tensor, batch: Batch) -> float:
        """One step on what D made and the photos it should have been; returns the hinge loss: 2 tells nothing apart."""
        self.network.requires_grad_(True)
        window = random_window(output.shape[-1])
        pictures = torch.cat([batch["image"], output.detach().to(batch["image"])])
        shapes, masks = (torch.cat([batch[n], with_redrawn(batch[n], REDRAW)]) for n in ("shape", "mask"))
        verdicts = self.shared(pictures[window], shapes[window])
        loss = torch.stack([self._loss(v.float(), masks[window], len(batch["image"])) for v in verdicts]).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.step += 1
        return loss.item()

    @staticmethod
    def _loss(verdict: Tensor, mask: Tensor, count: int) -> Tensor:
        """count: how many of the rows are photos; they come first."""
        where = around_person(mask, verdict.shape[-2:])
        return critic_loss(verdict[:count], verdict[count:], where[:count], where[count:])

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The counterpart of `state_dict`; raises `VUNetError` for a critic that saw other features."""
        try:
            self.network.load_state_dict(state["network"])
        except RuntimeError:
            raise VUNetError("The run's critic sees other features: name the same --perceptual as before.") from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
