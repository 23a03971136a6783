"""What `python -m vunet train-prior` does: a checkpoint gets the prior that its samples come from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import torch

from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.checkpoints.store import read_facts
from vunet.errors import VUNetError
from vunet.losses import load_perceptual
from vunet.model import VUNet, VUNetConfig
from vunet.model.config import DEFAULT_PRESET
from vunet.model.vunet import extended, without_autoregressive, without_colours
from vunet.runtime.device import choose_device, choose_precision
from vunet.train.prior.colour_fit import fit_colours
from vunet.train.prior.flow_fit import fit_flow
from vunet.train.prior.people import PriorPeople
from vunet.train.prior.together import TogetherTrainer
from vunet.train.prior.trainer import PriorOptions, PriorTrainer
from vunet.train.state_file import load_state
from vunet.train.steps import run_steps

STATES = {PriorTrainer: "prior.pt", TogetherTrainer: "together.pt"}


def train_prior_command(
    checkpoint: Path,
    data: Path,
    folder: Path,
    out: Path,
    options: PriorOptions,
    stopping: Callable[[], bool] = lambda: False,
    limit: int | None = None,
    together: bool = False,
) -> None:
    """Trains, or goes on training, the hierarchical prior of a checkpoint, and writes the checkpoint with it to `out`.

    stopping: asked after each step; the state is saved and `KeyboardInterrupt` raised when it says so. together: whether D
    learns too, from a checkpoint whose prior is trained. Raises `VUNetError`.
    """
    if options.codes_steps >= options.steps:
        raise VUNetError(
            f"Of {options.steps} steps {options.codes_steps} are on codes alone: plan more, or fewer of these."
        )
    perceptual = load_perceptual("efficientnet")
    assert perceptual is not None
    model = _with_untrained_prior(load_checkpoint(checkpoint))
    if together and not (model.prior and model.prior.ready):
        raise VUNetError("D learns together with a trained prior: run `train-prior` without --together first.")
    model = model.to(options.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    folder.mkdir(parents=True, exist_ok=True)
    people = PriorPeople(data, model, folder, limit)
    features = perceptual.features.to(options.device)
    trainer = (TogetherTrainer if together else PriorTrainer)(model, people, options, features)
    state = folder / STATES[type(trainer)]
    if state.exists():
        trainer.load_state_dict(load_state(state))
    else:
        trainer.measure()
    run_steps(trainer, options.steps, trainer.train_step, state, stopping)
    finished = trainer.finished()
    if not together:
        fit_flow(finished, people, options.device, options.seed, options.flow_steps)
    if not fit_colours(finished, people, options):
        finished = without_colours(finished)
    steps = {"together_steps" if together else "prior_steps": trainer.step}
    save_checkpoint(without_autoregressive(finished), out, read_facts(checkpoint) | steps)
    people.forget()


def place_and_precision(device: str | None) -> tuple[str, bool]:
    """The device's name, and whether half precision is faster there; raises `VUNetError`."""
    place = choose_device(device)
    return str(place), choose_precision(place) == torch.bfloat16


def _with_untrained_prior(model: VUNet) -> VUNet:
    """The model, with a prior of the default preset's size where it has none, that knows colours."""
    if not model.config.part_codes:
        raise VUNetError("Only models with codes of parts have such a prior: train one with --preset parts-256.")
    sized = model.config if model.prior is not None else VUNetConfig.preset(DEFAULT_PRESET)
    whole, part = sized.prior_whole, sized.prior_part
    return extended(model, dataclasses.replace(model.config, prior_whole=whole, prior_part=part, prior_colours=True))
