"""The state of a training on the disk, and what it is made of."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from vunet.errors import VUNetError


def save_state(state: dict[str, Any], path: Path) -> None:
    """Writes a state; a crash in the middle leaves the last one intact. Raises `VUNetError`."""
    temporary = path.with_name(path.name + ".new")
    try:
        torch.save(state, temporary)
        temporary.replace(path)
    except (OSError, RuntimeError) as error:  # PyTorch's writer has no type of its own for a full disk
        temporary.unlink(missing_ok=True)
        raise VUNetError(f"{path.parent} cannot be written, the last state is intact: make room and go on.") from error


def load_state(path: Path, mapped: bool = False) -> dict[str, Any]:
    """Reads a state onto the CPU; raises `VUNetError` for a file that is damaged.

    mapped: its tensors stay on the disk until they are read.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, ValueError, KeyError) as error:
        raise VUNetError(
            f"{path} is damaged or no state of a training: take a copy of it that is whole, or begin in a new folder."
        ) from error
    if not isinstance(state, dict):
        raise VUNetError(f"{path} is no state of a training: begin in a new folder.")
    return state


def step_seed(seed: int, step: int) -> int:
    """A seed of a step's own: seed 1 is not seed 0 a step later."""
    return int(np.random.SeedSequence([seed, step]).generate_state(1)[0])


def fingerprint(model: nn.Module) -> str:
    """Tells weights from others."""
    digest = hashlib.sha256()
    for value in model.state_dict().values():
        digest.update(value.detach().half().cpu().numpy().tobytes())
    return digest.hexdigest()


def state_of(trainer: Any, parts: Sequence[str]) -> dict[str, Any]:
    """A trainer's step and the states of its parts, by their names."""
    return {"step": trainer.step} | {name: getattr(trainer, name).state_dict() for name in parts}


def restore(trainer: Any, parts: Sequence[str], state: dict[str, Any]) -> None:
    """The counterpart of `state_of`."""
    trainer.step = state["step"]
    for name in parts:
        getattr(trainer, name).load_state_dict(state[name])
