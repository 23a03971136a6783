"""Loads people in other processes while a step is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import cv2
import torch
from torch.utils.data import DataLoader, Dataset, default_collate

from vunet.data.batches import BatchMaker
from vunet.person.tensors import Batch
from vunet.train.stop import leave_stopping_to_the_run

AHEAD = 4  # batches that each process loads before they are asked for


def rendered_batches(
    people: Dataset[Batch], keys: Iterable[Any], make: BatchMaker, batch: int, workers: int
) -> Iterator[Batch]:
    """Batches of `make`, on its device, of the people that `keys` name, in that order.

    A GPU renders them; on the CPU those processes do that load people. workers: how many these are.
    """
    if make.device.type == "cpu":
        return iter(people_loader(people, keys, batch, workers, partial(_collated_and_rendered, make)))
    pinned = make.device.type == "cuda"
    return map(make, people_loader(people, keys, batch, workers, pinned=pinned))


def people_loader(
    people: Dataset[Batch],
    keys: Iterable[Any],
    batch: int,
    workers: int,
    collate: Callable[[list[Batch]], Any] = default_collate,
    pinned: bool = False,
) -> DataLoader[Batch]:
    """Batches of items. workers: processes that load them, 0 for none."""
    ahead: dict[str, Any] = {"num_workers": workers, "prefetch_factor": AHEAD} if workers else {}
    if workers:
        cv2.setNumThreads(1)  # in the workers it would wait for threads that no fork copies, and they are many
    # A generator of its own: what the loader samples must not shift the noise of a resumed run.
    return DataLoader(
        people,
        batch,
        sampler=keys,  # type: ignore[arg-type]
        generator=torch.Generator(),
        collate_fn=collate,
        pin_memory=pinned,
        worker_init_fn=leave_stopping_to_the_run,
        **ahead,
    )


def _collated_and_rendered(make: BatchMaker, items: list[Batch]) -> Batch:
    return make(default_collate(items))
