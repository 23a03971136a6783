"""The people that a prior is trained on, held in memory: pictures, poses, garments, and their codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from vunet.data.dataset import read_person
from vunet.data.garment_tags import wishes
from vunet.data.index import Split, read_index
from vunet.errors import VUNetError
from vunet.model import VUNet
from vunet.model.prior.hierarchical import small_stickmen
from vunet.person.framing import Person
from vunet.person.regions import face_of, hands_of
from vunet.person.tensors import Batch, condition, part_inputs, to_tensor
from vunet.pose.mannequin import mannequin
from vunet.pose.skeleton import Pose

ENCODED = 32  # people at a time
FEWEST = 12  # with mirror images; the covariance of w says nothing of fewer


@dataclass(frozen=True)
class PriorPeople:
    """Rows of one person each, mirror images among them.

    images: (S, S, 3) uint8 each, masks: (S, S) uint8. codes: the posterior means, (N, C, h, w) in half precision for each
    latent. garments: (N, G), 1 worn, -1 not worn, 0 unknown.
    """

    images: list[np.ndarray]
    masks: list[np.ndarray]
    poses: list[Pose]
    codes: list[Tensor]
    garments: Tensor
    model: VUNet

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, rows: Sequence[int]) -> Batch:
        """What the losses read of some people, on the CPU."""
        items = [self._item(row) for row in rows]
        return {name: torch.stack([item[name] for item in items]) for name in items[0]}

    def zs(self, rows: Sequence[int]) -> list[Tensor]:
        """Their codes, coarse first."""
        return [code[list(rows)].float() for code in self.codes]

    def shape(self, row: int) -> dict[str, Tensor]:
        """Stickman and transforms of a person's pose."""
        return condition(self.poses[row], self.model.config)

    def small_stickmen(self) -> Tensor:
        """The poses that the flow is conditioned on: (N, 3 * 8 * 8)."""
        return torch.cat([small_stickmen(self.shape(row)["shape"][None]) for row in range(len(self))])

    def _item(self, row: int) -> Batch:
        pose, size = self.poses[row], self.model.config.size
        return {
            "image": to_tensor(self.images[row]),
            "mask": torch.from_numpy(self.masks[row])[None].float() / 255,
            "face": torch.from_numpy(face_of(pose, size))[None].float(),
            "hands": torch.from_numpy(hands_of(pose, size))[None].float(),
            "joints": torch.from_numpy(np.column_stack([pose.joints, pose.visible])).float(),
            **self.shape(row),
        }


def load_people(data: Path, split: Split, model: VUNet, mirrored: bool = True, limit: int | None = None) -> PriorPeople:
    """Reads a split of a prepared folder and encodes everybody; mirrored: every person twice. Raises `VUNetError`."""
    images, masks, poses, parts, garments = [], [], [], [], []
    codes: list[list[Tensor]] = []
    records = read_index(data, split)[:limit]
    for record in tqdm(records, desc="read people", unit="person"):
        for person in _versions(read_person(data, record), mirrored):
            framed = person.resized(model.config.size)
            if not framed.pose.usable():
                continue
            images.append(framed.image)
            masks.append(framed.mask)
            poses.append(framed.pose)
            garments.append(wishes(record.tags))
            parts.append(part_inputs(images[-1], framed.pose, model.config))
            if len(parts) == ENCODED:
                codes.append(_encoded(model, parts, poses[-ENCODED:]))
    if len(images) < FEWEST:
        raise VUNetError(f"There are too few people to train on, {len(images)}: prepare some hundreds of photos.")
    codes.append(_encoded(model, parts, poses[len(poses) - len(parts) :]))
    joined = [torch.cat(each) for each in zip(*(each for each in codes if each), strict=True)]
    return PriorPeople(images, masks, poses, joined, torch.tensor(np.array(garments)).float(), model)


def _versions(person: Person, mirrored: bool) -> Iterator[Person]:
    yield person
    if mirrored:
        yield person.mirrored()


@torch.inference_mode()
def _encoded(model: VUNet, parts: list[Tensor], poses: list[Pose]) -> list[Tensor]:
    """Their posterior means in half precision; empties the list of parts."""
    if not parts:
        return []
    stacked = torch.stack(parts).to(next(model.parameters()).device)
    parts.clear()
    if not model.config.mannequin:
        return [q.mean.half().cpu() for q in model.posterior(stacked)]
    facing = torch.stack([torch.from_numpy(mannequin(pose)[1]) for pose in poses]).to(stacked)
    return [q.mean.half().cpu() for q in model.posterior(stacked, facing)]
