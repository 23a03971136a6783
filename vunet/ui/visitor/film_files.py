"""Films for visitors, in Gradio's expiring cache."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from vunet.output.film import FORMATS, FRAMES_PER_SECOND, write_film


def film_file(cache: str, pictures: Iterable[np.ndarray], form: str) -> str:
    """Writes a film into a folder of its own, whose name nobody can guess; the path. Raises `VUNetError`."""
    folder = Path(cache) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    path = folder / f"motion.{form if form in FORMATS else FORMATS[0]}"
    try:
        write_film(pictures, path, FRAMES_PER_SECOND)
    except BaseException:  # Gradio deletes only what it was given
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return str(path)
