"""People of prepared folders, one an item: photos of somebody, and pairs of pictures of the same person."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from vunet.data.augment import Augmentation
from vunet.data.index import Record, encoded_frame
from vunet.model import VUNetConfig
from vunet.person.augmentation_plan import WarpPlan
from vunet.person.augmented_people import frame_tensor
from vunet.person.framing import Person
from vunet.person.parts import PART_NAMES, crop_maps, hidden_parts, stand_ins
from vunet.person.regions import face_disc, hand_discs
from vunet.person.tensors import Batch, condition, rotated_parts
from vunet.pose.anatomy import BELOW_HIPS, OTHER_SIDE
from vunet.pose.mannequin import mannequin
from vunet.pose.skeleton import Pose

# Standard deviation of the joints that the crops are cut at, in fractions of the frame. D cannot know it, so it blurs what
# D renders by as much: it has to stay below a pixel.
JITTER = 0.0015
DROP = 0.04  # chance that a crop is missing, so that its other side stands in
PAIR = 0.02  # chance that it is and its other side too
HALF = 0.08  # chance that all crops below the hips are, as in half bodies
# Chance that F reads the photo as it is while D renders the person with limbs turned and frame changed. That is what a
# visitor does to a pose, and a torso's crop shows the arms that hung beside it: D has to learn to leave them out.
MOVED = 0.6
FROM_THE_FRONT = 0.7  # chance that F reads a frontal view of a pair, as a visitor's photo is
FRONTAL = ("source", "front")


class Key(NamedTuple):
    """Of an item of `TrainingPeople`. pair: whether it is of the pairs. row: of the person, or of a pair's target."""

    pair: bool
    row: int
    seed: int


def read_person(folder: Path, record: Record) -> Person:
    """A person of a prepared folder, as they were framed."""
    rgba = np.array(Image.open(io.BytesIO(encoded_frame(folder, record))).convert("RGBA"))
    return Person(rgba[..., :3], rgba[..., 3], record.pose)


class PreparedPeople(Dataset[Batch]):
    """People of a prepared folder, as a model of a config reads them."""

    def __init__(
        self,
        folder: Path,
        records: Sequence[Record],
        config: VUNetConfig,
        augment: Augmentation | None = None,
        size: int | None = None,
    ) -> None:
        """augment: None for people as they are. size: pixels of the frames; as they were prepared if left out."""
        self.folder, self.records, self.config, self.augment, self.size = folder, records, config, augment, size

    def __len__(self) -> int:
        return len(self.records)

    def read(self, record: Record) -> Person:
        """See `read_person`."""
        person = read_person(self.folder, record)
        return person if self.size is None else person.resized(self.size)


class PeopleDataset(PreparedPeople):
    """One prepared person an item, as what `vunet.data.batches.BatchMaker` renders a batch from.

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
        plan = self.augment(record.pose, photo, rng) if self.augment else WarpPlan.of(record.pose)
        moved = self.augment is not None and bool(rng.random() < MOVED)
        seen = _mirrored(record.pose, plan) if moved else plan.pose
        frame = {"frame": frame_tensor(photo())} if self.with_frames else {}
        crops = self._crops(seen, moved, rng) | self._rotated(seen, plan)
        return frame | crops | _planned(plan, self.config) | _numbers(index, seed, texture=True)

    def _crops(self, pose: Pose, of_photo: bool, rng: np.random.Generator) -> Batch:
        """Where F's crops are, with a detector's errors while training: in the photo, or in what is rendered of it."""
        layout, pose = self.config.layout, pose.seen()
        hidden = hidden_parts(pose, layout)
        facing = {"seen_facing": torch.from_numpy(mannequin(pose)[1])} if self.config.mannequin else {}
        if self.augment is not None:
            pose = Pose(pose.joints + rng.normal(0, JITTER, (15, 2)), pose.visible)
            hidden |= self._dropped(rng)
        chosen, missing = stand_ins(hidden, layout)
        return facing | {
            "crops_of_photo": torch.tensor(of_photo),
            "crop_maps": torch.from_numpy(crop_maps(pose, layout, self.config.size)).float(),
            "crops": torch.from_numpy(chosen),
            "missing_crops": torch.from_numpy(missing),
        }

    def _rotated(self, seen: Pose, plan: WarpPlan) -> Batch:
        """What a correction reads beside the mannequin."""
        return {"rotated": rotated_parts(seen, plan.pose)} if self.config.correction_width else {}

    def _dropped(self, rng: np.random.Generator) -> np.ndarray:
        """(P,) bool: crops that are left out at random."""
        names = PART_NAMES[self.config.layout]
        pairs = rng.random(len(names)) < PAIR
        dropped = (rng.random(len(names)) < DROP) | pairs | pairs[OTHER_SIDE[: len(names)]]
        if rng.random() < HALF:
            dropped |= np.array([name in BELOW_HIPS for name in names])
        return dropped


class PairDataset(PeopleDataset):
    """Pairs of pictures of one person: F reads one, D renders the other. Of those with a single picture there are none."""

    def __init__(
        self,
        folder: Path,
        records: Sequence[Record],
        config: VUNetConfig,
        augment: Augmentation | None = None,
        size: int | None = None,
    ) -> None:
        """size: that of photos which the pairs are stacked with; as they were prepared if left out."""
        super().__init__(folder, [record for record in records if record.person], config, augment, size)
        self._views: dict[str, list[int]] = defaultdict(list)
        for i, record in enumerate(self.records):
            self._views[str(record.person)].append(i)

    def source_of(self, index: int, rng: np.random.Generator) -> int:
        """Another picture of the same person: mostly one from the front."""
        views = [i for i in self._views[str(self.records[index].person)] if i != index]
        frontal = [i for i in views if self.records[i].view in FRONTAL]
        chosen = frontal if frontal and rng.random() < FROM_THE_FRONT else views
        return int(rng.choice(chosen)) if chosen else index

    def __getitem__(self, key: int | tuple[int, int]) -> Batch:
        """key: the target's index, or (index, seed) for an augmented item."""
        index, seed = key if isinstance(key, tuple) else (key, 0)
        rng = np.random.default_rng([seed, index])
        target, source = self.records[index], self.records[self.source_of(index, rng)]
        plan = self.augment.reframed(target.pose, rng) if self.augment else WarpPlan.of(target.pose)
        frames = {"frame": frame_tensor(self.read(target)), "seen_frame": frame_tensor(self.read(source))}
        seen = _mirrored(source.pose, plan)
        crops = self._crops(seen, True, rng) | self._rotated(seen, plan)
        return frames | crops | _planned(plan, self.config) | _numbers(index, seed, texture=False)


