"""The critic as a training run holds it: its network, its optimiser, and how far it has come."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam

from vunet.data.dataset import Batch
from vunet.losses.critic import PatchCritic, adversarial, around_person, critic_loss
from vunet.model.vunet import with_redrawn

RATE = 4e-4
WARM_UP = 200  # steps until its opinion counts in full; a critic who knows nothing yet only shakes D
REDRAW = 2  # every second person is drawn from the prior too: no distance has a say there, so nobody else sharpens it


class Rival:
    """D's opponent. `opinion` is a term of D's loss, `learn` the critic's own step.

    output: D's pictures of a batch and of every `REDRAW`-th person's pose with a z from the prior.
    """

    def __init__(self, device: str) -> None:
        self.network = PatchCritic().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.shared: nn.Module = self.network  # the same to the other processes too
        self.optimizer = Adam(self.network.parameters(), lr=RATE, betas=(0.5, 0.9))
        self.step = 0

    def opinion(self, output: Tensor, batch: Batch) -> Tensor:
        """The adversarial term, faded in.

        D learns nothing about faces from it: at ten pixels' width all a critic knows of eyes is that they are dark bars.
        """
        self.network.requires_grad_(False)
        output = torch.where(with_redrawn(batch["face"], REDRAW) > 0, output.detach(), output)
        verdict = self.network(output, with_redrawn(batch["shape"], REDRAW)).float()
        where = with_redrawn(around_person(batch["mask"], verdict.shape[-1]), REDRAW)
        return min(1.0, self.step / WARM_UP) * adversarial(verdict, where)

    def learn(self, output: Tensor, batch: Batch) -> float:
        """One step on what D made and the photos it should have been; returns the hinge loss: 2 tells nothing apart."""
        self.network.requires_grad_(True)
        pictures = torch.cat([batch["image"], output.detach().to(batch["image"])])
        verdicts = self.shared(pictures, torch.cat([batch["shape"], with_redrawn(batch["shape"], REDRAW)])).float()
        real, made = verdicts.split([len(batch["image"]), len(output)])
        where = around_person(batch["mask"], verdicts.shape[-1])
        loss = critic_loss(real, made, where, with_redrawn(where, REDRAW))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.step += 1
        return loss.item()

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The counterpart of `state_dict`."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
