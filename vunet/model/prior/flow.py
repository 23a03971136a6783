"""p(w|ŷ, garments): a small flow from noise to the latent w, conditioned on the pose and, where given, on garments.

Lipman and others, "Flow Matching for Generative Modeling", ICLR 2023. Garments by guidance: Ho and Salimans,
"Classifier-Free Diffusion Guidance", 2022.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH, DEPTH = 224, 3
TIMES = 32  # size of the time embedding
STEPS = 8  # of the solver from noise to w
GUIDANCE = 5.0  # scale of classifier-free guidance by garments


class LatentFlow(nn.Module):
    """A velocity field over whitened w: u_t = (1 - t) noise + t u, du/dt = v(u_t, t, condition); w = centre + u root.

    So an untrained flow samples a Gaussian, and learns only what makes p(w) different from one.
    """

    def __init__(self, numbers: int, condition: int) -> None:
        """numbers: length of w. condition: size of the condition."""
        super().__init__()
        self.register_buffer("centre", torch.zeros(numbers))
        self.register_buffer("root", torch.zeros(numbers, numbers).fill_diagonal_(1))
        self.enter = nn.Linear(numbers, WIDTH)
        self.told = nn.Linear(TIMES + condition, WIDTH)
        self.blocks: Any = nn.ModuleList(nn.Sequential(*self._block()) for _ in range(DEPTH))
        self.out = nn.Linear(WIDTH, numbers)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    @staticmethod
    def _block() -> list[nn.Module]:
        return [nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.SiLU(), nn.Dropout(0.1), nn.Linear(2 * WIDTH, WIDTH)]

    def whiten_by(self, centre: Tensor, covariance: Tensor) -> None:
        """Sets mean (K,) and covariance (K, K) of w."""
        self.get_buffer("centre").copy_(centre)
        self.get_buffer("root").copy_(torch.linalg.cholesky(covariance).T)  # root^T root is the covariance

    def whitened(self, w: Tensor) -> Tensor:
        """(N, K) with mean 0 and covariance I."""
        return torch.linalg.solve_triangular(self.get_buffer("root"), w - self.get_buffer("centre"), upper=True, left=False)

    def unwhitened(self, u: Tensor) -> Tensor:
        """The inverse of `whitened`."""
        return u @ self.get_buffer("root") + self.get_buffer("centre")

    def forward(self, u: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """u: (N, K) whitened; time: (N,) from 0, noise, to 1; condition: (N, C). The velocity (N, K).

        Written as that between two independent standard normal ends plus a correction.
        """
        condition = self.told(torch.cat([_waves(time), condition], dim=1))
        h = self.enter(u) + condition
        for block in self.blocks:
            h = h + block(h + condition)
        t = time[:, None]
        usual = (2 * t - 1) / (t.square() + (1 - t).square()) * u  # E[u_1 - u_0 | u_t] for u_1 ~ N(0, I)
        return usual + self.out(F.silu(h))

    def loss(self, w: Tensor, condition: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Mean squared error of the velocity on the straight way from noise to w (N, K)."""
        u = self.whitened(w)
        noise = torch.randn(w.shape, generator=generator, device=w.device)
        time = torch.rand(len(w), generator=generator, device=w.device)
        between = torch.lerp(noise, u, time[:, None])
        return F.mse_loss(self(between, time, condition), u - noise)

    def sample(self, noise: Tensor, condition: Tensor, plain: Tensor | None = None) -> Tensor:
        """w from noise (N, K) by Heun's method. plain: the condition without garments, for guidance."""
        u, step = noise, 1 / STEPS
        for i in range(STEPS):
            first = self._guided(u, i * step, condition, plain)
            second = self._guided(u + step * first, (i + 1) * step, condition, plain)
            u = u + step * (first + second) / 2
        return self.unwhitened(u)

    def _guided(self, u: Tensor, time: float, condition: Tensor, plain: Tensor | None) -> Tensor:
        at = torch.full_like(u[:, 0], time)  # of a length that a traced graph leaves open
        velocity = self(u, at, condition)
        return velocity if plain is None else torch.lerp(self(u, at, plain), velocity, GUIDANCE)


def _waves(time: Tensor) -> Tensor:
    """(N,) to (N, TIMES): sines and cosines from one turn in all to a hundred."""
    frequencies = torch.exp(torch.linspace(0, math.log(100), TIMES // 2, device=time.device))
    angles = 2 * math.pi * time[:, None].float() * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1).to(time.dtype)
