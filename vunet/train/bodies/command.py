"""What `python -m vunet train-bodies` does: E and D of a checkpoint learn from pairs; all else of it stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.checkpoints.store import read_facts
from vunet.data.augment import Augmentation
from vunet.data.batches import BatchMaker
from vunet.data.dataset import PairDataset, PeopleDataset, Sampling, TrainingPeople
from vunet.data.index import read_index
from vunet.errors import VUNetError
from vunet.losses import load_perceptual
from vunet.person.tensors import Batch
from vunet.train.bodies.trainer import BodyOptions, BodyTrainer
from vunet.train.people_loader import rendered_batches
from vunet.train.state_file import load_state
from vunet.train.steps import run_steps

STATE = "bodies.pt"
COLOUR_POWER = 1.5


def train_bodies_command(
    checkpoint: Path,
    data: Path,
    pairs: Path,
    folder: Path,
    out: Path,
    options: BodyOptions,
    workers: int = 1,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Trains, or goes on training, E and D of a checkpoint, and writes the checkpoint with them to `out`.

    data: made by `prepare`; pairs: by `prepare-avatars`. stopping: asked after each step; the state is saved and
    `KeyboardInterrupt` raised when it says so. Raises `VUNetError`.
    """
    model = load_checkpoint(checkpoint)
    if model.prior is None or not model.prior.ready:
        raise VUNetError("What D draws of samples is kept: run `train-prior` first.")
    if not model.config.mannequin:
        raise VUNetError("E does not read the body behind the skeleton: train a model with --mannequin.")
    if not 0 < options.pairs < options.batch:
        raise VUNetError(f"Of a batch of {options.batch} 1 to {options.batch - 1} can be pairs: photos keep what is known.")
    perceptual = load_perceptual("efficientnet")
    assert perceptual is not None
    model = model.to(options.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = BodyTrainer(model, options, perceptual.to(options.device))
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / STATE).exists():
        trainer.load_state_dict(load_state(folder / STATE))
    batches = _batches(trainer, data, pairs, workers)
    run_steps(trainer, options.steps, lambda: trainer.train_step(next(batches)), folder / STATE, stopping)
    save_checkpoint(trainer.finished(), out, read_facts(checkpoint) | {"body_steps": trainer.step})


def _batches(trainer: BodyTrainer, data: Path, pairs: Path, workers: int) -> Iterator[Batch]:
    """The batches that are still to come; the draw depends on seed and step alone."""
    options, config, index = trainer.options, trainer.model.config, read_index(data, "train")
    photos = PeopleDataset(data, index, config, Augmentation())
    if not len(photos):
        raise VUNetError("There are too few people to train on: prepare some hundreds of photos.")
    size = photos.read(photos.records[0]).size
    people = TrainingPeople(photos, PairDataset(pairs, list(read_index(pairs, "train")), config, Augmentation(), size))
    sampling = Sampling(index.colourfulness, COLOUR_POWER, len(people) - len(photos))
    steps = range(trainer.step, options.steps)
    keys = (key for step in steps for key in sampling.keys(options.batch, options.pairs, [options.seed, step]))
    return rendered_batches(people, keys, BatchMaker(config, options.device), options.batch, workers)
