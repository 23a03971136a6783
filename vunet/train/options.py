"""All that a training run may choose, in one typed place. `train --config FILE` reads it from YAML or JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import torch

from vunet.data.augment import Augmentation
from vunet.data.limb_rotation import LimbRotation
from vunet.errors import VUNetError
from vunet.losses import LossWeights
from vunet.model.config import DEFAULT_PRESET
from vunet.train.schedule import Schedule

PRECISIONS = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}
Options = TypeVar("Options")


@dataclass(frozen=True)
class ModelOptions:
    """preset: of `PRESETS`. settings: of `VUNetConfig`, in the place of the preset's: widths, codes, size. mannequin:
    whether E reads the body behind the skeleton. start: a checkpoint to start from, whose config is taken over. without: an
    ablation."""

    preset: str = DEFAULT_PRESET
    settings: Mapping[str, Any] = field(default_factory=dict)
    mannequin: bool = False
    start: str = ""
    without: str = ""


@dataclass(frozen=True)
class TrainOptions:
    """What a run may choose beside its model.

    steps: planned length. batch: people that a process passes at once; accumulate: such passes a step; pairs: how many of a
    batch are pairs. betas, ema: of Adam, and of the moving average. colour_power: how much more often colourful people are
    sampled. perceptual: of `BACKBONES`. precision: of `PRECISIONS`.
    schedule: times in images; stretched over the planned length if left out. Every so many steps: report_every,
    judge_every (held-out people), snapshot_every (0: never). Seconds: save_every, sheet_every.
    """

    steps: int = 6000
    batch: int = 8
    accumulate: int = 1
    pairs: int = 0
    seed: int = 0
    betas: tuple[float, float] = (0.5, 0.99)
    ema: float = 0.995
    colour_power: float = 1.5
    perceptual: str = "auto"
    precision: str = "bfloat16"
    report_every: int = 10
    judge_every: int = 500
    snapshot_every: int = 0
    save_every: float = 180.0
    sheet_every: float = 600.0
    workers: int = 1
    device: str = "cpu"
    weights: LossWeights = field(default_factory=LossWeights)
    schedule: Schedule | None = None
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "accumulate", "report_every", "judge_every"):
            if getattr(self, name) < 1:
                raise VUNetError(f"Training needs {name} of 1 or more, not {getattr(self, name)}.")
        for name in ("pairs", "workers", "snapshot_every", "seed"):
            if getattr(self, name) < 0:
                raise VUNetError(f"Training needs {name} of 0 or more, not {getattr(self, name)}.")
        if self.pairs >= self.batch:
            raise VUNetError(f"Of a batch of {self.batch} at most {self.batch - 1} can be pairs: photos teach texture.")
        if self.precision not in PRECISIONS:
            raise VUNetError(f"There is no precision {self.precision!r}: choose {', '.join(PRECISIONS)} or auto.")

    @property
    def dtype(self) -> torch.dtype:
        """Of convolutions; weights are in single precision."""
        return PRECISIONS[self.precision]

    @property
    def anchored(self) -> bool:
        """Whether codes stay where the start's prior knows them."""
        return self.weights.anchor > 0

    @property
    def photos(self) -> int:
        """How many of a batch are photos; they come first."""
        return self.batch - self.pairs


@dataclass(frozen=True)
class RunOptions:
    """What a config file holds."""

    model: ModelOptions = field(default_factory=ModelOptions)
    train: TrainOptions = field(default_factory=TrainOptions)


NESTED = {
    "model": ModelOptions, "train": TrainOptions, "weights": LossWeights, "schedule": Schedule,
    "augmentation": Augmentation, "limbs": LimbRotation,
}  # fmt: skip


def read_options(path: Path | None) -> RunOptions:
    """The options of a file, or the usual ones; raises `VUNetError` for what there is not, by name."""
    import yaml

    if path is None:
        return RunOptions()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise VUNetError(f"{path} cannot be read as YAML or JSON: {str(error).splitlines()[0]}.") from None
    return _typed(RunOptions, data, "")


def _typed(kind: type[Options], data: Any, where: str) -> Options:
    if not isinstance(data, Mapping):
        raise VUNetError(f"The config's {where or 'content'} has to be a table of names and values.")
    known = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if unknown := data.keys() - known.keys():
        name = f"{where}.{unknown.pop()}".lstrip(".")
        raise VUNetError(f"The config has an unknown setting {name!r}: known are {', '.join(known)}.")
    return kind(**{name: _value(name, value, f"{where}.{name}".lstrip(".")) for name, value in data.items()})


def _value(name: str, value: Any, where: str) -> Any:
    if name in NESTED:
        return _typed(NESTED[name], value, where)
    if isinstance(value, list):
        return tuple(tuple(each) if isinstance(each, list) else each for each in value)
    return value
