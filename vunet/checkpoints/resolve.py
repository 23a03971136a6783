"""From what a user names to a file of weights."""

from __future__ import annotations

from pathlib import Path

from vunet.errors import BadCheckpoint

DEFAULT = Path(__file__).parents[2] / "checkpoints" / "street-256.safetensors"


def resolve(checkpoint: str | Path | None) -> Path:
    """The file of a checkpoint: None (the embedded default), a file, or a folder that holds one. Raises `BadCheckpoint`."""
    path = DEFAULT if checkpoint is None else Path(checkpoint)
    if path.is_dir():
        files = sorted(path.glob("*.safetensors"))
        if len(files) != 1:
            raise BadCheckpoint(f"{path} holds {len(files)} safetensors files: name the one to load.")
        return files[0]
    if not path.is_file():
        raise BadCheckpoint(f"There is no checkpoint at {path}: give a .safetensors file, or leave it out for the default.")
    return path
