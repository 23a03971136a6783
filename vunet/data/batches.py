"""Batches of what the model and the losses read, drawn where they are used: on the CPU, or on a GPU that is fed by it.

A GPU waits for pictures that CPUs draw. So they only plan, and everybody's photo can be held in its memory.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from vunet.data.dataset import Batch, PreparedPeople
from vunet.data.drawing import draw_people, frame_tensor, on_ground, tinted
from vunet.model import VUNetConfig

GREY = 128 / 127.5 - 1  # of missing crops


class BatchMaker:
    """Stacked items of a `PeopleDataset` to batches on a device.

    Keys image (N, 3, S, S), shape, parts (N, 3P, s, s) in [-1, 1]; mask, face and hands (N, 1, S, S) in [0, 1]; joints
    (N, 15, 3), x and y in fractions of the frame, 1 for the visible; transforms (N, P, 3, 3); and a seed of each person.
    """

    def __init__(self, config: VUNetConfig, device: str, frames: Tensor | None = None) -> None:
        """frames: everybody's, (M, 4, F, F) uint8, on the device, for items without a frame of their own."""
        self.config, self.device = config, torch.device(device)
        self.frames = frames

    @torch.no_grad()
    def __call__(self, items: Batch) -> Batch:
        """items: on the CPU."""
        moved = {name: items[name].to(self.device, non_blocking=True) for name in items}
        frames = moved["frame"] if self.frames is None else self.frames[moved["index"]]
        photos = tinted(frames, moved["gains"])
        drawn = draw_people(photos, items, moved, self.config.size)
        image, face_and_hands = on_ground(drawn), self._discs(moved["discs"])
        return {
            "image": image,
            "mask": drawn[:, 3:],
            "face": face_and_hands[:, :1],
            "hands": face_and_hands[:, 1:].amax(dim=1, keepdim=True),
            "parts": self._parts(photos, image, items, moved),
            "shape": moved["stickman"].permute(0, 3, 1, 2) / 127.5 - 1,
            **{name: moved[name] for name in ("joints", "transforms") if name in moved},
            "seed": items["seed"],  # each person's generator is made on the CPU
        }

    def _discs(self, discs: Tensor) -> Tensor:
        """(N, K, 3), x, y, radius, to (N, K, S, S), 1 within."""
        line = (torch.arange(self.config.size, device=self.device) + 0.5) / self.config.size
        x, y, radius = discs[..., None, None].unbind(2)
        return ((line - x).square() + (line[:, None] - y).square() < radius.square()).float()

    def _parts(self, photos: Tensor, image: Tensor, items: Batch, moved: Batch) -> Tensor:
        """F's crops, of photos or of what was drawn; for a missing part its other side's, mirrored, or middle grey."""
        of_photo, size = items["crops_of_photo"], self.config.crop_size
        crops = image.new_empty(len(image), *items["crop_maps"].shape[1:2], 3, size, size)
        for photographed, pictures in ((True, photos), (False, image)):
            who = (of_photo == photographed).nonzero().flatten()
            if len(who):
                rows = who.to(self.device, non_blocking=True)
                source = on_ground(pictures[rows]) if photographed else pictures[rows]
                flip = moved["mirrored"][rows] if photographed else None
                crops[rows] = crop_pictures(source, moved["crop_maps"][rows], size, flip)
        picked = crops.gather(1, moved["crops"][..., None, None, None].expand_as(crops))
        swapped = (moved["crops"] != torch.arange(crops.shape[1], device=self.device))[..., None, None, None]
        picked = torch.where(swapped, picked.flip(-1), picked)
        return torch.where(moved["missing_crops"][..., None, None, None], GREY, picked).flatten(1, 2)


def crop_pictures(pictures: Tensor, maps: Tensor, size: int, mirrored: Tensor | None = None) -> Tensor:
    """Crops (N, P, 3, size, size) of pictures (N, 3, S, S) as `vunet.inputs.parts.crop_parts` cuts them.

    maps: (N, P, 3, 3), `crop_maps`. mirrored: (N,), 1 for pictures of which the mirror image is meant.
    """
    line = torch.arange(size, device=maps.device) / size
    y, x = torch.meshgrid(line, line, indexing="ij")
    points = torch.stack([x, y, torch.ones_like(x)], dim=-1).view(-1, 3)
    places = points @ maps.transpose(2, 3)  # (N, P, size^2, 3)
    grid = 2 * places[..., :2] / places[..., 2:] + 1 / pictures.shape[-1] - 1  # from pixels' corners, as OpenCV does
    if mirrored is not None:
        grid = grid * torch.stack([1 - 2 * mirrored, torch.ones_like(mirrored)], dim=-1)[:, None, None]
    crops = F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)  # (N, 3, P, size^2)
    return crops.transpose(1, 2).unflatten(-1, (size, size))


def frame_bytes(people: PreparedPeople) -> int:
    """What everybody's photo takes in memory."""
    return len(people) * frame_tensor(people.read(people.records[0])).numel()


def held_frames(people: PreparedPeople, device: str) -> Tensor:
    """Everybody's photo, (M, 4, F, F) uint8, on a device."""
    first = frame_tensor(people.read(people.records[0]))
    frames = torch.empty(len(people), *first.shape, dtype=torch.uint8, device=device)
    for frame, record in zip(frames, people.records, strict=True):
        frame.copy_(frame_tensor(people.read(record)))
    return frames
