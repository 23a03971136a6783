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
from vunet.losses.reader import in_places, missed
from vunet.model.vunet import with_redrawn

RATE = 4e-4
# How much each opinion counts in full, and the steps until it does; a critic who knows nothing yet only shakes D.
SAY = {"critic": (1.0, 200), "joints": (0.5, 400)}
# Every fourth pose is drawn twice more, with a z from the prior and with the next person's: no distance has a say there,
# so nobody else sharpens it.
REDRAW = 4


class Rival:
    """D's opponent. `opinions` are terms of D's loss, `learn` is the critic's own step.

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

    def opinions(self, output: Tensor, batch: Batch) -> dict[str, Tensor]:
        """What D has to make less of: `critic`, the adversarial term, and `joints`, what a reader misses of them.

        D learns nothing about faces from it: at ten pixels' width all a critic knows of eyes is that they are dark bars.
        """
        self.network.requires_grad_(False)
        output = torch.where(with_redrawn(batch["face"], REDRAW) > 0, output.detach(), output)
        shape, mask, joints = (with_redrawn(batch[name], REDRAW) for name in ("shape", "mask", "joints"))
        window = random_window(output.shape[-1])
        verdicts, read = self.network(output[window].float(), shape[window])
        opinions = {
            "critic": torch.stack([adversarial(v, around_person(mask[window], v.shape[-2:])) for v in verdicts]).mean()
        }
        if read is not None:
            opinions["joints"] = missed(read, in_places(joints, window, output.shape[-1], read.shape[-2:]))
        return opinions

    def weight(self, name: str) -> float:
        """How much one of the opinions counts by now, 0 to 1."""
        full, warm_up = SAY[name]
        return full * min(1.0, self.step / warm_up)

    def learn(self, output: Tensor, batch: Batch) -> dict[str, float]:
        """One step on what D made and the photos it should have been. `rival`: the hinge loss, 2 tells nothing apart;
        `reader`: what it misses of the joints in photos."""
        self.network.requires_grad_(True)
        photos, size = len(batch["image"]), output.shape[-1]
        window = random_window(size)
        pictures = torch.cat([batch["image"], output.detach().to(batch["image"])])
        shapes, masks = (torch.cat([batch[n], with_redrawn(batch[n], REDRAW)]) for n in ("shape", "mask"))
        verdicts, read = self.shared(pictures[window], shapes[window], photos)
        terms = {"rival": torch.stack([self._loss(v.float(), masks[window], photos) for v in verdicts]).mean()}
        if read is not None:
            terms["reader"] = missed(read, in_places(batch["joints"], window, size, read.shape[-2:]))
        self.optimizer.zero_grad()
        sum(terms.values(), torch.zeros(())).backward()
        self.optimizer.step()
        self.step += 1
        return {name: value.item() for name, value in terms.items()}

    @staticmethod
    def _loss(verdict: Tensor, mask: Tensor, count: int) -> Tensor:
        """count: how many of the rows are photos; they come first."""
        where = around_person(mask, verdict.shape[-2:])
        return critic_loss(verdict[:count], verdict[count:], where[:count], where[count:])

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The counterpart of `state_dict`; raises `VUNetError` for a critic of other features or of an older version."""
        try:
            self.network.load_state_dict(state["network"])
        except RuntimeError:
            raise VUNetError(
                "The run's critic sees other features or is of an older version: name the same --perceptual as before, "
                "or leave --critic out."
            ) from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]
