"""How unlike two sets of pictures are, by features of a network that no loss is trained on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import torch
from torch import Tensor

from vunet.losses.perceptual import EfficientNetFeatures


@torch.no_grad()
def summaries(pictures: Iterable[Tensor]) -> np.ndarray:
    """Of pictures (3, S, S) in [-1, 1]: mean and standard deviation of each feature on the two coarsest scales, (N, D)."""
    rows = []
    for picture in pictures:
        maps = [features[0].flatten(1) for features in judging_features()(picture[None])[-2:]]
        rows.append(torch.cat([torch.cat(torch.std_mean(each, dim=1)) for each in maps]))
    return torch.stack(rows).double().numpy()


@cache
def judging_features() -> EfficientNetFeatures:
    """EfficientNet-Lite2, on the CPU."""
    return EfficientNetFeatures(version=2).eval().requires_grad_(False)


def kernel_distance(features: np.ndarray, real: np.ndarray) -> float:
    """How unlike two sets of features (N, D) and (M, D) are, in standard deviations of the real ones: 0 on average for two
    sets of one kind, and as often a little less.

    Squared maximum mean discrepancy with a cubic kernel, without bias: Binkowski and others, "Demystifying MMD GANs",
    ICLR 2018. It grows steeply: a shift of one standard deviation in all features gives some 7, one of four some thousands.
    """
    mean, std = real.mean(axis=0), real.std(axis=0) + 1e-6
    a, b = (features - mean) / std, (real - mean) / std
    own = [_kernel(x, x)[~np.eye(len(x), dtype=bool)].mean() for x in (a, b)]
    return float(sum(own) - 2 * _kernel(a, b).mean())


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a @ b.T / a.shape[1] + 1) ** 3
