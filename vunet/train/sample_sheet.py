"""A picture of what a model can do: reconstructions, samples of p(z|ŷ), and the transfer matrix."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vunet.model import VUNet
from vunet.model.vunet import CONDITION
from vunet.person.tensors import Batch, to_image


@torch.no_grad()
def sample_sheet(model: VUNet, batch: Batch, samples: int = 2) -> np.ndarray:
    """Rows: the people, their reconstructions, prior samples in their poses, then every look (row) in every pose (column).

    Returns (rows * S, N * S, 3) uint8.
    """
    generator = torch.Generator().manual_seed(0)
    zs = [q.mean for q in model.posterior(batch["parts"], batch.get("seen_facing"))]
    rows = [batch["image"], _rendered(model, batch, zs)]
    rows += [_rendered(model, batch, model.sample(batch["shape"], 1.0, generator)) for _ in range(samples)]
    for i in range(len(batch["image"])):
        rows.append(_rendered(model, batch, [z[i : i + 1].expand_as(z) for z in zs]))
    return np.concatenate([np.concatenate([to_image(x) for x in row], axis=1) for row in rows], axis=0)


def _rendered(model: VUNet, batch: Batch, zs: list[Tensor]) -> Tensor:
    return model.render(zs=zs, **{name: batch[name] for name in CONDITION if name in batch})
