"""Renders planned changes of people (`vunet.person.augmentation_plan`), whole batches at once, on the CPU or on a GPU.

Each pixel of the new picture is looked up in the photo, once for the body and once for each segment of a turned limb: what
was resampled twice would be blurred. The plans stay on the CPU until it is clear who has which limb turned, so that a GPU
never has to be asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur

from vunet.person.augmentation_plan import WarpPlan
from vunet.person.framing import Person
from vunet.person.ground import BACKGROUND
from vunet.person.resampling import BLUR, SHRINKS
from vunet.person.tensors import to_image
from vunet.pose.geometry import beyond_edges, to_segment

SOFT = 0.004  # half the width of a cut-out's soft edge, in frames
MARGIN = 0.006  # by which what a limb leaves behind is larger than the limb, in frames
SHREDS = 4.0  # radii around a limb's bone that are left out with it where nothing else is nearer: sleeves
TORSO_UNIT = 0.2  # of a torso's longer side: what counts as one radius outside of it
GROUND = BACKGROUND / 127.5 - 1
FAR = 99.0  # a distance beyond all others

Points = tuple[Tensor, Tensor]  # x and y


@dataclass(frozen=True)
class PlanBatch:
    """`WarpPlan.tensors`, stacked: on the CPU, where it is decided what to render, and on the device that renders."""

    cpu: dict[str, Tensor]
    device: dict[str, Tensor]

    def who(self, name: str) -> Tensor:
        """Rows in which a flag (N,) is set, on the CPU."""
        return (self.cpu[name] > 0).nonzero().flatten()


def warp_people(photos: Tensor, plans: PlanBatch, size: int) -> Tensor:
    """People as planned: (N, 4, size, size), colours in [-1, 1] and opacity in [0, 1].

    photos: (N, 4, F, F), `tinted`, on the device that renders.
    """
    there, turned = plans.device, plans.cpu["turned"]
    slots = [turned[:, slot].nonzero().flatten() for slot in range(turned.shape[1])]
    atlas = _stacked(_without_aliasing(photos, plans.cpu["to_body"], size))
    everybody, middles = torch.arange(len(photos), device=photos.device), _middles(size, photos.device)
    body = _mapped(there["to_body"], *middles)
    picture = _looked_up(atlas, everybody, *body, there)
    _lay_hair(picture, body, there, plans.who("has_hair").to(photos.device, non_blocking=True))
    if any(len(who) for who in slots):
        half = _mapped(there["to_body"], *_middles(size // 2, photos.device))
        picture[:, 3:] *= 1 - F.interpolate(_left_behind(*half, there)[:, None], size=(size, size), mode="bilinear")
    for slot, who in enumerate(slots):
        if len(who):
            box = _box(plans.cpu["boxes"][who, slot], size)
            _lay_segment(picture, atlas, there, slot, who.to(photos.device, non_blocking=True), *box)
    return picture


def tinted(frames: Tensor, gains: Tensor) -> Tensor:
    """Photos (N, 4, F, F) uint8 as numbers, colours in [-1, 1] and opacity in [0, 1]; gains: of the colours, (N, 3)."""
    colours, opacity = frames.float().split([3, 1], dim=1)
    return torch.cat([_coloured(colours, gains), opacity / 255], dim=1)


def on_ground(picture: Tensor) -> Tensor:
    """(N, 4, S, S) to (N, 3, S, S): people on the plain ground."""
    colours, opacity = picture.split([3, 1], dim=1)
    return GROUND + opacity * (colours - GROUND)


def warped_person(photo: Person, plan: WarpPlan, size: int) -> Person:
    """One person as planned. photo: as it was taken."""
    stacked = {name: value[None] for name, value in plan.tensors().items()}
    picture = warp_people(tinted(frame_tensor(photo)[None], stacked["gains"]), PlanBatch(stacked, stacked), size)[0]
    mask = (picture[3] * 255).round().byte().numpy()
    return replace(photo, backdrop=to_image(picture[:3]), mask=mask, pose=plan.pose)


def frame_tensor(photo: Person) -> Tensor:
    """(4, F, F) uint8, RGB and opacity."""
    return torch.from_numpy(np.concatenate([photo.backdrop.transpose(2, 0, 1), photo.mask[None]]))


def _coloured(colours: Tensor, gains: Tensor) -> Tensor:
    return (colours * gains[..., None, None]).clamp(max=255) / 127.5 - 1


def _without_aliasing(photos: Tensor, to_body: Tensor, size: int) -> Tensor:
    """Blurred where they are to be shrunk much, as `vunet.person.resampling.without_aliasing` does."""
    shrinks = (to_body[..., :2].det().abs().sqrt() * photos.shape[-1] / size).tolist()
    small = [i for i, shrink in enumerate(shrinks) if shrink > SHRINKS]
    blurred = photos.clone() if small else photos
    for i in small:
        sigma = BLUR * shrinks[i]
        blurred[i] = gaussian_blur(photos[i], 2 * math.ceil(3 * sigma) + 1, sigma)
    return blurred


def _stacked(photos: Tensor) -> Tensor:
    """(N, 4, F, F) to (1, 4, N * F, F), one below the other, so that no photo has to be copied to be looked at again."""
    return photos.transpose(0, 1).flatten(1, 2)[None]


def _middles(size: int, device: torch.device) -> Points:
    """x (1, 1, size) and y (1, size, 1) of the pixels' middles, in fractions of the frame."""
    line = (torch.arange(size, device=device) + 0.5) / size
    return line[None, None], line[None, :, None]


