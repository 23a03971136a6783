"""What the detail network is trained on: windows of people at twice D's size, and what D needs to draw them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from vunet.data.augment import Augmentation
from vunet.data.dataset import JITTER, MOVED, Key, PairDataset, PreparedPeople
from vunet.data.index import Record
from vunet.model import VUNetConfig
from vunet.person.augmentation_plan import WarpPlan
from vunet.person.augmented_people import warped_person
from vunet.person.cutout import ALL, cut_layers
from vunet.person.framing import Person
from vunet.person.photo_in_pose import carried, no_copy
from vunet.person.regions import face_of, hands_of
from vunet.person.tensors import Batch, condition, part_inputs, rotated_parts, targets
from vunet.pose.mannequin import mannequin
from vunet.pose.skeleton import Pose

WINDOW = 192  # pixels of twice D's size
STEP = 8  # windows begin at multiples of it, so that all of the network's resolutions agree
FACES, HANDS = 0.5, 0.25  # chances that the second window is about a face, or about hands
WITHOUT = 0.4  # chance that c is left out: z alone has to carry everything
PART_WITHOUT = 0.05  # chance that one part of it is
PER_PERSON = 2


class WindowDataset(PreparedPeople):
    """One person an item, and `PER_PERSON` windows of her.

    Keys parts, shape, transforms as `PeopleDataset` has them; corners (W, 2), top and left of each window; and with a
    leading axis of windows: image, mask, face, hands, and copy (W, 4, w, w) uint8. An item depends on its key alone.
    with_copies: whether there is a copy.
    """

    with_copies = True

    def __getitem__(self, key: tuple[int, int]) -> Batch:
        """key: (index, seed)."""
        record, rng = self.records[key[0]], np.random.default_rng(list(key)[::-1])
        source, person = self._framed(record, rng)
        small = source.resized(self.config.size)
        corners = self._corners(person, rng)
        whole = targets(person)
        if self.with_copies:
            whole["copy"] = torch.from_numpy(self._copy(source, person.pose, rng).transpose(2, 0, 1))
        return {
            "parts": part_inputs(small.image, small.pose, self.config),
            **condition(person.pose, self.config),
            **_sides(source.pose, person.pose, self.config),
            "corners": torch.tensor(corners),
            **{name: windows(value, corners) for name, value in whole.items()},
        }

    def _framed(self, record: Record, rng: np.random.Generator) -> tuple[Person, Person]:
        """What F and c are read from, and what D draws, both at twice D's size."""
        person, size = self.read(record), self.config.best_size
        if self.augment is None:
            person = person.resized(size)
            return person, person
        plan = self.augment(person.pose, lambda: person, rng)
        changed = warped_person(person, plan, size)
        photographed = WarpPlan.of(person.pose, plan.mirrored, plan.gains)
        moved = rng.random() < MOVED and person.pose.usable()
        return (warped_person(person, photographed, size) if moved else changed), changed

    def _copy(self, source: Person, pose: Pose, rng: np.random.Generator) -> np.ndarray:
        size = self.config.best_size
        if self.augment is None:
            return carried([cut_layers(source.backdrop, source.mask, source.pose)], pose, size).picture
        if rng.random() < WITHOUT:
            return no_copy(size).picture
        seen = Pose(source.pose.joints + rng.normal(0, JITTER, (15, 2)), source.pose.visible)
        kept = frozenset(part for part in ALL if rng.random() > PART_WITHOUT)
        return carried([cut_layers(source.backdrop, source.mask, seen).only(kept)], pose, size).picture

    def _corners(self, person: Person, rng: np.random.Generator) -> list[tuple[int, int]]:
        """Of a window about any pixel of the person, and of one about the face, a hand, or any pixel again."""
        size = self.config.best_size
        chance = rng.random()
        small = face_of(person.pose, size) if chance < FACES else hands_of(person.pose, size)
        chosen = small if chance < FACES + HANDS and small.any() else person.mask
        return [_corner(about, size, rng) for about in (person.mask, chosen)]


class PairWindowDataset(WindowDataset):
    """The same of pairs: F and c are read from one picture of somebody, and D draws another."""

    def __init__(self, folder: Path, records: Sequence[Record], config: VUNetConfig, augment: Augmentation | None) -> None:
        self.pairs = PairDataset(folder, records, config, augment, config.best_size)
        super().__init__(folder, self.pairs.records, config, augment)

    def _framed(self, record: Record, rng: np.random.Generator) -> tuple[Person, Person]:
        source = self.records[self.pairs.source_of(self.records.index(record), rng)]
        people = self.pairs.read(source), self.pairs.read(record)
        return (people[0].mirrored(), people[1].mirrored()) if rng.random() < 0.5 else people


class TrainingWindows(Dataset[Batch]):
    """Windows of photos and, if there are any, of pairs."""

    def __init__(self, photos: WindowDataset, pairs: PairWindowDataset | None = None) -> None:
        self.photos, self.pairs = photos, pairs

    def __getitem__(self, key: Key) -> Batch:
        windows_of = self.pairs if key.pair and self.pairs else self.photos
        return windows_of[key.row, key.seed]


def _sides(seen: Pose, pose: Pose, config: VUNetConfig) -> Batch:
    """From which side F sees each part, and how far that has turned, for models that read it."""
    facing = {"seen_facing": torch.from_numpy(mannequin(seen)[1])} if config.mannequin else {}
    return facing | ({"rotated": rotated_parts(seen, pose)} if config.correction_width else {})


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
