"""What `python -m vunet train` and `export` do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.errors import VUNetError
from vunet.losses import LossWeights, load_perceptual
from vunet.losses.perceptual import BACKBONES
from vunet.model import VUNetConfig
from vunet.runtime.device import choose_precision
from vunet.train.ablation import ablated_config, ablated_schedule
from vunet.train.discriminator_training import AdversarialTrainer
from vunet.train.processes import Processes
from vunet.train.run import STATE, Run, continued_config, read_state
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
    adversarial: float,
    without: str | None,
    device: str | None,
    precision: str,
    workers: int,
    pairs: Path | None = None,
    pair_share: float = 0.5,
    mannequin: bool = False,
    rate: float | None = None,
    anchor: float = 0.0,
) -> None:
    """Starts or resumes a run."""
    for what, chosen, known in ("perceptual features", perceptual, BACKBONES), ("precision", precision, PRECISIONS):
        if chosen not in known:
            raise VUNetError(f"There is no {what} {chosen!r}: choose {', '.join(known)}.")
    place = Processes(device).device
    half = choose_precision(place) == torch.bfloat16 if precision == "auto" else precision == "bfloat16"
    config = ablated_config(VUNetConfig.preset(preset), without)
    features = load_perceptual(perceptual)
    against = AdversarialTrainer(str(place), features.features if features else None) if adversarial else None
    config = replace(config, mannequin=mannequin)
    begun = load_checkpoint(start) if start else None
    config = continued_config(begun.config, config) if begun else config
    run = Run.open(folder, config, begun, str(place), against)
    schedule = ablated_schedule(Schedule.continued() if run.continued else Schedule(), without)
    schedule = replace(schedule, rate=rate) if rate else schedule
    options = TrainOptions(
        steps=steps,
        batch=batch,
        device=str(place),
        half_precision=half,
        workers=workers,
        schedule=schedule,
        pairs=round(batch * pair_share) if pairs else 0,
        anchored=bool(anchor),
        weights=LossWeights(gram=gram, adversarial=adversarial, anchor=anchor),
    )
    trainer = Trainer(run, data, options, features, pairs, load_checkpoint(start) if start and anchor else None)
    with asked_to_stop() as asked:
        trainer.stopping = asked.is_set
        trainer.train()


def export_command(folder: Path, out: Path) -> None:
    """Writes the averaged weights of a run; raises `VUNetError`."""
    if not (folder / STATE).exists():
        raise VUNetError(f"{folder} holds no run: give the folder that was named to `train --run`.")
    config = VUNetConfig.from_dict(read_state(folder)["config"])
    run = Run.open(folder, config)
    save_checkpoint(run.averaged(), out, _facts(run))


def _facts(run: Run) -> dict[str, Any]:
    return {"steps": run.step, "skipped_steps": run.skipped, "options": run.history}
