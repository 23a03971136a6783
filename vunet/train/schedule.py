"""How the weights of noise, KL and learning rate move over a run. Times are fractions of the planned steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Schedule:
    """Guards against the two known deaths of this model.

    Collapse: with full noise or a KL weight of 1e-5 from the start, D ignores z for ever. So z's noise grows from 0 to 1
    (`noise_end`), and the KL weight stays tiny until then, peaks (which shapes the prior's samples), and rests lower.
    Divergence: the learning rate warms up, and the trainer skips outlier gradients.
    """

    rate: float = 3.5e-4
    warm_up_steps: int = 150
    decay_start: float = 0.6
    noise_end: float = 0.25
    kl_points: tuple[tuple[float, float], ...] = ((0.25, 1e-6), (0.45, 2e-5), (0.65, 1e-5))

    @classmethod
    def continued(cls) -> Schedule:
        """For a run from weights that use z already: full noise at once, a lower rate, and a low KL weight, which lets
        the codes carry finer detail."""
        return cls(rate=1.5e-4, decay_start=0.4, noise_end=0.0, kl_points=((0.0, 4e-7),))

    def noise(self, progress: float) -> float:
        """Standard deviation of z's noise, 0 to 1."""
        return min(1.0, progress / self.noise_end) if self.noise_end else 1.0

    def kl_weight(self, progress: float) -> float:
        """Weight of the summed KL; linear in its logarithm between the points."""
        times, weights = zip(*self.kl_points, strict=True)
        with np.errstate(divide="ignore"):  # a weight of 0
            return float(np.exp(np.interp(progress, times, np.log(weights))))

    def learning_rate(self, step: int, progress: float) -> float:
        """Linear warm-up, constant, then linear to zero."""
        warm = min(1.0, (step + 1) / self.warm_up_steps)
        cool = min(1.0, (1 - progress) / (1 - self.decay_start))
        return self.rate * warm * max(cool, 0.0)
