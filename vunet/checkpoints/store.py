"""One safetensors file a checkpoint: plain half-precision weights, the config and the card's facts in its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from vunet.errors import BadCheckpoint
from vunet.model import VUNet, VUNetConfig

FORMAT = "vunet-1"


def save_checkpoint(model: VUNet, path: Path, facts: Mapping[str, Any] | None = None) -> None:
    """Writes the weights in half precision. facts: what is worth knowing beside them (data, steps, scores)."""
    tensors = {name: t.detach().to("cpu", torch.float16).contiguous() for name, t in model.state_dict().items()}
    metadata = {
        "format": FORMAT,
        "config": json.dumps(model.config.to_dict()),
        "facts": json.dumps(dict(facts or {})),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata)


def load_checkpoint(path: Path) -> VUNet:
    """Reads a checkpoint strictly, in evaluation mode and single precision on the CPU; raises `BadCheckpoint`."""
    try:
        with safe_open(path, "pt") as file:
            config = _config(file.metadata())
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"{path.name} cannot be read as a safetensors checkpoint: {_reason(error)}.") from None
    model = VUNet(config)
    _require_fit(model, tensors, path.name)
    model.load_state_dict(tensors, strict=True)
    return model.eval()


def read_facts(path: Path) -> dict[str, Any]:
    """The facts stored beside the weights."""
    with safe_open(path, "pt") as file:
        return json.loads((file.metadata() or {}).get("facts", "{}"))


def _config(metadata: Mapping[str, str] | None) -> VUNetConfig:
    if not metadata or metadata.get("format") != FORMAT:
        raise BadCheckpoint(f"This file is not a VUNet checkpoint of format {FORMAT}.")
    try:
        return VUNetConfig.from_dict(json.loads(metadata["config"]))
    except (KeyError, ValueError, TypeError, AttributeError):
        raise BadCheckpoint("The checkpoint's config cannot be read.") from None


def _require_fit(model: VUNet, tensors: Mapping[str, torch.Tensor], name: str) -> None:
    expected = {k: v.shape for k, v in model.state_dict().items()}
    found = {k: v.shape for k, v in tensors.items()}
    wrong = sorted(k for k in expected.keys() | found.keys() if expected.get(k) != found.get(k))
    if wrong:
        raise BadCheckpoint(f"{name} does not fit its own config: {len(wrong)} weights differ, first {wrong[0]}.")


def _reason(error: Exception) -> str:
    return "there is no such file" if isinstance(error, FileNotFoundError) else "it is damaged or of another kind"