def _mapped(matrices: Tensor, x: Tensor, y: Tensor) -> Points:
    """Affine maps (N, 2, 3) of points: x and y, (N, S, S) each."""
    m = matrices[..., None, None]
    return m[:, 0, 0] * x + m[:, 0, 1] * y + m[:, 0, 2], m[:, 1, 0] * x + m[:, 1, 1] * y + m[:, 1, 2]


def _looked_up(atlas: Tensor, who: Tensor, x: Tensor, y: Tensor, on: dict[str, Tensor]) -> Tensor:
    """What some people's photos have at places (M, S, S) of the body's frame, (M, 4, S, S); nothing outside of them.

    atlas: `_stacked`. who: (M,), their rows in it and in `on`.
    """
    lowered, neck, hips = (each[:, None, None] for each in on["bend"][who].unbind(1))
    stretched = hips - (hips - y) * ((hips - neck) / (hips - lowered))  # where no back is shortened, neck is lowered
    y = torch.where(y > hips, y, torch.where(y > lowered, stretched, y - (lowered - neck)))
    side, count = atlas.shape[-1], atlas.shape[-2] // atlas.shape[-1]
    inside = ((x - 0.5).abs() <= 0.5) & ((y - 0.5).abs() <= 0.5)
    across = (2 * x - 1) * (1 - 2 * on["mirrored"][who])[:, None, None]
    rows = (y.clamp(0.5 / side, 1 - 0.5 / side) + who[:, None, None]) * (2 / count) - 1
    grid = torch.stack([across, rows], dim=-1).flatten(0, 1)[None]
    found = F.grid_sample(atlas, grid, padding_mode="border", align_corners=False)[0]
    found = found.unflatten(1, (len(who), -1)).transpose(0, 1)
    return torch.cat([found[:, :3], found[:, 3:] * inside[:, None]], dim=1)


def _lay_hair(picture: Tensor, body: Points, on: dict[str, Tensor], who: Tensor) -> None:
    """Covers the faces of those who are seen from behind."""
    if len(who):
        x, y = _mapped(on["to_hair"][who], body[0][who], body[1][who])
        hair = F.grid_sample(on["hair"][who].float(), 2 * torch.stack([x, y], dim=-1) - 1, align_corners=False)
        colours = _coloured(hair[:, :3], on["gains"][who])
        picture[who, :3] = picture[who, :3].lerp(colours, hair[:, 3:] / 255)


