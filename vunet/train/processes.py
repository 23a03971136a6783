"""Many processes as one, through Hugging Face Accelerate: `accelerate launch ... -m vunet train` is the same run, faster.

Each process passes its share of a step's people; gradients are averaged, so all hold the same weights all the time. That
serves all three trainings alike, whose networks are called in parts. Accelerate's trackers follow a run.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor

from vunet.runtime.device import choose_device

TRACKERS = ("tensorboard", "tensorboardX")  # packages, either of which TensorBoard's tracker takes


class Processes:
    """What a trainer has to know of the other processes. count: how many there are; rank: which of them this is."""

    def __init__(self, device: str | None = None, folder: Path | None = None) -> None:
        """device: as for `choose_device`; among many processes Accelerate deals out the GPUs. folder: of the run, in which
        the tracker writes. Raises `VUNetError`."""
        place = choose_device(device)
        tracked = folder is not None and any(importlib.util.find_spec(name) for name in TRACKERS)
        self._accelerator = Accelerator(
            cpu=place.type == "cpu",
            log_with="tensorboard" if tracked else None,
            project_dir=str(folder) if folder else None,
        )
        if tracked:
            self._accelerator.init_trackers("tracker")
        self.count, self.rank = self._accelerator.num_processes, self._accelerator.process_index
        self.device = place if self.count == 1 else self._accelerator.device

    @property
    def main(self) -> bool:
        """Whether it is this one that writes, renders sheets and reports."""
        return self._accelerator.is_main_process

    def share(self, keys: list[Any]) -> list[Any]:
        """This process's share of a step's keys, which all processes know."""
        each = len(keys) // self.count
        return keys[self.rank * each : (self.rank + 1) * each]

    def average_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Gradients become the mean of all processes'; a weight that one of them did not use counts as 0."""
        if self.count == 1:
            return
        trained = [p for p in parameters if p.requires_grad]
        for parameter in trained:
            parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        gradients = [p.grad for p in trained if p.grad is not None]
        pieces = self.averaged(torch.cat([gradient.flatten() for gradient in gradients])).split(
            [p.numel() for p in trained]
        )
        for gradient, piece in zip(gradients, pieces, strict=True):
            gradient.copy_(piece.view_as(gradient))  # in its own memory format, which fused optimisers take for granted

    def mean(self, values: Mapping[str, Tensor]) -> dict[str, float]:
        """Scalars, averaged over the processes."""
        together = torch.stack([value.detach().float() for value in values.values()])
        return dict(zip(values, self.averaged(together).tolist(), strict=True))

    def averaged(self, values: Tensor) -> Tensor:
        """A tensor's mean over the processes, without waiting for a GPU."""
        reduced: Any = self._accelerator.reduce(values, "mean")
        return reduced

    def any(self, asked: bool) -> bool:
        """True in every process when it is so in one: all have to leave the loop at the same step."""
        if self.count == 1:
            return asked
        return self.mean({"asked": torch.tensor(float(asked), device=self.device)})["asked"] > 0

    def log(self, numbers: Mapping[str, float], step: int) -> None:
        """To the tracker, if there is one."""
        self._accelerator.log(dict(numbers), step=step)

    def finish(self) -> None:
        """Waits for the others, then lets go of them."""
        self._accelerator.wait_for_everyone()
        self._accelerator.end_training()
