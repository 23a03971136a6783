"""A sheet of windows: the photo, D's picture, and what the network makes of it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vunet.model.detail import enlarged
from vunet.person.tensors import Batch, to_image
from vunet.train.detail.trainer import DetailTrainer


@torch.no_grad()
def detail_sheet(trainer: DetailTrainer, batch: Batch) -> np.ndarray:
    """(rows * w, columns * w, 3) uint8, a row for each window of a batch of `WindowDataset`."""
    inputs, targets = trainer.inputs({k: v.to(trainer.options.device) for k, v in batch.items()})
    columns = [targets["image"], enlarged(inputs[0]), *(made[:, :3] for made in trainer.sheet_columns(inputs))]
    return np.concatenate([_column(each) for each in columns], axis=1)


def _column(pictures: Tensor) -> np.ndarray:
    return np.concatenate([to_image(picture) for picture in pictures])
