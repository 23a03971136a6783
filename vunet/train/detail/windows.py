"""What the detail network is trained on: windows of people at twice D's size, and what D needs to draw them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vunet.data.dataset import JITTER, MOVED, Batch, PreparedPeople, targets
from vunet.data.drawing import drawn_person
from vunet.data.framed_person import Framed, face_of, hands_of, image_of, warp
from vunet.data.index import Record
from vunet.data.plan import Plan
from vunet.inputs.copies import copies_in_pose, detail_crops, no_copies
from vunet.inputs.tensors import part_inputs, pose_inputs
from vunet.pose.skeleton import Pose

WINDOW = 192  # pixels of twice D's size
STEP = 8  # windows begin at multiples of it, so that all of the network's resolutions agree
FACES, HANDS = 0.5, 0.25  # chances that the second window is about a face, or about hands
WITHOUT = 0.5  # chance that c is left out: z alone has to carry everything
PART_WITHOUT = 0.08  # chance that one part's copy is
PER_PERSON = 2


class WindowDataset(PreparedPeople):
    """One person an item, and `PER_PERSON` windows of her.

    Keys parts, shape, transforms as `PeopleDataset` has them; corners (W, 2), top and left of each window; and with a
    leading axis of windows: image, mask, face, hands, and copies (W, P, 4, w, w) uint8. An item depends on its key alone.
    """

    def __getitem__(self, key: tuple[int, int]) -> Batch:
        """key: (index, seed)."""
        record, rng = self.records[key[0]], np.random.default_rng(list(key)[::-1])
        source, person = self._framed(record, rng)
        small = warp(source, np.eye(2, 3), self.config.size)
        corners = self._corners(person, rng)
        whole = {
            **targets(person),
            "copies": torch.from_numpy(self._copies(source, person.pose, rng).transpose(0, 3, 1, 2)),
        }
        return {
            "parts": part_inputs(image_of(small), small.pose, self.config),
            **pose_inputs(person.pose, self.config),
            "corners": torch.tensor(corners),
            **{name: windows(value, corners) for name, value in whole.items()},
        }

    def _framed(self, record: Record, rng: np.random.Generator) -> tuple[Framed, Framed]:
        """What F and c are read from, and what D draws, both at twice D's size."""
        person, size = self.read(record), self.config.best_size
        if self.augment is None:
            person = warp(person, np.eye(2, 3), size)
            return person, person
        plan = self.augment(person.pose, lambda: person, rng)
        changed = drawn_person(person, plan, size)
        photographed = Plan.of(person.pose, plan.mirrored, plan.gains)
        moved = rng.random() < MOVED and person.pose.usable()
        return (drawn_person(person, photographed, size) if moved else changed), changed

    def _copies(self, source: Framed, pose: Pose, rng: np.random.Generator) -> np.ndarray:
        size, parts = self.config.best_size, self.config.parts
        if self.augment is not None and rng.random() < WITHOUT:
            return no_copies(parts, size)
        noise = rng.normal(0, JITTER, (15, 2)) if self.augment is not None else 0.0
        seen = Pose(source.pose.joints + noise, source.pose.visible)
        crops = detail_crops(source.frame, source.mask, seen, self.config.detail_crop)
        if self.augment is not None:
            crops[rng.random(parts) < PART_WITHOUT] = 0
        return copies_in_pose(crops, pose, size)

    def _corners(self, person: Framed, rng: np.random.Generator) -> list[tuple[int, int]]:
        """Of a window about any pixel of the person, and of one about the face, a hand, or any pixel again."""
        size = self.config.best_size
        chance = rng.random()
        small = face_of(person.pose, size) if chance < FACES else hands_of(person.pose, size)
        chosen = small if chance < FACES + HANDS and small.any() else person.mask
        return [_corner(about, size, rng) for about in (person.mask, chosen)]


def _corner(about: np.ndarray, size: int, rng: np.random.Generator) -> tuple[int, int]:
    rows, columns = np.nonzero(about > 127) if about.max() > 1 else np.nonzero(about)
    if not len(rows):
        rows, columns = np.array([size // 2]), np.array([size // 2])
    i = rng.integers(len(rows))
    shift = rng.integers(-WINDOW // 4, WINDOW // 4 + 1, 2)
    corner = np.array([rows[i], columns[i]]) + shift - WINDOW // 2
    top, left = (np.clip(corner, 0, size - WINDOW) // STEP * STEP).tolist()
    return int(top), int(left)


def windows(value: Tensor, corners: Sequence[Sequence[int]], scale: int = 1) -> Tensor:
    """(W, ..., w, w) of a (..., S, S); corners and side in pixels of twice D's size, `scale` of which are one of these."""
    side = WINDOW // scale
    cuts = [(int(top) // scale, int(left) // scale) for top, left in corners]
    return torch.stack([value[..., top : top + side, left : left + side] for top, left in cuts])
