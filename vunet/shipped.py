"""Files that come with the program: example people and poses, checkpoints."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
WHEEL = Path(__file__).parent / "_shipped"  # where `pyproject.toml` puts them in a wheel


def shipped(name: str) -> Path:
    """A folder, `assets` or `checkpoints`: in the repository, or in the installed package."""
    return (WHEEL if WHEEL.is_dir() else REPOSITORY) / name
