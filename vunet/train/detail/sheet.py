"""A sheet of windows: the photo, D's picture, the result with c and without."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vunet.person.tensors import Batch, to_image
from vunet.train.detail.trainer import DetailTrainer


@torch.no_grad()
def detail_sheet(trainer: DetailTrainer, batch: Batch) -> np.ndarray:
    """(rows * w, columns * w, 3) uint8, a row for each window of a batch of `WindowDataset`."""
    (picture, shape, copy), targets = trainer.inputs({k: v.to(trainer.options.device) for k, v in batch.items()})
    network = trainer.average.module.eval()
    up = F.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False)
    columns = [
        targets["image"],
        up,
        network(picture, shape, copy)[:, :3],
        network(picture, shape, torch.zeros_like(copy))[:, :3],
    ]
    return np.concatenate([_column(each) for each in columns], axis=1)


def _column(pictures: Tensor) -> np.ndarray:
    return np.concatenate([to_image(picture) for picture in pictures])
