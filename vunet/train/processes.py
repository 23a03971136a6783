"""Many processes as one, through Hugging Face Accelerate: `accelerate launch ... -m vunet train` is the same run, faster.

Each process draws its share of a step's people; gradients are averaged, so all hold the same weights all the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from torch import Tensor, nn

from vunet.runtime.device import choose_device


class Processes:
    """What the trainer has to know of the other processes. count: how many there are; rank: which of them this is."""

    def __init__(self, device: str | None = None) -> None:
        """device: as for `choose_device`; among many processes Accelerate deals out the GPUs. Raises `VUNetError`."""
        place = choose_device(device)
        # Nothing reads the last output of the authors' F: its weights get no gradient.
        unused = DistributedDataParallelKwargs(find_unused_parameters=True)
        self._accelerator = Accelerator(cpu=place.type == "cpu", kwargs_handlers=[unused])
        self.count, self.rank = self._accelerator.num_processes, self._accelerator.process_index
        self.device = place if self.count == 1 else self._accelerator.device

    @property
    def main(self) -> bool:
        """Whether it is this one that writes, draws and reports."""
        return self._accelerator.is_main_process

    def share(self, network: nn.Module) -> nn.Module:
        """The network such that its gradients are the mean of all processes'."""
        return self._accelerator.prepare_model(network) if self.count > 1 else network

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

    def finish(self) -> None:
        """Waits for the others, then lets go of them."""
        self._accelerator.wait_for_everyone()
        self._accelerator.end_training()
