"""What people wear, by words beside their photos: `tags.json`, {"photo name or stem": ["dress", "hat", ...]}.

A prepared person keeps the words as they are; the prior is conditioned on the eight garments of `GARMENTS`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from vunet.errors import VUNetError
from vunet.model.garments import GARMENTS, WORDS

TAGS_FILE = "tags.json"


def read_tags(folder: Path) -> Mapping[str, Sequence[str]]:
    """The words of each photo below a folder; empty without a file. Raises `VUNetError`."""
    path = folder / TAGS_FILE
    if not path.exists():
        return {}
    try:
        tags = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(words, list) and all(isinstance(w, str) for w in words) for words in tags.values()):
            return tags
    except (OSError, ValueError, AttributeError):
        pass
    raise VUNetError(f'{path} cannot be read: give JSON like {{"photo": ["dress", "hat"]}}, or remove it.')


def tags_of(photo: str, tags: Mapping[str, Sequence[str]]) -> Sequence[str] | None:
    """The words of a photo, by its path below the folder, file name or stem; None if there are none."""
    path = PurePosixPath(photo)
    return next((tags[name] for name in (photo, path.name, path.stem) if name in tags), None)


def wishes(words: Sequence[str] | None) -> np.ndarray:
    """(G,) float32: 1 for garments that the words name, -1 for the others; all 0 where nothing is known."""
    if words is None:
        return np.zeros(len(GARMENTS), np.float32)
    worn = {word.lower() for word in words}
    return np.array([1.0 if worn & set(WORDS[name]) else -1.0 for name in GARMENTS], np.float32)