def _box(boxes: Tensor, size: int) -> tuple[Tensor, int]:
    """Left and top (N, 2) in pixels of squares that hold boxes (N, 4), and their common side."""
    low, high = (boxes[:, :2] * size).floor().long(), (boxes[:, 2:] * size).ceil().long()
    side = int((high - low).max().clamp(1, size))
    return low.clamp(max=size - side), side


def _lay_segment(
    picture: Tensor, atlas: Tensor, on: dict[str, Tensor], slot: int, who: Tensor, corners: Tensor, side: int
) -> None:
    """Lays one segment of some people's limbs, turned, over their pictures, in squares of these."""
    line = torch.arange(side, device=picture.device)
    columns, rows = ((corners[:, i, None].to(picture.device, non_blocking=True) + line) for i in (0, 1))
    middles = ((columns + 0.5) / picture.shape[-1])[:, None], ((rows + 0.5) / picture.shape[-1])[:, :, None]
    x, y = _mapped(on["turns"][who, slot], *_mapped(on["to_body"][who], *middles))
    segment = on["segments"][who, slot]
    inside = ((segment[:, 4, None, None] - _to_line(x, y, segment)) / (2 * SOFT) + 0.5).clamp(0, 1)
    found = _looked_up(atlas, who, x, y, on)
    square = who[:, None, None], slice(None), rows[:, :, None], columns[:, None]
    below = picture[square].permute(0, 3, 1, 2)
    opacity = found[:, 3:] * inside[:, None]
    laid = torch.cat([below[:, :3].lerp(found[:, :3], opacity), torch.maximum(below[:, 3:], opacity)], dim=1)
    picture[square] = laid.permute(0, 2, 3, 1)


def _left_behind(x: Tensor, y: Tensor, on: dict[str, Tensor]) -> Tensor:
    """(N, S, S) in [0, 1]: where turned limbs were, unless torso, head or another limb is there.

    Beyond a limb's own width goes what is nearer to its bone than to anything else, in radii.
    """
    gone, kept = torch.full_like(x, FAR), torch.minimum(_to_torso(x, y, on), _to_head(x, y, on))
    for slot in range(on["turned"].shape[1]):
        segment = on["segments"][:, slot]
        away = _to_line(x, y, segment) / (segment[:, 4, None, None] + MARGIN)
        away = torch.where(on["has_segment"][:, slot, None, None] > 0, away, FAR)
        mine = on["turned"][:, slot, None, None] > 0
        gone = torch.minimum(gone, torch.where(mine, away, FAR))
        kept = torch.minimum(kept, torch.where(mine, FAR, away))
    nearer = torch.minimum(torch.minimum(SHREDS - gone, kept - 1), torch.maximum(kept, torch.ones_like(kept)) - gone)
    return (nearer * 8 + 0.5).clamp(0, 1)


def _to_line(x: Tensor, y: Tensor, segments: Tensor) -> Tensor:
    """Distances (N, S, S) of points to segments (N, 5)."""
    return to_segment(x, y, *(end[:, None, None] for end in segments[:, :4].unbind(1)))


def _to_torso(x: Tensor, y: Tensor, on: dict[str, Tensor]) -> Tensor:
    """Below 1 inside, above 1 outside of the torso's outline, more by one with a fifth of its size."""
    corners = [(corner[:, 0, None, None], corner[:, 1, None, None]) for corner in on["torso"].unbind(1)]
    outside = reduce(torch.maximum, beyond_edges(x, y, corners))
    longest = (on["torso"].roll(-1, dims=1) - on["torso"]).norm(dim=-1).amax(-1).clamp_min(1e-3)
    distance = 1 + outside / (TORSO_UNIT * longest[:, None, None])
    return torch.where(on["has_torso"][:, None, None] > 0, distance, FAR)


def _to_head(x: Tensor, y: Tensor, on: dict[str, Tensor]) -> Tensor:
    """Distances from the nose in a head's size."""
    nose_x, nose_y, radius = on["head"][..., None, None].unbind(1)
    distance = torch.hypot(x - nose_x, y - nose_y) / radius.clamp_min(1e-3)
    return torch.where(on["has_head"][:, None, None] > 0, distance, FAR)
