"""What `python -m vunet train` and `export` do."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.errors import VUNetError
from vunet.losses import load_perceptual
from vunet.losses.perceptual import BACKBONES
from vunet.model import VUNet, VUNetConfig
from vunet.runtime.device import choose_precision
from vunet.train.ablation import ablated_config, ablated_schedule
from vunet.train.discriminator_training import AdversarialTrainer
from vunet.train.options import ModelOptions, RunOptions
from vunet.train.processes import Processes
from vunet.train.run import STATE, Run, continued_config, read_state
from vunet.train.stop import asked_to_stop
from vunet.train.trainer import Trainer


def train_command(
    data: Path,
    folder: Path,
    options: RunOptions,
    pairs: Path | None = None,
    device: str | None = None,
    rate: float | None = None,
) -> None:
    """Starts or resumes a run. pairs: a folder of pictures of which several are of one person. rate: in the place of the
    schedule's. Raises `VUNetError`."""
    chosen = options.train
    if chosen.perceptual not in BACKBONES:
        known = ", ".join(BACKBONES)
        raise VUNetError(f"There is no perceptual features {chosen.perceptual!r}: choose {known}.")
    place = str(Processes(device).device)
    chosen = replace(chosen, device=place, pairs=chosen.pairs if pairs else 0)
    begun = load_checkpoint(Path(options.model.start)) if options.model.start else None
    features = load_perceptual(chosen.perceptual)
    against = AdversarialTrainer(place, features.features if features else None) if chosen.weights.adversarial else None
    anchor = copy.deepcopy(begun) if chosen.anchored else None  # the run trains the weights that it is given
    run = Run.open(folder, _config(options.model, begun), begun, place, against, chosen)
    trainer = Trainer(run, data, chosen, features, pairs, anchor)
    schedule = ablated_schedule(trainer.schedule, options.model.without or None)
    trainer.schedule = replace(schedule, rate=rate) if rate else schedule
    with asked_to_stop() as asked:
        trainer.stopping = asked.is_set
        trainer.train()


def _config(chosen: ModelOptions, begun: VUNet | None) -> VUNetConfig:
    preset = VUNetConfig.preset(chosen.preset)
    config = VUNetConfig.from_dict({**preset.to_dict(), "mannequin": chosen.mannequin, **chosen.settings})
    config = ablated_config(config, chosen.without or None)
    return continued_config(begun.config, config) if begun else config


def usual_precision(device: str | None) -> str:
    """What the hardware computes fastest in, of `PRECISIONS`."""
    return str(choose_precision(Processes(device).device)).removeprefix("torch.")


def export_command(folder: Path, out: Path) -> None:
    """Writes the averaged weights of a run; raises `VUNetError`."""
    if not (folder / STATE).exists():
        raise VUNetError(f"{folder} holds no run: give the folder that was named to `train --run`.")
    config = VUNetConfig.from_dict(read_state(folder)["config"])
    run = Run.open(folder, config)
    save_checkpoint(run.averaged(), out, run.facts())