class TrainingPeople(Dataset[Batch]):
    """Photos and, if there are any, pairs."""

    def __init__(self, photos: PeopleDataset, pairs: PairDataset | None = None) -> None:
        self.photos, self.pairs = photos, pairs

    def __len__(self) -> int:
        return len(self.photos) + (len(self.pairs) if self.pairs else 0)

    def __getitem__(self, key: Key) -> Batch:
        if not key.pair:
            item = self.photos[key.row, key.seed]
            return item | {"seen_frame": item["frame"]} if self.pairs else item
        assert self.pairs is not None
        return self.pairs[key.row, key.seed]


def _mirrored(pose: Pose, plan: WarpPlan) -> Pose:
    return pose.mirrored() if plan.mirrored else pose


def _planned(plan: WarpPlan, config: VUNetConfig) -> Batch:
    """What is to be rendered, and what the model and the losses read of its pose."""
    return (
        plan.tensors()
        | {
            "joints": torch.from_numpy(np.column_stack([plan.pose.joints, plan.pose.visible])).float(),
            "discs": torch.from_numpy(np.stack([face_disc(plan.pose), *hand_discs(plan.pose)])).float(),
        }
        | condition(plan.pose, config, stickman_bytes=True)
    )


def _numbers(index: int, seed: int, texture: bool) -> dict[str, Any]:
    """texture: whether the picture's texture is a photo's, which D may learn."""
    return {"seed": torch.tensor(seed), "index": torch.tensor(index), "texture": torch.tensor(texture)}


class Sampling:
    """Who is in a step: photos in proportion to their colourfulness to a power, then pairs, every target alike.

    Black, white and denim are most of a street.
    """

    def __init__(self, colourfulness: np.ndarray, power: float, pairs: int = 0) -> None:
        """pairs: how many targets there are."""
        weights = (np.asarray(colourfulness, np.float64) + 8.0) ** power
        self.cumulative, self.pairs = np.cumsum(weights / weights.sum()), pairs

    def keys(self, count: int, pairs: int, seed: Sequence[int]) -> list[Key]:
        """`count` keys, the last `pairs` of them of pairs; they depend on `seed` alone."""
        rng = np.random.default_rng(seed)
        photos = count - pairs
        chosen = np.searchsorted(self.cumulative, rng.random(photos), side="right").clip(max=len(self.cumulative) - 1)
        targets = rng.integers(0, max(self.pairs, 1), pairs)
        seeds = rng.integers(0, 2**31, count)
        kinds = [False] * photos + [True] * pairs
        indices = [*chosen.tolist(), *targets.tolist()]
        return [Key(*key) for key in zip(kinds, indices, seeds.tolist(), strict=True)]
