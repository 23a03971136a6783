"""The discriminator in training: its network, its optimiser, its own step, and the terms that it adds to D's loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam

from vunet.errors import VUNetError
from vunet.losses.adversarial import adversarial_loss, discriminator_loss
from vunet.losses.discriminator import Discriminator
from vunet.losses.keypoints import keypoint_loss, to_map_coordinates
from vunet.losses.perceptual import random_window
from vunet.person.tensors import Batch
from vunet.train.balance import RunningRatio
from vunet.train.processes import Processes

# The full weight of each term, and the steps until it is reached: an untrained discriminator gives D noise.
WEIGHTS = {"adversarial": (1.0, 200), "keypoints": (0.5, 400)}
# Every fourth pose is drawn twice more, with a z from the prior and with the next person's. No photo shows these, so only
# the discriminator can make them sharper.
RERENDER = 4


class DiscriminatorState:
    """A discriminator with its optimiser and the count of its steps; saved and resumed with its run."""

    def __init__(self, device: str, features: nn.Module | None, rate: float, betas: tuple[float, float]) -> None:
        """features: a fixed network whose features are judged too."""
        with torch.random.fork_rng():  # the same weights whatever has been drawn before
            torch.manual_seed(0)
            network = Discriminator(features)
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = Adam(self.network.parameters(), lr=rate, betas=betas)
        self.step = 0
        self.processes: Processes | None = None

    def weight(self, name: str) -> float:
        """How much one of the terms counts by now, 0 to its full weight."""
        full, warm_up = WEIGHTS[name]
        return full * min(1.0, self.step / warm_up)

    def update(self, loss: Tensor) -> None:
        """One step of the discriminator."""
        self.optimizer.zero_grad()
        loss.backward()
        if self.processes:
            self.processes.average_gradients(self.network.parameters())
        self.optimizer.step()
        self.step += 1

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs."""
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The counterpart of `state_dict`; raises `VUNetError` for a network of other features or of an older version."""
        try:
            self.network.load_state_dict(state["network"])
        except RuntimeError:
            raise VUNetError(
                "The run's discriminator reads other features or is of an older version: name the same --perceptual as "
                "before, or leave --adversarial out."
            ) from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = state["step"]


class AdversarialTrainer(DiscriminatorState):
    """Trains D against a discriminator. `losses` are terms of D's loss, `learn` is the discriminator's own step.

    output: D's pictures; conditions: what belongs to each of them, shape, mask and joints.
    """

    def __init__(self, device: str, features: nn.Module | None = None) -> None:
        super().__init__(device, features, rate=4e-4, betas=(0.5, 0.9))

    def losses(self, output: Tensor, conditions: Batch) -> dict[str, Tensor]:
        """Terms of D's loss: `adversarial`, and `keypoints` where there is a fixed network."""
        self.network.requires_grad_(False)
        shape, mask, joints = (conditions[name] for name in ("shape", "mask", "joints"))
        window = random_window(output.shape[-1])
        scores, read = self.network(output[window].float(), shape[window])
        terms = {"adversarial": adversarial_loss(scores, mask[window])}
        if read is not None:
            places = to_map_coordinates(joints, window, output.shape[-1], read.shape[-2:])
            terms["keypoints"] = keypoint_loss(read, places)
        return terms

    def learn(self, output: Tensor, conditions: Batch, batch: Batch) -> dict[str, Tensor]:
        """One step on D's pictures and the photos of a batch.

        Returns `discriminator`, the hinge loss (2: it tells nothing apart), and `keypoint_head`, its loss on the photos.
        """
        self.network.requires_grad_(True)
        photos, size = len(batch["image"]), output.shape[-1]
        window = random_window(size)
        pictures = torch.cat([batch["image"], output.detach().to(batch["image"])])
        shapes, masks = (torch.cat([batch[n], conditions[n]]) for n in ("shape", "mask"))
        scores, read = self.network(pictures[window], shapes[window], photos)
        terms = {"discriminator": discriminator_loss(scores, masks[window], photos)}
        if read is not None:
            places = to_map_coordinates(batch["joints"], window, size, read.shape[-2:])
            terms["keypoint_head"] = keypoint_loss(read, places)
        self.update(sum(terms.values(), torch.zeros(())))
        return {name: value.detach() for name, value in terms.items()}


@dataclass(frozen=True)
class Seen:
    """What a discriminator of augmented pictures is shown: the first `photos` rows are photos.

    images: (N, 3, H, W). features: those of the fixed network. others: stickmen and masks, (N, 4, H, W).
    """

    images: Tensor
    features: list[Tensor]
    others: Tensor
    photos: int


class AugmentedDiscriminator(DiscriminatorState):
    """For networks behind or above D: judges augmented pictures, by features that were computed already."""

    def __init__(self, device: str, features: nn.Module) -> None:
        super().__init__(device, features, rate=2e-4, betas=(0.0, 0.99))
        self.network.keypoints = None  # nobody reads joints here
        self.optimizer = Adam(self.network.parameters(), lr=2e-4, betas=(0.0, 0.99))
        # Norm of the other terms' gradient at the pictures, relative to the adversarial term's.
        self.balance = RunningRatio()

    def loss(self, made: Seen) -> Tensor:
        """The adversarial term of made pictures."""
        self.network.requires_grad_(False)
        return adversarial_loss(self._scores(made), made.others[:, 3:])

    def learn(self, seen: Seen) -> Tensor:
        """One step. Returns the hinge loss."""
        self.network.requires_grad_(True)
        loss = discriminator_loss(self._scores(seen), seen.others[:, 3:], seen.photos)
        self.update(loss)
        return loss.detach()

    def rebalance(self, loss: Tensor, term: Tensor, pictures: Tensor, known: int) -> None:
        """Measures the balance anew at the first `known` pictures."""
        average = self.processes.averaged if self.processes else lambda values: values
        self.balance.measure(loss, term, pictures, average, known)

    def _scores(self, seen: Seen) -> list[Tensor]:
        return [self.network.patches(seen.images, seen.others[:, :3]), *self.network.features(seen.features)]

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {"balance": self.balance.value}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.balance.value = state["balance"]
