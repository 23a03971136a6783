"""Pictures one after another as a film: WebM (VP8) or, where its FFmpeg has the encoder, MP4 (H.264), by OpenCV; or GIF."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from vunet.errors import VUNetError

FORMATS = ("webm", "mp4", "gif")
FRAMES_PER_SECOND = 25
NAMES = {"webm": "WebM", "mp4": "MP4"}
CODECS = {"webm": "VP80", "mp4": "avc1"}  # VP9 takes three times as long and is no smaller
_OPENING = threading.Lock()  # log level and stream are those of the process
SIZE = 512  # pixels of a film's side: players enlarge small films badly


def write_film(pictures: Iterable[np.ndarray], path: Path, frames_per_second: int) -> None:
    """Writes pictures (S, S, 3) uint8 RGB, by the ending of `path`: .webm, .mp4, or .gif that repeats for ever.

    Raises `VUNetError` for another ending, for no picture, or where this machine cannot encode.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise VUNetError(f"Films are written as webm, mp4 or gif, not as {kind!r}.")
    pictures = iter(pictures)
    first = next(pictures, None)
    if first is None:
        raise VUNetError("A film needs one picture or more.")
    (_write_gif if kind == "gif" else _write_video)(_chained(first, pictures), path, frames_per_second)


def _chained(first: np.ndarray, rest: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    yield first
    yield from rest


def _write_video(pictures: Iterator[np.ndarray], path: Path, frames_per_second: int) -> None:
    kind = path.suffix.lower().lstrip(".")
    writer = _writer(path, frames_per_second)
    if not writer.isOpened():
        raise VUNetError(f"This machine cannot write {NAMES[kind]} films: choose another format.")
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


def can_write(kind: str) -> bool:
    """Whether this machine writes films of a format."""
    if kind == "gif":
        return True
    with tempfile.TemporaryDirectory() as folder:
        writer = _writer(Path(folder) / f"film.{kind}", FRAMES_PER_SECOND)
        there = writer.isOpened()
        writer.release()
    return there


def _writer(path: Path, frames_per_second: int) -> Any:
    codec = cv2.VideoWriter_fourcc(*CODECS[path.suffix.lower().lstrip(".")])  # type: ignore[attr-defined]
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # FFmpeg prints, past Python, what it has no encoder for
    with _OPENING, _without_remarks():
        level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        try:
            return cv2.VideoWriter(str(path), codec, frames_per_second, (SIZE, SIZE))
        finally:
            cv2.utils.logging.setLogLevel(level)


@contextmanager
def _without_remarks() -> Iterator[None]:
    """OpenCV remarks on VP80's tag past Python and past its own log levels."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no such stream
        yield
        return
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


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
