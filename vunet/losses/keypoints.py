"""The keypoint loss: a head learns on photos where joints are seen, and D learns to draw them where the stickman has them.

No distance to a photo exists for a person drawn in another's pose. What the head finds there bounds the information that
the picture holds about its stickman: Chen and others, "InfoGAN", NeurIPS 2016, equation 5, with ŷ for the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LAST = 3  # of the fixed network's scales, the ones read: a quarter of the picture's side down to a sixteenth
WIDTH, GROUPS = 64, 8
BLUR = 1.0  # std of a joint's heat map, in its cells


class KeypointHead(nn.Module):
    """Features of a fixed network, fine to coarse -> logits of each joint's place, (N, J, H/4, W/4)."""

    def __init__(self, channels: Sequence[int], joints: int) -> None:
        super().__init__()
        self.enter: Any = nn.ModuleList(nn.Conv2d(c, WIDTH, 1) for c in channels[-LAST:])
        self.mix: Any = nn.ModuleList(self._mix() for _ in channels[-LAST:])
        self.out = nn.Conv2d(WIDTH, joints, 1)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """features: a list of maps (N, C, h, w), the last of which are read."""
        h: Tensor | None = None
        for enter, mix, each in reversed(list(zip(self.enter, self.mix, features[-LAST:], strict=True))):
            entered = enter(each)
            h = mix(entered if h is None else entered + F.interpolate(h, size=entered.shape[-2:], mode="bilinear"))
        return self.out(h)

    @staticmethod
    def _mix() -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(WIDTH, WIDTH, 3, padding=1), nn.GroupNorm(GROUPS, WIDTH), nn.LeakyReLU(0.2))


def keypoint_loss(logits: Tensor, joints: Tensor) -> Tensor:
    """How far what is read is from the joints: KL(where they are || where they are seen), in nats, a scalar.

    logits: (N, J, h, w). joints: (N, J, 3): x, y in places of the map, and 1 for those that are there; what lies outside of
    the map does not count.
    """
    h, w = logits.shape[-2:]
    across, down = (_around(joints[..., axis], size) for axis, size in ((0, w), (1, h)))
    where = (down.unsqueeze(-1) * across.unsqueeze(-2)).flatten(2)  # (N, J, hw)
    seen = logits.float().flatten(2).log_softmax(dim=2)
    inside = (joints[..., 2] > 0) & (joints[..., :2] > 0).all(-1) & (joints[..., 0] < w) & (joints[..., 1] < h)
    distance = (torch.special.xlogy(where, where) - where * seen).sum(dim=2)
    return ((distance * inside).sum(dim=1) / inside.sum(dim=1).clamp_min(1)).mean()


def _around(centre: Tensor, size: int) -> Tensor:
    """(N, J) to (N, J, size): a normalised Gaussian along one axis; the centre of the first place is at 0.5."""
    place = torch.arange(size, device=centre.device) + 0.5
    return (-0.5 * ((place - centre.unsqueeze(-1)) / BLUR).square()).softmax(dim=-1)


def to_map_coordinates(joints: Tensor, window: tuple[Any, ...], size: int, shape: Sequence[int]) -> Tensor:
    """Joints (N, J, 3) in fractions of a frame of `size` pixels -> in places of a map (h, w) of its window's."""
    rows, columns = window[-2:]
    corner = joints.new_tensor([columns.start, rows.start])
    pixels = joints.new_tensor([columns.stop - columns.start, rows.stop - rows.start])
    places = (joints[..., :2] * size - corner) / pixels * joints.new_tensor([shape[1], shape[0]])
    return torch.cat([places, joints[..., 2:]], dim=-1)
