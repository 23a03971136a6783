"""Batches of what the model and the losses read, drawn where they are used: on the CPU, or on a GPU that is fed by it.

A GPU waits for pictures that CPUs draw. So they only plan, and everybody's photo can be held in its memory.
"""

from __future__ import annotations

import torch
from torch import Tensor

from vunet.data.dataset import PreparedPeople
from vunet.model import VUNetConfig
from vunet.person.augmented_people import PlanBatch, frame_tensor, on_ground, tinted, warp_people
from vunet.person.crops_gpu import crop_pictures
from vunet.person.tensors import Batch

GREY = 128 / 127.5 - 1  # of missing crops
PASSED = ("joints", "transforms", "mannequin", "facing", "seen_facing", "rotated", "texture")  # of its items


class BatchMaker:
    """Stacked items of a `PeopleDataset` to batches on a device.

    Keys image (N, 3, S, S), parts (N, 3P, s, s) in [-1, 1]; mask, face and hands (N, 1, S, S) in [0, 1]; joints (N, 15, 3),
    x and y in fractions of the frame, 1 for the visible; those of `vunet.person.tensors.condition`; seen_facing (N, P, 2),
    the side of each part that F sees; rotated (N, P), for models with a correction; texture (N,), whether it is a photo's;
    and a seed of each person.
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
        seen = tinted(moved["seen_frame"], moved["gains"]) if "seen_frame" in moved else photos
        people = warp_people(photos, PlanBatch(items, moved), self.config.size)
        image, face_and_hands = on_ground(people), self._discs(moved["discs"])
        return {
            "image": image,
            "mask": people[:, 3:],
            "face": face_and_hands[:, :1],
            "hands": face_and_hands[:, 1:].amax(dim=1, keepdim=True),
            "parts": self._parts(seen, image, items, moved),
            "shape": moved["stickman"].permute(0, 3, 1, 2) / 127.5 - 1,
            **{name: moved[name] for name in PASSED if name in moved},
            "seed": items["seed"],  # each person's generator is made on the CPU
        }

    def _discs(self, discs: Tensor) -> Tensor:
        """(N, K, 3), x, y, radius, to (N, K, S, S), 1 within."""
        line = (torch.arange(self.config.size, device=self.device) + 0.5) / self.config.size
        x, y, radius = discs[..., None, None].unbind(2)
        return ((line - x).square() + (line[:, None] - y).square() < radius.square()).float()

    def _parts(self, photos: Tensor, image: Tensor, items: Batch, moved: Batch) -> Tensor:
        """F's crops, of photos or of what was rendered; for a missing part its other side's, mirrored, or middle grey."""
        of_photo, size = items["crops_of_photo"], self.config.crop_size
        crops = image.new_empty(len(image), *items["crop_maps"].shape[1:2], 3, size, size)
        for photographed, pictures in ((True, photos), (False, image)):
            who = (of_photo == photographed).nonzero().flatten()
            if len(who):
                rows = who.to(self.device, non_blocking=True)
                source = on_ground(pictures[rows]) if photographed else pictures[rows]
                flip = moved["mirrored"][rows] if photographed else None
                crops[rows] = crop_pictures(source, moved["crop_maps"][rows], size, self.config.layout, flip)
        picked = crops.gather(1, moved["crops"][..., None, None, None].expand_as(crops))
        swapped = (moved["crops"] != torch.arange(crops.shape[1], device=self.device))[..., None, None, None]
        picked = torch.where(swapped, picked.flip(-1), picked)
        return torch.where(moved["missing_crops"][..., None, None, None], GREY, picked).flatten(1, 2)


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
