"""What the detail network is trained on: windows of people at twice D's size, and what D needs to draw them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vunet.data.dataset import JITTER, MOVED, PreparedPeople
from vunet.data.index import Record
from vunet.model import VUNetConfig
from vunet.person.framing import Person
from vunet.person.regions import face_of, hands_of
from vunet.person.tensors import Batch, condition, part_inputs, targets
from vunet.person.warp_people import warped_person
from vunet.person.warp_plan import WarpPlan
from vunet.person.warped_crops import detail_crops, no_crops, warped_crops
from vunet.pose.mannequin import mannequin
from vunet.pose.skeleton import Pose

WINDOW = 192  # pixels of twice D's size
STEP = 8  # windows begin at multiples of it, so that all of the network's resolutions agree
FACES, HANDS = 0.5, 0.25  # chances that the second window is about a face, or about hands
WITHOUT = 0.5  # chance that c is left out: z alone has to carry everything
PART_WITHOUT = 0.08  # chance that one part's crop is
PER_PERSON = 2


class WindowDataset(PreparedPeople):
    """One person an item, and `PER_PERSON` windows of her.

    Keys parts, shape, transforms as `PeopleDataset` has them; corners (W, 2), top and left of each window; and with a
    leading axis of windows: image, mask, face, hands, and warped (W, P, 4, w, w) uint8. An item depends on its key alone.
    """

    def __getitem__(self, key: tuple[int, int]) -> Batch:
        """key: (index, seed)."""
        record, rng = self.records[key[0]], np.random.default_rng(list(key)[::-1])
        source, person = self._framed(record, rng)
        small = source.resized(self.config.size)
        corners = self._corners(person, rng)
        whole = {
            **targets(person),
            "warped": torch.from_numpy(self._warped(source, person.pose, rng).transpose(0, 3, 1, 2)),
        }
        return {
            "parts": part_inputs(small.image, small.pose, self.config),
            **condition(person.pose, self.config),
            **_side(source.pose, self.config),
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

    def _warped(self, source: Person, pose: Pose, rng: np.random.Generator) -> np.ndarray:
        size, parts = self.config.best_size, self.config.parts
        if self.augment is not None and rng.random() < WITHOUT:
            return no_crops(parts, size)
        noise = rng.normal(0, JITTER, (15, 2)) if self.augment is not None else 0.0
        seen = Pose(source.pose.joints + noise, source.pose.visible)
        crops = detail_crops(source.backdrop, source.mask, seen, self.config.detail_crop)
        if self.augment is not None:
            crops[rng.random(parts) < PART_WITHOUT] = 0
        return warped_crops(crops, pose, size)

    def _corners(self, person: Person, rng: np.random.Generator) -> list[tuple[int, int]]:
        """Of a window about any pixel of the person, and of one about the face, a hand, or any pixel again."""
        size = self.config.best_size
        chance = rng.random()
        small = face_of(person.pose, size) if chance < FACES else hands_of(person.pose, size)
        chosen = small if chance < FACES + HANDS and small.any() else person.mask
        return [_corner(about, size, rng) for about in (person.mask, chosen)]


def _side(pose: Pose, config: VUNetConfig) -> Batch:
    """From which side F sees each part, for models that read it."""
    return {"seen_facing": torch.from_numpy(mannequin(pose)[1])} if config.mannequin else {}


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
