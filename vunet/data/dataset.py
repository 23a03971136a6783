"""Batches of what the model reads: picture, stickman, crops, transforms, mask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from vunet.data.augment import Augmentation
from vunet.data.framed_person import Framed, face_of, hands_of, image_of, warp
from vunet.data.index import Record
from vunet.inputs.parts import OTHER_SIDE, PART_GROUPS, PART_NAMES, completed, crop_parts, hidden_parts
from vunet.inputs.tensors import part_inputs, pose_inputs, stack_crops, to_tensor
from vunet.model import VUNetConfig
from vunet.pose.skeleton import Pose

Batch = dict[str, Tensor]
# Of the joints that the crops are cut at, in fractions of the frame. D cannot know it, so it blurs what D draws by as much:
# it has to stay below a pixel.
JITTER = 0.0015
DROP = 0.04  # chance that a crop is missing, so that its other side stands in
PAIR = 0.02  # chance that it is and its other side too
HALF = 0.08  # chance that all crops below the hips are, as in half bodies
# Chance that F reads the photo as it is while D draws the person with limbs turned and frame changed. That is what a
# visitor does to a pose, and a torso's crop shows the arms that hung beside it: D has to learn to leave them out.
MOVED = 0.6
BELOW = {*PART_GROUPS["legs"], *PART_GROUPS["shoes"]}


class PreparedPeople(Dataset[Batch]):
    """People of a prepared folder, as a model of a config reads them; augment: None for people as they are."""

    def __init__(
        self, folder: Path, records: Sequence[Record], config: VUNetConfig, augment: Augmentation | None = None
    ) -> None:
        self.folder, self.records, self.config, self.augment = folder, records, config, augment

    def __len__(self) -> int:
        return len(self.records)

    def read(self, record: Record) -> Framed:
        """A person's frame, mask and pose as they were prepared."""
        rgba = np.array(Image.open(self.folder / record.file).convert("RGBA"))
        return Framed(rgba[..., :3], rgba[..., 3], record.pose)


class PeopleDataset(PreparedPeople):
    """One prepared person an item, as tensors in [-1, 1]; keys image, mask, face, hands, joints, parts, shape, transforms,
    and an integer seed; masks are in [0, 1]; joints: (15, 3), x and y in fractions of the frame, 1 for the visible.

    An item depends on its key alone, so that a resumed run sees what the unbroken one would have seen.
    """

    def __getitem__(self, key: int | tuple[int, int]) -> Batch:
        """key: the index, or (index, seed) for an augmented item."""
        index, seed = key if isinstance(key, tuple) else (key, 0)
        record = self.records[index]
        rng = np.random.default_rng([seed, index])
        source, person = self._framed(record, rng)
        return {
            **targets(person),
            "joints": torch.from_numpy(np.column_stack([person.pose.joints, person.pose.visible])).float(),
            "parts": self._parts(source, rng),
            **pose_inputs(person.pose, self.config),
            "seed": torch.tensor(seed),
        }

    def _framed(self, record: Record, rng: np.random.Generator) -> tuple[Framed, Framed]:
        """What F reads and what D draws: one person, in two poses where the augmentation says so."""
        person = self.read(record)
        if self.augment is None:
            person = warp(person, np.eye(2, 3), self.config.size)
            return person, person
        source, changed = self.augment(person, self.config.size, rng)
        return source if rng.random() < MOVED else changed, changed

    def _parts(self, source: Framed, rng: np.random.Generator) -> Tensor:
        """(3P, s, s): the crops, with a detector's errors while training."""
        pose, image = source.pose, image_of(source)
        layout, size = self.config.layout, self.config.crop_size
        if self.augment is None:
            return part_inputs(image, pose, self.config)
        crops = crop_parts(image, Pose(pose.joints + rng.normal(0, JITTER, (15, 2)), pose.visible), layout, size)
        return stack_crops(completed(crops, hidden_parts(pose, layout) | self._dropped(rng), layout))

    def _dropped(self, rng: np.random.Generator) -> np.ndarray:
        """(P,) bool: crops that are left out at random."""
        names = PART_NAMES[self.config.layout]
        pairs = rng.random(len(names)) < PAIR
        dropped = (rng.random(len(names)) < DROP) | pairs | pairs[OTHER_SIDE[: len(names)]]
        if rng.random() < HALF:
            dropped |= np.array([name in BELOW for name in names])
        return dropped


def targets(person: Framed) -> Batch:
    """What the losses compare a picture with: image (3, S, S) in [-1, 1], mask, face and hands (1, S, S) in [0, 1]."""
    size = len(person.mask)
    return {
        "image": to_tensor(image_of(person)),
        "mask": torch.from_numpy(person.mask)[None].float() / 255,
        "face": torch.from_numpy(face_of(person.pose, size))[None].float(),
        "hands": torch.from_numpy(hands_of(person.pose, size))[None].float(),
    }


class ColourfulDraw:
    """Draws people in proportion to their colourfulness to a power: black, white and denim are most of a street."""

    def __init__(self, colourfulness: np.ndarray, power: float) -> None:
        weights = (np.asarray(colourfulness, np.float64) + 8.0) ** power
        self.cumulative = np.cumsum(weights / weights.sum())

    def keys(self, count: int, seed: int) -> list[tuple[int, int]]:
        """`count` (index, seed) pairs, which depend on `seed` alone."""
        rng = np.random.default_rng(seed)
        indices = np.searchsorted(self.cumulative, rng.random(count), side="right").clip(max=len(self.cumulative) - 1)
        return [(int(i), int(s)) for i, s in zip(indices, rng.integers(0, 2**31, count), strict=True)]
