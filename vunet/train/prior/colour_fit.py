"""Fits the line that reads colours from w: to pictures that D renders of samples, so no photo is needed."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from vunet.model import VUNet
from vunet.model.prior.colours import NUMBERS
from vunet.person.part_colours import PLACES, colours_in
from vunet.train.prior.people import PriorPeople
from vunet.train.prior.trainer import PriorOptions

BATCH = 16
FEWEST = 8  # pictures with all places in them; a line through fewer says nothing


@torch.no_grad()
def fit_colours(model: VUNet, people: PriorPeople, options: PriorOptions) -> bool:
    """Samples w in the poses of people, and fits their colours. False where too few poses show all places."""
    prior = model.prior
    assert prior is not None and prior.colours is not None
    generator = torch.Generator().manual_seed(options.seed)
    seen, colours = [], []
    for _ in tqdm(range(-(-options.coloured // BATCH)), desc="fit colours", leave=False):
        rows = torch.randint(len(people), (BATCH,), generator=generator).tolist()
        noise = torch.randn(BATCH, prior.numbers, generator=generator)
        w, pictures = _rendered(model, people, rows, noise.to(options.device), options.half_precision)
        seen.append(prior.flow.whitened(w))
        colours += [colours_in(picture, people.pose(row), PLACES) for picture, row in zip(pictures, rows, strict=True)]
    table = torch.from_numpy(np.reshape(colours, (-1, NUMBERS))).to(seen[0])
    whole = table.isfinite().all(dim=1)
    if whole.sum() < FEWEST:
        return False
    prior.colours.fit(torch.cat(seen)[whole], table[whole])
    return True


def _rendered(
    model: VUNet, people: PriorPeople, rows: list[int], noise: Tensor, half_precision: bool
) -> tuple[Tensor, np.ndarray]:
    """w of samples in the poses of some people, and D's pictures of them, (N, S, S, 3) uint8."""
    each = [people.shape(row) for row in rows]
    shown = {name: torch.stack([one[name] for one in each]).to(noise.device) for name in each[0]}
    assert model.prior is not None
    w = model.prior.sample_w(noise, shown["shape"])
    zs = model.prior.generate(w)
    with torch.autocast(noise.device.type, torch.bfloat16, enabled=half_precision):
        pictures = model.render(zs=zs, **shown).float()
    return w, ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
