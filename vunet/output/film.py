"""Pictures one after another as a film: WebM (VP9, by OpenCV's own FFmpeg) or GIF."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from vunet.errors import VUNetError

FORMATS = ("webm", "gif")
SIZE = 512  # pixels of a film's side: players enlarge small films badly


def write_film(pictures: Iterable[np.ndarray], path: Path, frames_per_second: int) -> None:
    """Writes pictures (S, S, 3) uint8 RGB, by the ending of `path`: .webm, or .gif that repeats for ever.

    Raises `VUNetError` for another ending, for no picture, or where this machine cannot encode.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise VUNetError(f"Films are written as {' or '.join(FORMATS)}, not as {kind!r}.")
    pictures = iter(pictures)
    first = next(pictures, None)
    if first is None:
        raise VUNetError("A film needs one picture or more.")
    (_write_webm if kind == "webm" else _write_gif)(_chained(first, pictures), path, frames_per_second)


def _chained(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest


def _write_webm(pictures: Iterator[np.ndarray], path: Path, frames_per_second: int) -> None:
    codec = cv2.VideoWriter_fourcc(*"VP90")  # type: ignore[attr-defined]
    writer = cv2.VideoWriter(str(path), codec, frames_per_second, (SIZE, SIZE))
    if not writer.isOpened():
        raise VUNetError("This machine cannot write WebM films: choose GIF.")
    written = 0
    try:
        for picture in pictures:
            large = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
            writer.write(cv2.cvtColor(large, cv2.COLOR_RGB2BGR))
            written += 1
    finally:
        writer.release()
    if _frames(path) != written:  # OpenCV says nothing of a full disk
        raise OSError(errno.ENOSPC, "the film could not be written to its end")


def _frames(path: Path) -> int:
    """How many pictures of a film can be read again."""
    reader, count = cv2.VideoCapture(str(path)), 0
    while reader.grab():
        count += 1
    reader.release()
    return count


def _write_gif(pictures: Iterator[np.ndarray], path: Path, frames_per_second: int) -> None:
    first, *rest = (Image.fromarray(picture).quantize(128) for picture in pictures)
    first.save(path, save_all=True, append_images=rest, duration=round(1000 / frames_per_second), loop=0, optimize=False)
