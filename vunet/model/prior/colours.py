"""Colours of samples: what a latent w will look like, read by a line, and w with the colours that are asked for."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

NUMBERS = 15  # L, a and b of five places (`vunet.person.part_colours.PLACES`)
RIDGE = 0.05  # of the regression, relative to the variance of whitened w, which is 1
FIRM = 0.3  # how far a colour may be off what was asked for, relative to the line's own error


class AskedColours(NamedTuple):
    """Linear equations that colours have to meet: equations (Q, NUMBERS), values (Q,)."""

    equations: Tensor
    values: Tensor


class ColourReading(nn.Module):
    """colours = slope u + offset + noise, u being whitened w (`LatentFlow`)."""

    def __init__(self, numbers: int) -> None:
        """numbers: length of w."""
        super().__init__()
        self.register_buffer("slope", torch.zeros(NUMBERS, numbers))
        self.register_buffer("offset", torch.zeros(NUMBERS))
        self.register_buffer("spread", torch.ones(NUMBERS))  # standard deviation of the noise

    def fit(self, u: Tensor, colours: Tensor) -> None:
        """Ridge regression of the colours (N, NUMBERS) that were seen in pictures of u (N, K)."""
        centre_u, centre = u.mean(dim=0), colours.mean(dim=0)
        x, y = u - centre_u, colours - centre
        penalty = RIDGE * len(u) * torch.eye(u.shape[1], dtype=u.dtype, device=u.device)
        slope = torch.linalg.solve(x.T @ x + penalty, x.T @ y).T
        self.get_buffer("slope").copy_(slope)
        self.get_buffer("offset").copy_(centre - slope @ centre_u)
        self.get_buffer("spread").copy_((y - x @ slope.T).std(dim=0))

    def forward(self, u: Tensor) -> Tensor:
        """(N, K) to (N, NUMBERS)."""
        return u @ self.get_buffer("slope").T + self.get_buffer("offset")

    def moved(self, u: Tensor, asked: AskedColours) -> Tensor:
        """Samples u ~ N(0, I) (N, K), moved to where their colours meet the equations.

        Matheron's rule: a sample given observations is a sample plus what the observations correct of it. Journel and
        Huijbregts, "Mining Geostatistics", 1978; Wilson and others, "Pathwise Conditioning of Gaussian Processes", 2021.
        """
        across = asked.equations @ self.get_buffer("slope")  # (Q, K)
        noise = asked.equations.square() @ (FIRM * self.get_buffer("spread")).square()
        missing = asked.values - self(u) @ asked.equations.T  # (N, Q)
        return u + torch.linalg.solve(across @ across.T + noise.diag(), missing.T).T @ across
