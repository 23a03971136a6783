"""From what a user names to a file of weights."""

from __future__ import annotations

from pathlib import Path

from vunet.checkpoints.hub import LONG_TIMEOUT, HubName, Progress, fetch
from vunet.errors import BadCheckpoint
from vunet.shipped import shipped

FOLDER = shipped("checkpoints")
DEFAULT = FOLDER / "parts-256.safetensors"


def resolve(
    checkpoint: str | Path | None = None,
    revision: str | None = None,
    progress: Progress | None = None,
    timeout: float = LONG_TIMEOUT,
) -> Path:
    """The file of a checkpoint. Raises `BadCheckpoint` and `HubUnavailable`.

    checkpoint: None (the embedded default), the name of an embedded one, a file, a folder that holds one, or a repository
    on the Hugging Face Hub (`user/repo`, `user/repo@revision`). revision: a commit, branch or tag, for repositories only.
    progress, timeout: see `fetch`.
    """
    name = None if _is_local(checkpoint) else HubName.parse(str(checkpoint))
    if name:
        return fetch(HubName(name.repo, revision or name.revision), progress, timeout)
    if revision:
        raise BadCheckpoint("Only a repository on the Hub has revisions: name one as user/repo.")
    return _local(checkpoint)


def embedded() -> list[str]:
    """The names of the checkpoints that come with the program, the default first."""
    return sorted((path.stem for path in FOLDER.glob("*.safetensors")), key=lambda stem: (stem != DEFAULT.stem, stem))


def _is_local(checkpoint: str | Path | None) -> bool:
    return checkpoint is None or isinstance(checkpoint, Path) or Path(checkpoint).exists()


def _local(checkpoint: str | Path | None) -> Path:
    path = DEFAULT if checkpoint is None else Path(checkpoint)
    if path.is_dir():
        files = sorted(path.glob("*.safetensors"))
        if len(files) != 1:
            raise BadCheckpoint(f"{path} holds {len(files)} safetensors files: name the one to load.")
        return files[0]
    if not path.is_file() and str(checkpoint) in embedded():
        return FOLDER / f"{checkpoint}.safetensors"
    if not path.is_file():
        raise BadCheckpoint(
            f"There is no checkpoint at {path}: give a .safetensors file or a repository on the Hub, or leave it out."
        )
    return path
