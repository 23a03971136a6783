"""The people that a prior is trained on: prepared people, mirror images among them, with their codes, which lie on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from vunet.data.dataset import PreparedPeople
from vunet.data.garment_tags import wishes
from vunet.data.index import read_index
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
HELD = 2048  # people that stay in memory, half a megabyte each; of larger sets the rest is read again


class Row(NamedTuple):
    """A person, as photographed or as in a mirror. record: of the index."""

    record: int
    mirrored: bool


class PriorPeople(PreparedPeople):
    """The training people of a prepared folder, each of them twice, mirrored the second time.

    codes: the posterior means, (N, C, h, w) in half precision for each latent, files of `folder`. garments: (N, G), 1 worn,
    -1 not worn, 0 unknown.
    """

    def __init__(self, data: Path, model: VUNet, folder: Path, limit: int | None = None) -> None:
        """Encodes everybody. folder: where the codes are written. Raises `VUNetError` for too few people."""
        super().__init__(data, read_index(data, "train")[:limit], model.config)
        records = list(self.records)
        usable = [i for i, record in enumerate(records) if record.pose.usable()]
        self.rows = [Row(i, mirrored) for i in usable for mirrored in (False, True)]
        if len(self.rows) < FEWEST:
            raise VUNetError(f"There are too few people to train on, {len(self.rows)}: prepare some hundreds of photos.")
        self.garments = torch.from_numpy(np.stack([wishes(records[row.record].tags) for row in self.rows]))
        self._photographed = lru_cache(HELD)(self._read)
        self.codes = self._encoded(model, folder)

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, rows: Sequence[int]) -> Batch:
        """What the losses read of some people, on the CPU."""
        items = [self._item(row) for row in rows]
        return {name: torch.stack([item[name] for item in items]) for name in items[0]}

    def zs(self, rows: Sequence[int]) -> list[Tensor]:
        """Their codes, coarse first."""
        return [torch.from_numpy(code[list(rows)]).float() for code in self.codes]

    def in_turn(self, count: int = 2 * ENCODED) -> Iterator[range]:
        """All rows, `count` at a time."""
        starts = range(0, len(self), count)
        return (range(start, min(start + count, len(self))) for start in starts)

    def shape(self, row: int) -> dict[str, Tensor]:
        """Stickman and transforms of a person's pose."""
        return condition(self.pose(row), self.config)

    def small_stickmen(self) -> Tensor:
        """The poses that the flow is conditioned on: (N, 3 * 8 * 8)."""
        return torch.cat([small_stickmen(self.shape(row)["shape"][None]) for row in range(len(self))])

    def pose(self, row: int) -> Pose:
        """A person's pose, without the picture."""
        record, mirrored = self.rows[row]
        pose = self.records[record].pose
        return pose.mirrored() if mirrored else pose

    def person(self, row: int) -> Person:
        """A person at D's size."""
        record, mirrored = self.rows[row]
        person = self._photographed(record)
        return person.mirrored() if mirrored else person

    def forget(self) -> None:
        """Deletes the codes: the training is over."""
        names, self.codes = [code.filename for code in self.codes], []  # type: ignore[attr-defined]
        for name in names:
            with suppress(OSError):  # Windows keeps files that are open
                Path(name).unlink()

    def _read(self, record: int) -> Person:
        return self.read(self.records[record]).resized(self.config.size)

    def _item(self, row: int) -> Batch:
        person, size = self.person(row), self.config.size
        pose = person.pose
        return {
            "image": to_tensor(person.image),
            "mask": torch.from_numpy(person.mask)[None].float() / 255,
            "face": torch.from_numpy(face_of(pose, size))[None].float(),
            "hands": torch.from_numpy(hands_of(pose, size))[None].float(),
            "joints": torch.from_numpy(np.column_stack([pose.joints, pose.visible])).float(),
            **self.shape(row),
        }

    @torch.inference_mode()
    def _encoded(self, model: VUNet, folder: Path) -> list[np.ndarray]:
        """Everybody's posterior means."""
        codes: list[np.ndarray] = []
        batches = tqdm(self.in_turn(ENCODED), desc="encode people", total=-(-len(self) // ENCODED), leave=False)
        for rows in batches:
            means = [q.mean.half().cpu().numpy() for q in self._posterior(model, rows)]
            codes = codes or [self._file(folder / f"codes-{i}.npy", mean.shape[1:]) for i, mean in enumerate(means)]
            for code, mean in zip(codes, means, strict=True):
                code[rows.start : rows.stop] = mean
        return codes

    def _file(self, path: Path, shape: tuple[int, ...]) -> np.ndarray:
        return np.lib.format.open_memmap(path, "w+", np.float16, (len(self), *shape))

    def _posterior(self, model: VUNet, rows: range) -> list:
        people, place = [self.person(row) for row in rows], next(model.parameters()).device
        parts = torch.stack([part_inputs(p.image, p.pose, self.config) for p in people]).to(place)
        if not self.config.mannequin:
            return model.posterior(parts)
        return model.posterior(parts, torch.stack([torch.from_numpy(mannequin(p.pose)[1]) for p in people]).to(place))
