"""The state of a training on the disk, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

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


def state_of(trainer: Any, parts: Sequence[str]) -> dict[str, Any]:
    """A trainer's step and the states of its parts, by their names."""
    return {"step": trainer.step} | {name: getattr(trainer, name).state_dict() for name in parts}


def restore(trainer: Any, parts: Sequence[str], state: dict[str, Any]) -> None:
    """The counterpart of `state_of`."""
    trainer.step = state["step"]
    for name in parts:
        getattr(trainer, name).load_state_dict(state[name])
