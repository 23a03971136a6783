"""How the weights of noise, KL and learning rate move over a run. Times are in images, whatever the batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Schedule:
    """Guards against the two known deaths of this model.

    Collapse: with full noise or a KL weight of 1e-5 from the start, D ignores z for ever. So z's noise grows from 0 to 1
    (until `noise_until`), and the KL weight stays tiny until then, peaks (which shapes the prior's samples), and rests.
    Divergence: the learning rate warms up, and the trainer skips outlier gradients. It falls to zero from `decay_from` to
    `end`.
    """

    rate: float = 3.5e-4
    warm_up: int = 1200
    decay_from: int = 28_800
    end: int = 48_000
    noise_until: int = 12_000
    kl_points: tuple[tuple[float, float], ...] = ((12_000, 1e-6), (21_600, 2e-5), (31_200, 1e-5))

    @classmethod
    def planned(cls, images: int) -> Schedule:
        """Stretched over a number of images."""
        usual = cls()
        share = images / usual.end
        points = tuple((time * share, weight) for time, weight in usual.kl_points)
        decay_from, noise_until = int(usual.decay_from * share), int(usual.noise_until * share)
        warm_up = min(usual.warm_up, images // 4)
        return cls(warm_up=warm_up, decay_from=decay_from, end=images, noise_until=noise_until, kl_points=points)

    @classmethod
    def continued(cls, images: int) -> Schedule:
        """For a run from weights that use z already: full noise at once, a lower rate, and a low KL weight, which lets
        the codes carry finer detail."""
        return cls(rate=1.5e-4, decay_from=int(0.4 * images), end=images, noise_until=0, kl_points=((0.0, 4e-7),))

    def noise(self, images: float) -> float:
        """Std of z's noise, 0 to 1."""
        return min(1.0, images / self.noise_until) if self.noise_until else 1.0

    def kl_weight(self, images: float) -> float:
        """Weight of the summed KL; linear in its logarithm between the points."""
        times, weights = zip(*self.kl_points, strict=True)
        with np.errstate(divide="ignore"):  # a weight of 0
            return float(np.exp(np.interp(images, times, np.log(weights))))

    def learning_rate(self, images: float, batch: int) -> float:
        """Linear warm-up, constant, then linear to zero. batch: images a step, the first of which has to move something."""
        warm = min(1.0, (images + batch) / self.warm_up) if self.warm_up else 1.0
        cool = min(1.0, (self.end - images) / max(self.end - self.decay_from, 1))
        return self.rate * warm * max(cool, 0.0)
