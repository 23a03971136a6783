"""The discriminator of the last rounds of training: it learns to tell photos from pictures, D learns to pass.

Distances in pixels and features are least for the mean of all that a code may stand for, and a mean is a blur. Isola and
others, "Image-to-Image Translation with Conditional Adversarial Networks", CVPR 2017 (patches); Sauer and others,
"Projected GANs Converge Faster", NeurIPS 2021 (features of a fixed network, which few photos cannot teach); Miyato and
others, "Spectral Normalization", ICLR 2018, with the hinge loss. The paper has none; it is used
where `train --adversarial` asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from vunet.losses.keypoints import KeypointHead

WIDTHS = (32, 64, 128, 128)  # channels at a half, a quarter, ... of the picture's side; a score sees 78 pixels


class PatchDiscriminator(nn.Module):
    """Pictures with their stickmen -> a score for each patch: high for photos."""

    def __init__(self) -> None:
        super().__init__()
        entries = (6, *WIDTHS)
        steps = [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in zip(entries, WIDTHS, strict=False)]
        self.steps = nn.ModuleList(spectral_norm(step) for step in steps)
        self.score = spectral_norm(nn.Conv2d(WIDTHS[-1], 1, 3, padding=1))

    def forward(self, image: Tensor, shape: Tensor) -> Tensor:
        """(N, 3, S, S) twice, in [-1, 1] -> (N, 1, S/16, S/16)."""
        h = torch.cat([image, shape], dim=1).contiguous(memory_format=torch.channels_last)
        for step in self.steps:
            h = F.leaky_relu(step(h), 0.2)
        return self.score(h)


class FeatureDiscriminator(nn.Module):
    """Features of a fixed network at each of its scales -> a score for each place."""

    WIDTH = 64

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(self._head(each) for each in channels)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Maps (N, C, H, W), one for each head -> (N, 1, h, w) for each."""
        return [head(each) for head, each in zip(self.heads, features, strict=True)]

    def _head(self, channels: int) -> nn.Sequential:
        return nn.Sequential(
            spectral_norm(nn.Conv2d(channels, self.WIDTH, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(self.WIDTH, self.WIDTH, 3, padding=1)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(self.WIDTH, 1, 1)),
        )


class Discriminator(nn.Module):
    """Scores patches of the picture beside its stickman and, where there is a fixed network, its features.

    A keypoint head reads joints from the same features (`vunet.losses.keypoints`).
    """

    def __init__(self, features: nn.Module | None = None, joints: int = 15) -> None:
        """features: pictures (N, 3, H, W) to a list of maps; neither trained here nor saved. joints: how many keypoints."""
        super().__init__()
        self.patches = PatchDiscriminator()
        self.fixed = (features,)
        channels = _channels(features) if features else []
        self.features: Any = FeatureDiscriminator(channels) if features else None
        self.keypoints: Any = KeypointHead(channels, joints) if features else None

    def forward(self, image: Tensor, shape: Tensor, read: int | None = None) -> tuple[list[Tensor], Tensor | None]:
        """(N, 3, H, W) twice, in [-1, 1] -> scores, (N, 1, h, w) each; keypoint logits of all, or the first `read`."""
        scores = [self.patches(image, shape)]
        if self.fixed[0] is None:
            return scores, None
        features = self.fixed[0](image)
        return scores + self.features(features), self.keypoints([each[:read] for each in features])


def _channels(features: nn.Module) -> list[int]:
    place = next(features.parameters()).device
    with torch.no_grad():
        return [each.shape[1] for each in features(torch.zeros(1, 3, 64, 64, device=place))]
