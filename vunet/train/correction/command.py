"""What `python -m vunet train-correction` does: draws examples with a checkpoint's D, and trains the network behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.checkpoints.store import read_facts
from vunet.data.augment import Augmentation
from vunet.data.batches import BatchMaker
from vunet.data.dataset import PairDataset
from vunet.data.index import read_index
from vunet.errors import VUNetError
from vunet.losses import load_perceptual
from vunet.model import VUNet, VUNetConfig
from vunet.model.vunet import extended, without_correction
from vunet.person.tensors import Batch
from vunet.train.correction.examples import FILE_BATCHES, Examples, draw_examples
from vunet.train.correction.trainer import CorrectionOptions, CorrectionTrainer
from vunet.train.people_loader import rendered_batches
from vunet.train.state_file import fingerprint, load_state, step_seed
from vunet.train.steps import run_steps

STATE = "correction.pt"
WIDTH = 32
DRAWN = 8  # people of a batch in which examples are drawn
FINER = 5 / 4  # of the frames that examples are drawn from, times D's size


def train_correction_command(
    checkpoint: Path,
    pairs: Path,
    folder: Path,
    out: Path,
    options: CorrectionOptions,
    examples: int,
    workers: int = 1,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Trains, or goes on training, a correction network, and writes the checkpoint with it to `out`.

    A network that the checkpoint has is learned anew. pairs: made by `prepare-avatars`. examples: how many are drawn into
    the folder, once. stopping: asked after each step; the state is saved and `KeyboardInterrupt` raised when it says so.
    Raises `VUNetError`.
    """
    model = without_correction(load_checkpoint(checkpoint)).requires_grad_(False)
    if not model.config.mannequin:
        raise VUNetError("The model does not read the body behind the skeleton: train one with --mannequin.")
    torch.manual_seed(options.seed)
    wider = extended(model, dataclasses.replace(model.config, correction_width=WIDTH))
    files = _files(model, folder, examples)
    drawn = sum(file.exists() for file in files) * FILE_BATCHES
    model = model.to(options.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    batches = _batches(wider.config, pairs, options, range(drawn, len(files) * FILE_BATCHES), workers)
    draw_examples(model, batches, files, stopping)
    known = Examples(files)
    perceptual = load_perceptual("efficientnet")
    assert perceptual is not None
    wider = wider.to(options.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    trainer = CorrectionTrainer(wider, options, perceptual.to(options.device))
    if (folder / STATE).exists():
        trainer.load_state_dict(load_state(folder / STATE))
    run_steps(trainer, options.steps, lambda: trainer.train_step(_batch(known, trainer)), folder / STATE, stopping)
    save_checkpoint(trainer.finished(), out, read_facts(checkpoint) | {"correction_steps": trainer.step})


def _batch(examples: Examples, trainer: CorrectionTrainer) -> Batch:
    """The draw depends on seed and step alone."""
    generator = torch.Generator().manual_seed(step_seed(trainer.options.seed, trainer.step))
    return examples.batch(trainer.options.batch, generator)


def _files(model: VUNet, folder: Path, examples: int) -> list[Path]:
    """Of the folder's examples that are of this model, whether they are there or not."""
    place = folder / f"drawn-{fingerprint(model)[:12]}"
    place.mkdir(parents=True, exist_ok=True)
    return [place / f"{i:03d}.pt" for i in range(-(-examples // (DRAWN * FILE_BATCHES)))]


def _batches(
    config: VUNetConfig, folder: Path, options: CorrectionOptions, numbers: range, workers: int
) -> Iterator[Batch]:
    """Every target alike."""
    pairs = PairDataset(folder, list(read_index(folder, "train")), config, Augmentation(), round(FINER * config.size))
    if not len(pairs):
        raise VUNetError(f"{folder} holds no pairs to train on: make some with `python -m vunet prepare-avatars`.")
    keys = (key for number in numbers for key in _keys(len(pairs), [options.seed, number]))
    return rendered_batches(pairs, keys, BatchMaker(config, options.device), DRAWN, workers)


def _keys(targets: int, seed: list[int]) -> list[tuple[int, int]]:
    """(index, seed) of `DRAWN` targets."""
    generator = torch.Generator().manual_seed(step_seed(*seed))
    rows, seeds = (torch.randint(most, (DRAWN,), generator=generator).tolist() for most in (targets, 2**31 - 1))
    return list(zip(rows, seeds, strict=True))
