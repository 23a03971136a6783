"""People of a prepared folder, one an item, and who is drawn how often."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from vunet.data.augment import Augmentation
from vunet.data.drawing import frame_tensor
from vunet.data.framed_person import Framed, face_disc, face_of, hand_discs, hands_of, image_of
from vunet.data.index import Record
from vunet.data.plan import Plan
from vunet.inputs.parts import OTHER_SIDE, PART_GROUPS, PART_NAMES, crop_maps, hidden_parts, part_transforms, stand_ins
from vunet.inputs.tensors import to_tensor
from vunet.model import VUNetConfig
from vunet.pose.skeleton import Pose
from vunet.pose.stickman import draw_stickman

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
    """One prepared person an item, as what `vunet.data.batches.BatchMaker` draws a batch from.

    An item depends on its key alone, so that a resumed run sees what the unbroken one would have seen. with_frames: whether
    items hold the photo; a batch maker that holds everybody's does without.
    """

    with_frames = True

    def __getitem__(self, key: int | tuple[int, int]) -> Batch:
        """key: the index, or (index, seed) for an augmented item."""
        index, seed = key if isinstance(key, tuple) else (key, 0)
        record = self.records[index]
        rng = np.random.default_rng([seed, index])
        photo = cache(lambda: self.read(record))
        plan = self.augment(record.pose, photo, rng) if self.augment else Plan.of(record.pose)
        frame = {"frame": frame_tensor(photo())} if self.with_frames else {}
        return (
            frame
            | plan.tensors()
            | self._crops(plan, record.pose, rng)
            | {
                "joints": torch.from_numpy(np.column_stack([plan.pose.joints, plan.pose.visible])).float(),
                "discs": torch.from_numpy(np.stack([face_disc(plan.pose), *hand_discs(plan.pose)])).float(),
                "seed": torch.tensor(seed),
                "index": torch.tensor(index),
            }
            | drawn_inputs(plan.pose, self.config)
        )

    def _crops(self, plan: Plan, pose: Pose, rng: np.random.Generator) -> Batch:
        """Where F's crops are, with a detector's errors while training: in the photo, or in what is drawn of it."""
        layout = self.config.layout
        moved = self.augment is not None and rng.random() < MOVED
        pose = (pose.mirrored() if plan.mirrored else pose) if moved else plan.pose
        hidden = hidden_parts(pose, layout)
        if self.augment is not None:
            pose = Pose(pose.joints + rng.normal(0, JITTER, (15, 2)), pose.visible)
            hidden |= self._dropped(rng)
        chosen, missing = stand_ins(hidden, layout)
        return {
            "crops_of_photo": torch.tensor(moved),
            "crop_maps": torch.from_numpy(crop_maps(pose, layout, self.config.size)),
            "crops": torch.from_numpy(chosen),
            "missing_crops": torch.from_numpy(missing),
        }

    def _dropped(self, rng: np.random.Generator) -> np.ndarray:
        """(P,) bool: crops that are left out at random."""
        names = PART_NAMES[self.config.layout]
        pairs = rng.random(len(names)) < PAIR
        dropped = (rng.random(len(names)) < DROP) | pairs | pairs[OTHER_SIDE[: len(names)]]
        if rng.random() < HALF:
            dropped |= np.array([name in BELOW for name in names])
        return dropped


def drawn_inputs(pose: Pose, config: VUNetConfig) -> Batch:
    """What the model reads of a pose: `stickman` (S, S, 3) uint8, and `transforms` as `pose_inputs` has them."""
    stickman = {"stickman": torch.from_numpy(draw_stickman(pose, config.size, config.smooth_shape))}
    if not config.part_channels:
        return stickman
    return stickman | {"transforms": torch.from_numpy(part_transforms(pose, config.layout))}


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
