"""One safetensors file a checkpoint: plain half-precision weights, the config and the card's facts in its metadata."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from vunet.errors import BadCheckpoint, VUNetError
from vunet.model import VUNet, VUNetConfig
from vunet.runtime.ranges import Ranges

FORMAT = "vunet-1"
OLD_DETAIL = "detail_crop"  # a setting of files whose detail network read crops: it is left out
WIDEST = 1e4  # of the range of a convolution's input; ours reach some dozens
MAX_HEADER = 1 << 20  # bytes; ours has 40 kB


def save_checkpoint(model: VUNet, path: Path, facts: Mapping[str, Any] | None = None, ranges: Ranges | None = None) -> None:
    """Writes the weights in half precision; a crash in the middle leaves an older file intact. Raises `VUNetError`.

    facts: what is worth knowing beside them (data, steps, scores). ranges: of the inputs of convolutions, for int8.
    """
    tensors = {name: t.detach().to("cpu", torch.float16).contiguous() for name, t in model.state_dict().items()}
    metadata = {
        "format": FORMAT,
        "config": json.dumps(model.config.to_dict()),
        "facts": json.dumps(dict(facts or {})),
    }
    if ranges:
        metadata["int8"] = json.dumps(ranges)
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, temporary, metadata)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except (OSError, SafetensorError) as error:  # the writer has no type of its own for a full disk
        raise VUNetError(f"{path} cannot be written: {error}. Make room, or name another place.") from None
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """What the user takes away from new files; the writer makes them readable by the owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def load_checkpoint(path: Path) -> VUNet:
    """Reads a checkpoint strictly, in evaluation mode and single precision on the CPU; raises `BadCheckpoint`.

    Nothing is allocated before the file's own table of shapes is seen to be that of its config.
    """
    with _opened(path) as file:
        model = _empty(_config(file.metadata()), path.name)
        names = [name for name in file.keys() if model.detail or not name.startswith("detail.")]  # noqa: SIM118
        found = {name: tuple(file.get_slice(name).get_shape()) for name in names}
        _require_fit(model, found, path.name)
        tensors = {name: file.get_tensor(name).float() for name in model.state_dict()}
    if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
        raise BadCheckpoint(f"{path.name} holds weights that are not numbers: it is damaged, or its training diverged.")
    model.load_state_dict(tensors, strict=True, assign=True)
    if not model.config.autoregressive and not (model.prior is not None and model.prior.ready):
        raise BadCheckpoint(f"{path.name} has no trained prior: finish `train-prior` for it.")
    return model.eval()


def _empty(config: VUNetConfig, name: str) -> VUNet:
    """A model without memory for its weights."""
    try:
        with torch.device("meta"):
            return VUNet(config)
    except (ValueError, IndexError, ZeroDivisionError, RuntimeError, AssertionError):
        raise BadCheckpoint(f"{name} has a config that no model can have.") from None


def read_facts(path: Path) -> dict[str, Any]:
    """The facts stored beside the weights; raises `BadCheckpoint`."""
    with _opened(path) as file:
        text = (file.metadata() or {}).get("facts", "{}")
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError, RecursionError):
        raise BadCheckpoint(f"What {path.name} says of its training cannot be read.") from None


def read_ranges(path: Path) -> Ranges | None:
    """The ranges stored beside the weights; None where there are none, or what is there is not ranges."""
    with _opened(path) as file:
        text = (file.metadata() or {}).get("int8", "null")
    try:
        graphs = json.loads(text)
        ranges = {str(name): [(float(low), float(high)) for low, high in rows] for name, rows in graphs.items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    sound = all(-WIDEST < low <= high < WIDEST for rows in ranges.values() for low, high in rows)
    return ranges if sound else None


def read_config(path: Path) -> VUNetConfig:
    """The config stored beside the weights; raises `BadCheckpoint`."""
    with _opened(path) as file:
        return _config(file.metadata())


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        _require_small_header(path)
        with safe_open(path, "pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise BadCheckpoint(f"{path.name} cannot be read as a safetensors checkpoint: {_reason(error)}.") from None


def _require_small_header(path: Path) -> None:
    """A header is parsed whole, so its length, the file's first eight bytes, is looked at first."""
    with path.open("rb") as file:
        if int.from_bytes(file.read(8), "little") > MAX_HEADER:
            raise SafetensorError("header too large")


def _config(metadata: Mapping[str, str] | None) -> VUNetConfig:
    if not metadata or metadata.get("format") != FORMAT:
        raise BadCheckpoint(f"This file is not a VUNet checkpoint of format {FORMAT}.")
    try:
        settings = json.loads(metadata["config"])
        if settings.pop(OLD_DETAIL, None):
            warnings.warn("The detail network of this checkpoint is of an older kind: train one anew.", stacklevel=2)
            settings["detail_width"] = 0
        return VUNetConfig.from_dict(settings)
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        raise BadCheckpoint("The checkpoint's config cannot be read.") from None


def _require_fit(model: VUNet, found: Mapping[str, tuple[int, ...]], name: str) -> None:
    expected = {k: tuple(v.shape) for k, v in model.state_dict().items()}
    wrong = sorted(k for k in expected.keys() | found.keys() if expected.get(k) != found.get(k))
    if wrong:
        raise BadCheckpoint(f"{name} does not fit its own config: {len(wrong)} weights differ, first {wrong[0]}.")


def _reason(error: Exception) -> str:
    return "there is no such file" if isinstance(error, FileNotFoundError) else "it is damaged or of another kind"
