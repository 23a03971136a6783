"""Steps at the borders of the parts' crops: D puts maps of different parts side by side, which nobody should see."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

STEP, BESIDE = 1.0, 5.0  # pixels at 256: half the length of a step, and how far from the border the others are
RIM = 7  # pixels along the person's outline that do not count
POINTS = 24  # along each border of a part
GREY = (0.299, 0.587, 0.114)
FLAT = 1e-6  # determinant of a transform below which a part is missing
DELTA = 1e-3  # of a crop's side, along which a border's direction is measured


def border_ratio(pictures: Tensor, transforms: Tensor, mask: Tensor) -> Tensor:
    """Mean step of grey values across the borders of parts, in that across lines beside them, within the people: a scalar,
    1 where borders are nowhere to be seen.

    pictures: (N, 3, S, S) of any range; transforms: (N, P, 3, 3), frame to crop coordinates, both in [0, 1]; mask:
    (N, 1, S, S) in [0, 1]. Gradients reach the steps beside the borders too: a blur of everything does not help.
    """
    size = pictures.shape[-1]
    grey = (pictures.float() * torch.tensor(GREY, device=pictures.device)[:, None, None]).sum(dim=1, keepdim=True)
    inner = 1 - F.max_pool2d(1 - mask.float(), RIM, stride=1, padding=RIM // 2)
    points, normals, there = _borders(transforms.float(), size)
    lines = [_steps(grey, inner, points + away * normals, normals, there) for away in (0, -BESIDE, BESIDE)]
    sums, counts = (torch.stack(each) for each in zip(*lines, strict=True))
    near, far = sums[0] / counts[0].clamp_min(1), sums[1:].sum() / counts[1:].sum().clamp_min(1)
    return near / far.clamp_min(1e-6)


def _borders(transforms: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Points (N, B, 2) on the borders of all parts, in pixels of the frame, unit normals there, and (N, B): 0 for missing
    parts."""
    count, parts = transforms.shape[:2]
    there = torch.linalg.det(transforms).abs() > FLAT
    unit = torch.eye(3, device=transforms.device)
    back = torch.linalg.inv(torch.where(there[..., None, None], transforms, unit)).flatten(0, 1)
    corners = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], device=transforms.device)
    ways = corners.roll(-1, dims=0) - corners
    along = torch.linspace(0, 1, POINTS + 2, device=transforms.device)[1:-1, None]
    border = (corners[:, None] + along * ways[:, None]).flatten(0, 1)  # (4 * POINTS, 2)
    points = _mapped(back, border) * size
    tangents = _mapped(back, border + DELTA * ways.repeat_interleave(POINTS, dim=0)) * size - points
    normals = F.normalize(torch.stack([-tangents[..., 1], tangents[..., 0]], dim=-1), dim=-1)
    each = (count, parts * len(border), 2)
    return points.reshape(each), normals.reshape(each), there.repeat_interleave(len(border), dim=1).float()


def _mapped(matrices: Tensor, points: Tensor) -> Tensor:
    """Points (B, 2) through homographies (M, 3, 3): (M, B, 2)."""
    # No matrix product, which autocast would round to half precision.
    mapped = (matrices[:, None] * F.pad(points, (0, 1), value=1.0)[:, None]).sum(dim=-1)
    return mapped[..., :2] / mapped[..., 2:]


def _steps(grey: Tensor, inner: Tensor, points: Tensor, normals: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """The sum of the steps at points within the people, and how many there are."""
    counted = _looked_up(inner, points, "nearest") * there
    low, high = (_looked_up(grey, points + way * STEP * normals, "bilinear") for way in (-1, 1))
    return ((high - low).abs() * counted).sum(), counted.sum()


def _looked_up(picture: Tensor, points: Tensor, mode: str) -> Tensor:
    """(N, 1, S, S) at points (N, B, 2) in pixels: (N, B)."""
    grid = (2 * points / picture.shape[-1] - 1)[:, :, None]
    return F.grid_sample(picture, grid, mode=mode, align_corners=False)[:, 0, :, 0]
