"""p(w|ŷ, garments), fitted to samples of q(w|z): the second stage of the two."""

from __future__ import annotations

import torch
from torch import Tensor
from tqdm import tqdm

from vunet.model import VUNet
from vunet.model.prior.hierarchical import flow_condition
from vunet.train.prior.people import PriorPeople

BATCH, RATE = 256, 1e-3
EVEN = 0.02  # added to the std of each cell of a pose, which may be the same in all
DROPOUT = 0.3  # of whole poses, and of whole sets of garments, as conditions
GARMENT_DROPOUT = 0.3  # of single garments


def fit_flow(model: VUNet, people: PriorPeople, device: str, seed: int, steps: int) -> float:
    """Learns p(w|ŷ, garments) on samples of q(w|z) of the people; returns the mean loss of the last hundred steps."""
    prior = model.prior
    assert prior is not None
    was_training = prior.training
    prior.eval()
    means, log_stds = (torch.cat(each) for each in zip(*_inferred(model, people, device), strict=True))
    poses = people.small_stickmen().to(device)
    prior.get_buffer("pose_mean").copy_(poses.mean(dim=0))
    prior.get_buffer("pose_deviation").copy_(poses.std(dim=0) + EVEN)
    torch.manual_seed(seed)
    flow = prior.flow.requires_grad_(True).train()
    flow.whiten_by(means.mean(dim=0), torch.cov(means.T) + (2 * log_stds).exp().mean(dim=0).diag())
    optimizer = torch.optim.AdamW(flow.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    losses: list[float] = []
    for _ in tqdm(range(steps), desc="fit flow", unit="step", leave=False):
        rows = torch.randint(len(people), (BATCH,))
        w = means[rows] + log_stds[rows].exp() * torch.randn_like(means[rows])
        loss = flow.loss(w, _condition(poses[rows], people.garments[rows].to(device)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    flow.zero_grad(set_to_none=True)
    prior.train(was_training)
    flow.eval().requires_grad_(False)
    return sum(losses[-100:]) / len(losses[-100:])


def _condition(small: Tensor, garments: Tensor) -> Tensor:
    """The condition of a training step: poses and garments are left out at random."""
    pose = torch.rand(len(small), 1, device=small.device) > DROPOUT
    known = torch.rand(len(small), 1, device=small.device) > DROPOUT
    each = torch.rand_like(garments) > GARMENT_DROPOUT
    return flow_condition(small * pose, garments * known * each)


@torch.no_grad()
def _inferred(model: VUNet, people: PriorPeople, device: str) -> list[tuple[Tensor, Tensor]]:
    prior = model.prior
    assert prior is not None
    return [prior.infer([z.to(device) for z in people.zs(rows)]) for rows in people.in_turn()]
