"""The pictures that are scored: held-out people, and what a checkpoint makes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from vunet.data.dataset import read_person
from vunet.data.index import Record, read_index
from vunet.errors import BadPose, VUNetError
from vunet.losses.kernel_distance import summaries
from vunet.person.framing import Person
from vunet.person.part_colours import PLACES, colours_in
from vunet.person.tensors import to_tensor
from vunet.pose.joints import JOINTS
from vunet.pose.skeleton import Pose
from vunet.runtime.shards import EVERYTHING, Shard
from vunet.studio import Studio
from vunet.studio.appearance import Appearance

SIZE = 256  # pixels in which pictures are compared: one that renders smaller ones does not have it easier
COLOURED = 16  # people in whose poses colours are asked for
SAMPLES = 4  # looks sampled from the prior for each person's pose


class EvaluationPictures:
    """Held-out people of a prepared folder with their looks; pictures are rendered when first asked for.

    people, records, images, poses, masks, looks: one for each person. others: for each person the index of another one.
    All pictures are (256, 256, 3) uint8 RGB, whatever size the checkpoint renders.
    """

    def __init__(
        self, studio: Studio, data: Path, limit: int | None = None, seed: int = 0, shard: Shard = EVERYTHING
    ) -> None:
        """Raises `VUNetError` when there are fewer than three people."""
        self.data = data
        people = [r for r in read_index(data, "held-out") if r.pose.usable() and shard.holds(r.photo)]
        records = self.records = people[:limit]
        if len(records) < 3:
            raise VUNetError("There are fewer than three held-out people: prepare some hundreds of photos.")
        self.studio = studio
        self.people = [framed(data, record, SIZE) for record in records]
        self.images = [p.image for p in self.people]
        self.poses = [p.pose for p in self.people]
        self.masks = [p.mask > 127 for p in self.people]
        self.looks = [studio.encode(framed(data, record, studio.size)) for record in records]
        shift = 1 + int(np.random.default_rng(seed).integers(len(records) - 1))
        self.others = np.roll(np.arange(len(records)), shift)

    @property
    def other_poses(self) -> list[Pose]:
        """For each person the pose of another one."""
        return [self.poses[i] for i in self.others]

    @cached_property
    def reconstructions(self) -> list[np.ndarray]:
        """Each look in its own pose."""
        return self._rendered(self.looks, self.poses)

    @cached_property
    def transfers(self) -> list[np.ndarray]:
        """Each look in another person's pose."""
        return self._rendered(self.looks, self.other_poses)

    @cached_property
    def samples(self) -> list[list[np.ndarray]]:
        """Looks sampled from the prior in each person's pose."""
        return [self._sampled(pose, i) for i, pose in enumerate(self.poses)]

    @cached_property
    def full_size_samples(self) -> list[np.ndarray]:
        """One sample in each person's pose, (S, S, 3) uint8 of the size at rest."""
        looks = (self.studio.sample(pose, 1, seed)[0] for seed, pose in enumerate(self.poses))
        return [self.studio.render(look, look.pose) for look in looks]

    @cached_property
    def training_records(self) -> list[Record]:
        """Everybody that was trained on."""
        return [r for r in read_index(self.data, "train") if r.pose.usable()]

    @cached_property
    def training_summaries(self) -> np.ndarray:
        """What the kernel distance compares of their photos, (M, D)."""
        return summaries(to_tensor(framed(self.data, record, SIZE).image) for record in self.training_records)

    def seen_colours(self, wishes: Sequence[str]) -> np.ndarray:
        """Colours of one sample with these wishes in each of the first people's poses: (N, places, 3), places as in
        `vunet.person.part_colours.PLACES`; people who do not show all of them are left out."""
        chosen = [(seed, pose) for seed, pose in enumerate(self.poses[:COLOURED]) if pose.visible.all()]
        looks = [self.studio.sample(pose, 1, seed, wearing=wishes)[0] for seed, pose in chosen]
        pictures = self._rendered(looks, [pose for _, pose in chosen])
        return np.stack([colours_in(picture, pose, PLACES) for picture, (_, pose) in zip(pictures, chosen, strict=True)])

    def wearing(self, garment: str, poses: int, count: int) -> list[np.ndarray]:
        """Draws with a garment that is asked for, `count` in each of the first `poses` people's poses."""
        rendered = []
        for seed, pose in enumerate(self.poses[:poses]):
            looks = self.studio.sample(pose, count, seed, wearing=(garment,))
            rendered += self._rendered(looks, [pose] * count)
        return rendered

    def swapped(self, scale: int) -> list[np.ndarray]:
        """Reconstructions with one latent scale taken from another person."""
        looks = [_with_code(look, self.looks[i], scale) for look, i in zip(self.looks, self.others, strict=True)]
        return self._rendered(looks, self.poses)

    def in_poses(self, poses: list[Pose]) -> list[np.ndarray]:
        """The looks, one after another, in poses from elsewhere."""
        looks = [self.looks[i % len(self.looks)] for i in range(len(poses))]
        return self._rendered(looks, poses)

    def _sampled(self, pose: Pose, seed: int) -> list[np.ndarray]:
        return self._rendered(self.studio.sample(pose, SAMPLES, seed), [pose] * SAMPLES)

    def _rendered(self, looks: Sequence[Appearance], poses: Sequence[Pose]) -> list[np.ndarray]:
        """D's own pictures: without what is copied from photos."""
        looks = [replace(look, detail=()) for look in looks]
        return [_resized(picture) for picture in self.studio.render_many(looks, poses, self.studio.live_size)]


def read_poses(path: Path) -> list[Pose]:
    """Skeletons from {"joint_order": [15 names], "poses": [15 x 2 fractions, ...]}; raises `BadPose`."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        order = [data["joint_order"].index(name) for name in JOINTS]
        return [Pose(np.array(joints, np.float32)[order], np.ones(len(JOINTS), bool)) for joints in data["poses"]]
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        raise BadPose(f'{path} holds no poses: give JSON with "joint_order" and "poses".') from None


def framed(data: Path, record: Record, size: int) -> Person:
    """A person of a prepared folder, at a size."""
    return read_person(data, record).resized(size)


def _resized(picture: np.ndarray) -> np.ndarray:
    return np.array(Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.BICUBIC))


def _with_code(look: Appearance, other: Appearance, scale: int) -> Appearance:
    codes = tuple(o if i == scale else c for i, (c, o) in enumerate(zip(look.codes, other.codes, strict=True)))
    return Appearance(codes, look.pose)
