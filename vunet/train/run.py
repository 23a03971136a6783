"""The state of a training run and its folder: saved often, resumed exactly."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from torch.optim import Adam
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vunet.checkpoints import save_checkpoint
from vunet.errors import VUNetError
from vunet.model import VUNet, VUNetConfig
from vunet.model.vunet import extended, without_correction, without_detail
from vunet.train.discriminator_training import AdversarialTrainer
from vunet.train.options import TrainOptions
from vunet.train.processes import Processes
from vunet.train.state_file import load_state, save_state
from vunet.train.weight_norm import fold_weights, lengthen_directions, normalise_weights, sample_weights

STATE, LOG, SHEETS = "state.pt", "log.jsonl", "sheets"
SNAPSHOTS, BEST = "snapshots", "best.safetensors"


def warmed_average(ema: float) -> Callable[[Any, Any, Tensor | int], None]:
    """A moving average whose decay rises to `ema`: a constant one would hide the first steps."""

    def average(averages: Any, currents: Any, updates: Tensor | int) -> None:
        decay = min(ema, (1 + int(updates)) / (10 + int(updates)))
        get_ema_multi_avg_fn(decay)(averages, currents, updates)

    return average


@dataclass
class Run:
    """One training run: the weight-normalised model, its moving average, the optimiser, where it stands."""

    folder: Path
    model: VUNet
    average: AveragedModel
    optimizer: Adam
    continued: bool = False
    step: int = 0
    skipped: int = 0
    in_a_row: int = 0
    rollbacks: int = 0
    norms: list[float] = field(default_factory=list)
    adversarial: AdversarialTrainer | None = None
    saved_adversarial_state: dict[str, Any] | None = None  # of a discriminator that this part of the run does not use
    history: list[dict[str, Any]] = field(default_factory=list)  # options, and the step from which they held
    best: float = math.inf  # held-out loss
    betas: tuple[float, float] = (0.5, 0.99)
    scaler: torch.amp.GradScaler = field(default_factory=lambda: torch.amp.GradScaler(enabled=False))

    @classmethod
    def open(
        cls,
        folder: Path,
        config: VUNetConfig,
        start: VUNet | None = None,
        device: str = "cpu",
        adversarial: AdversarialTrainer | None = None,
        options: TrainOptions | None = None,
    ) -> Run:
        """Resumes the run in `folder`, or starts one, from the weights of `start` if given. Raises `VUNetError`.

        adversarial: a discriminator to train against; one may join in the middle of a run. options: for optimiser, average
        and precision.
        """
        options = options or TrainOptions()
        start = _extended_to(start, config) if start else None
        (folder / SHEETS).mkdir(parents=True, exist_ok=True)
        state = read_state(folder) if (folder / STATE).exists() else None
        if state and VUNetConfig.from_dict(state["config"]) != config:
            raise VUNetError(f"{folder} holds a run of another model: choose a new folder, or its own preset.")
        torch.manual_seed(0)
        model = lengthen_directions(normalise_weights(start)) if start else normalise_weights(sample_weights(VUNet(config)))
        model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        average = AveragedModel(model, multi_avg_fn=warmed_average(options.ema))
        optimizer = _optimizer(model, options.betas)
        run = cls(folder, model, average, optimizer, start is not None, adversarial=adversarial, betas=options.betas)
        run.scaler = torch.amp.GradScaler(torch.device(device).type, enabled=options.precision == "float16")
        if state:
            run._restore(state)
        return run

    @property
    def is_new(self) -> bool:
        """True before the first step of a run that started from drawn weights."""
        return self.step == 0 and not self.continued

    def share(self, processes: Processes) -> None:
        """The discriminator's gradients are averaged as well."""
        if self.adversarial:
            self.adversarial.processes = processes

    def advance(self, anchored: bool = False) -> None:
        """One optimiser step, and the average follows. anchored: the codes stay where the prior knows them."""
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.average.update_parameters(self.model)
        for model in (self.model, cast(VUNet, self.average.module)):
            if model.prior is not None and not anchored:
                model.prior.get_buffer("trained").zero_()  # its codes have moved: `train-prior` has to follow
        self.in_a_row = 0

    def skip(self, most: int) -> None:
        """Leaves a step out. After `most` in a row the model goes back to its average, with a new optimiser."""
        self.skipped += 1
        self.in_a_row += 1
        self.scaler.update()
        if self.in_a_row >= most:
            self.model.load_state_dict(self.average.module.state_dict())
            self.optimizer = _optimizer(self.model, self.betas)
            self.norms, self.in_a_row = [], 0
            self.rollbacks += 1

    def save(self) -> None:
        """Writes the whole state; a crash in the middle leaves the last one intact. Raises `VUNetError`."""
        save_state(self._state(), self.folder / STATE)

    def log(self, entry: dict[str, Any]) -> None:
        """Appends one JSON line."""
        with (self.folder / LOG).open("a") as lines:
            print(json.dumps({k: round(v, 6) if isinstance(v, float) else v for k, v in entry.items()}), file=lines)

    def record(self, options: dict[str, Any]) -> None:
        """Remembers the options that the next steps are made with; an exported checkpoint names them."""
        plain = json.loads(json.dumps(options))
        if not self.history or self.history[-1]["options"] != plain:
            self.history.append({"from_step": self.step, "options": plain})

    def facts(self) -> dict[str, Any]:
        """What an exported checkpoint says of its training."""
        return {"steps": self.step, "skipped_steps": self.skipped, "options": self.history}

    def snapshot(self) -> None:
        """Writes the averaged weights as a checkpoint that is named by its step."""
        save_checkpoint(self.averaged(), self.folder / SNAPSHOTS / f"{self.step:06d}.safetensors", self.facts())

    def keep_best(self, model: VUNet, loss: float) -> None:
        """Writes the averaged weights as the best checkpoint, if they are."""
        if loss < self.best:
            self.best = loss
            save_checkpoint(model, self.folder / BEST, self.facts() | {"held_out_loss": loss})

    def averaged(self) -> VUNet:
        """The moving average with folded weights, for inference."""
        return fold_weights(cast(VUNet, self.average.module))

    def _state(self) -> dict[str, Any]:
        return {
            "config": self.model.config.to_dict(),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "continued": self.continued,
            "step": self.step,
            "skipped": self.skipped,
            "in_a_row": self.in_a_row,
            "rollbacks": self.rollbacks,
            "norms": self.norms,
            "history": self.history,
            "best": self.best,
            "scaler": self.scaler.state_dict(),
            "adversarial": self.adversarial.state_dict() if self.adversarial else self.saved_adversarial_state,
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        for name in ("continued", "step", "skipped", "in_a_row", "rollbacks", "norms", "history", "best"):
            setattr(self, name, state.get(name, getattr(self, name)))
        if self.scaler.is_enabled() and state.get("scaler"):
            self.scaler.load_state_dict(state["scaler"])
        self.saved_adversarial_state = state.get("adversarial")
        if self.adversarial and self.saved_adversarial_state:
            self.adversarial.load_state_dict(self.saved_adversarial_state)


def read_state(folder: Path) -> dict[str, Any]:
    """The saved state of a run; raises `VUNetError` for one that cannot be read."""
    return load_state(folder / STATE)


def continued_config(start: VUNetConfig, config: VUNetConfig) -> VUNetConfig:
    """The config of a run that goes on from a checkpoint: its own, with the mannequin if `config` has one, and a prior."""
    wider = replace(start, correction_width=0, detail_width=0, mannequin=start.mannequin or config.mannequin)
    if start.prior_whole:
        return wider
    return replace(wider, autoregressive=True, prior_whole=config.prior_whole, prior_part=config.prior_part)


def _extended_to(start: VUNet, config: VUNetConfig) -> VUNet:
    """Weights to start from; what `config` has beside them is untrained."""
    start = without_correction(without_detail(start))  # D will change: both have to follow
    if continued_config(start.config, config) != config:
        raise VUNetError("The checkpoint to start from is of another model: name its preset with --preset.")
    return start if start.config == config else extended(start, config)


def _optimizer(model: VUNet, betas: tuple[float, float]) -> Adam:
    # The authors' second beta is 0.9; over eight photos a step that forgets too fast, and one bad batch can end a run.
    return Adam(model.parameters(), betas=betas, fused=True)
