"""What `python -m vunet train` and `export` do."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.data.dataset import PeopleDataset
from vunet.data.index import read_index
from vunet.device import choose_precision
from vunet.errors import VUNetError
from vunet.losses import LossWeights, load_perceptual
from vunet.losses.perceptual import BACKBONES
from vunet.model import VUNetConfig
from vunet.train.ablation import ablated_config, ablated_schedule
from vunet.train.calibrate import measure_factors
from vunet.train.processes import Processes
from vunet.train.rival import Rival
from vunet.train.run import STATE, Run
from vunet.train.schedule import Schedule
from vunet.train.stop import asked_to_stop
from vunet.train.trainer import Trainer, TrainOptions

PRECISIONS = ("auto", "bfloat16", "float32")


def train_command(
    data: Path,
    folder: Path,
    preset: str,
    steps: int,
    batch: int,
    start: Path | None,
    perceptual: str,
    gram: float,
    critic: float,
    without: str | None,
    device: str | None,
    precision: str,
    workers: int,
) -> None:
    """Starts or resumes a run."""
    for what, chosen, known in ("perceptual features", perceptual, BACKBONES), ("precision", precision, PRECISIONS):
        if chosen not in known:
            raise VUNetError(f"There is no {what} {chosen!r}: choose {', '.join(known)}.")
    place = Processes(device).device
    half = choose_precision(place) == torch.bfloat16 if precision == "auto" else precision == "bfloat16"
    config = ablated_config(VUNetConfig.preset(preset), without)
    features = load_perceptual(perceptual)
    rival = Rival(str(place), features.features if features else None) if critic else None
    run = Run.open(folder, config, load_checkpoint(start) if start else None, str(place), rival)
    schedule = ablated_schedule(Schedule.continued() if run.continued else Schedule(), without)
    options = TrainOptions(
        steps=steps,
        batch=batch,
        device=str(place),
        half_precision=half,
        workers=workers,
        schedule=schedule,
        weights=LossWeights(gram=gram, critic=critic),
    )
    trainer = Trainer(run, data, options, features)
    with asked_to_stop() as asked:
        trainer.stopping = asked.is_set
        trainer.train()


CALIBRATION_BATCH, CALIBRATION_BATCHES = 8, 500  # 160 kB a person are held in memory


def export_command(folder: Path, out: Path, data: Path | None) -> None:
    """Writes the averaged weights of a run, the prior's common factors measured on `data`; raises `VUNetError`."""
    if not (folder / STATE).exists():
        raise VUNetError(f"{folder} holds no run: give the folder that was named to `train --run`.")
    config = VUNetConfig.from_dict(torch.load(folder / STATE, map_location="cpu", weights_only=True)["config"])
    run = Run.open(folder, config)
    model = run.averaged()
    if config.prior_rank and not data:
        raise VUNetError("This preset's prior is measured on its people: give their folder with --data.")
    if data:
        people = PeopleDataset(data, read_index(data, "train"), config)
        batches = itertools.islice(DataLoader(people, CALIBRATION_BATCH), CALIBRATION_BATCHES)
        measure_factors(model, tqdm(batches, desc="calibrate", unit="batch"))
    save_checkpoint(model, out, _facts(run))


def _facts(run: Run) -> dict[str, Any]:
    return {"steps": run.step, "skipped_steps": run.skipped}
