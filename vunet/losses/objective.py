"""The objective: the negative ELBO with a perceptual likelihood, plus terms that keep colour alive."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from vunet.losses.perceptual import PerceptualLoss
from vunet.model.latent import Gaussian, kl_divergence


@dataclass(frozen=True)
class LossWeights:
    """Weights of the terms. background: weight of a pixel beside the person, where the person's own have 1.

    gram: 0 in a first round; the authors add Gram terms in a second one, "for optimal quality". adversarial: norm of the
    adversarial gradient at the pictures, relative to the other terms; the keypoint loss beside it has half of that. anchor:
    squared distance of a photo's codes from those of the checkpoint that a run starts from, relative to their variance: the
    prior that was trained on these stays valid.
    """

    pixel: float = 3.0
    chroma: float = 10.0
    structure: float = 1.0
    perceptual: float = 1.2
    gram: float = 0.0
    adversarial: float = 0.0
    background: float = 0.25
    anchor: float = 0.0


def objective(
    output: Tensor,
    batch: dict[str, Tensor],
    posteriors: list[Gaussian],
    priors: list[Gaussian],
    weights: LossWeights,
    kl_weight: float,
    perceptual: PerceptualLoss | None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss and its terms, unweighted: those that `LossWeights` names, and kl_0, kl_1, ... of each latent scale."""
    output, target = output.float(), batch["image"]
    importance = _importance(batch["mask"], batch["face"] + batch["hands"], weights.background)
    terms = {
        "pixel": _weighted_l1(output, target, importance),
        "chroma": _weighted_l1(chroma(output), chroma(target), importance),
        "structure": weighted_mean(structure(output, target), importance),
    }
    if perceptual is not None:
        terms |= perceptual(output, target, batch.get("texture"))
    weighted = [(getattr(weights, name), value) for name, value in terms.items()]
    loss = sum((weight * value for weight, value in weighted if weight), torch.zeros(()))
    for i, (q, p) in enumerate(zip(posteriors, priors, strict=True)):
        terms[f"kl_{i}"] = kl_divergence(q, p).mean()
        loss = loss + kl_weight * terms[f"kl_{i}"]
    return loss, {name: value.detach() for name, value in terms.items()}


SMALL_WEIGHT = 3.0  # beside a pixel's own: faces and hands are small, and looked at first
EDGE, EDGE_WEIGHT = 3, 2.0  # pixels; zero padding draws a line along the frame's edge, few enough to be ignored otherwise


def _importance(mask: Tensor, small: Tensor, background: float) -> Tensor:
    """(N, 1, S, S): 1 on the person, less beside it, more on small parts and along the frame's edge."""
    inner = (background + (1 - background) * mask + SMALL_WEIGHT * small)[..., EDGE:-EDGE, EDGE:-EDGE]
    return F.pad(inner, [EDGE] * 4, value=EDGE_WEIGHT)


def chroma(image: Tensor) -> Tensor:
    """(N, 3, S, S) to (N, 2, S, S): R - G and B - G. Street clothes are mostly grey, and L1 on RGB lets colour die."""
    return image[:, [0, 2]] - image[:, 1:2]


WINDOW = 7  # pixels
FLAT = 0.03**2 * 4  # keeps plain surfaces from counting: SSIM's second constant, for a range of 2


def structure(output: Tensor, target: Tensor) -> Tensor:
    """(N, 3, S, S) to (N, 1, S, S): 1 minus the contrast and structure term of SSIM on grey values, from 0 to 2.

    Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment", 2004, equation 10. A blur has too little contrast, which
    an L1 distance hardly minds.
    """
    a, b = output.mean(dim=1, keepdim=True), target.mean(dim=1, keepdim=True)
    mean_a, mean_b = _local_mean(a), _local_mean(b)
    both = _local_mean(a * a + b * b) - mean_a * mean_a - mean_b * mean_b
    shared = _local_mean(a * b) - mean_a * mean_b
    return 1 - (2 * shared + FLAT) / (both + FLAT)


def _local_mean(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, WINDOW, stride=1, padding=WINDOW // 2, count_include_pad=False)


def _weighted_l1(a: Tensor, b: Tensor, weight: Tensor) -> Tensor:
    return weighted_mean((a - b).abs().mean(dim=1, keepdim=True), weight)


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Both (N, 1, H, W): the mean over each picture, then over the pictures, so that none depends on its company."""
    return ((values * weight).sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3)).clamp_min(1e-6)).mean()
