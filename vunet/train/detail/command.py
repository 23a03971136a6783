"""What `python -m vunet train-detail` does: a checkpoint gets the networks that double its pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import Image
from torch.utils.data import default_collate

from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.checkpoints.store import read_facts
from vunet.data.augment import Augmentation
from vunet.data.dataset import Sampling
from vunet.data.index import read_index
from vunet.errors import VUNetError
from vunet.losses import load_perceptual
from vunet.model import VUNet
from vunet.model.detail import DetailNetwork
from vunet.model.vunet import extended
from vunet.person.tensors import Batch
from vunet.train.detail.sample_trainer import SampleDetailTrainer
from vunet.train.detail.sheet import detail_sheet
from vunet.train.detail.trainer import DetailOptions, DetailTrainer
from vunet.train.detail.windows import PairWindowDataset, TrainingWindows, WindowDataset
from vunet.train.people_loader import people_loader
from vunet.train.state_file import load_state
from vunet.train.steps import Interval, run_steps

SHEET = "sheet.webp"
SHEET_EVERY = 600.0  # seconds
COLOUR_POWER = 1.0
SHOWN = 5  # people on a sheet
WIDTH = 64  # channels of a new network


class Kind(NamedTuple):
    """One of the two networks, as a model names it."""

    name: str
    trainer: type[DetailTrainer]
    with_copies: bool
    smallest_batch: int

    @property
    def state(self) -> str:
        """The file in a run's folder."""
        return f"{self.name}.pt"


PHOTOS = Kind("detail", DetailTrainer, True, 1)
SAMPLES = Kind("sample_detail", SampleDetailTrainer, False, 2)


class Folders(NamedTuple):
    """Prepared photos, pairs of rendered people if there are any, and what is trained on them."""

    photos: Path
    pairs: Path | None
    kind: Kind


def train_detail_command(
    checkpoint: Path,
    data: Path,
    folder: Path,
    out: Path,
    options: DetailOptions,
    workers: int = 1,
    pairs: Path | None = None,
    kind: Kind = PHOTOS,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Trains, or goes on training, a detail network of a checkpoint, and writes the checkpoint with it to `out`.

    data: people framed by `prepare --frame 640`, or as large as twice D's size. pairs: made by `prepare-avatars`, half of a
    batch. kind: which of the two networks. stopping: asked after each step; the state is saved and `KeyboardInterrupt`
    raised when it says so. Raises `VUNetError`.
    """
    if options.batch < kind.smallest_batch:
        raise VUNetError(f"A batch has at least {kind.smallest_batch} people here: half of them are samples.")
    model = _with_networks(load_checkpoint(checkpoint), kind).to(options.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    perceptual = load_perceptual("efficientnet")
    assert perceptual is not None
    trainer = kind.trainer(model, options, perceptual.features.to(options.device))
    folders = Folders(data, pairs, kind)
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / kind.state).exists():
        trainer.load_state_dict(load_state(folder / kind.state))
    _run(trainer, folders, folder, workers, stopping)
    save_checkpoint(trainer.finished(), out, read_facts(checkpoint) | {f"{kind.name}_steps": trainer.step})


def _with_networks(model: VUNet, kind: Kind) -> VUNet:
    """The model, with an untrained detail network where it has none; that for samples begins as the one for photos."""
    if not model.config.part_codes:
        raise VUNetError("Only models with codes of parts have a detail network: train one with --preset parts-256.")
    if kind is PHOTOS:
        return model if model.detail else extended(model, dataclasses.replace(model.config, detail_width=WIDTH))
    if model.detail is None:
        raise VUNetError("The network for samples begins as that for photos: run `train-detail` without --samples first.")
    return model if model.sample_detail else _with_sample_detail(model, model.detail)


def _with_sample_detail(model: VUNet, detail: DetailNetwork) -> VUNet:
    wider = extended(model, dataclasses.replace(model.config, sample_detail_width=model.config.detail_width))
    assert wider.sample_detail is not None
    wider.sample_detail.begin_as(detail)
    return wider


def _run(trainer: DetailTrainer, data: Folders, folder: Path, workers: int, stopping: Callable[[], bool]) -> None:
    preview, batches, sheet_due = _preview(data, trainer), _batches(trainer, data, workers), Interval(SHEET_EVERY)

    def step() -> dict[str, float]:
        terms = trainer.train_step(next(batches))
        if sheet_due():
            Image.fromarray(detail_sheet(trainer, preview)).save(folder / SHEET)
        return terms

    run_steps(trainer, trainer.options.steps, step, folder / data.kind.state, stopping)


def _preview(data: Folders, trainer: DetailTrainer) -> Batch:
    held_out = WindowDataset(data.photos, read_index(data.photos, "held-out"), trainer.model.config)
    held_out.with_copies = data.kind.with_copies
    if not len(held_out):
        raise VUNetError("There are too few people to train on: prepare some hundreds of photos.")
    wanted, size = trainer.model.config.best_size, held_out.read(held_out.records[0]).size
    if size < wanted:
        raise VUNetError(f"The frames have {size} pixels, {wanted} are wanted: prepare the photos with --frame 640.")
    return default_collate([held_out[i, 0] for i in range(min(SHOWN, len(held_out)))])


def _batches(trainer: DetailTrainer, data: Folders, workers: int) -> Iterator[Batch]:
    """The batches that are still to come; the draw depends on seed and step alone."""
    options, index, config = trainer.options, read_index(data.photos, "train"), trainer.model.config
    photos, pairs = WindowDataset(data.photos, index, config, Augmentation()), None
    photos.with_copies = data.kind.with_copies
    if data.pairs is not None:
        pairs = PairWindowDataset(data.pairs, read_index(data.pairs, "train"), config, Augmentation())
    people = TrainingWindows(photos, pairs)
    sampling = Sampling(index.colourfulness, COLOUR_POWER, len(pairs) if pairs else 0)
    steps, share = range(trainer.step, options.steps), options.batch // 2 if pairs else 0
    keys = (key for step in steps for key in sampling.keys(options.batch, share, [options.seed, step]))
    return iter(people_loader(people, keys, options.batch, workers))
