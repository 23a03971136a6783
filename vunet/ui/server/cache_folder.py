"""A folder for Gradio's cache that is this process's own, and goes with it.

Gradio deletes what has expired, but what a stopped server leaves behind stays on the disk for ever. So the folder is
removed when the process ends, by SIGTERM too; what a killed one left, when the next one starts. That gets the same folder:
pages that are still open name their pictures by it.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

VARIABLE = "GRADIO_TEMP_DIR"  # Gradio reads it when it is imported


def use_private_cache() -> None:
    """Call it before gradio is imported. A folder that the environment names is used as it is, and never removed."""
    if os.environ.get(VARIABLE):
        return
    user = getattr(os, "getuid", int)()
    folders = (Path(tempfile.gettempdir()) / f"vunet-page-{user}-{n}" for n in itertools.count(1))
    folder, lock = next(taken for taken in map(_take, folders) if taken)
    os.environ[VARIABLE] = str(folder)
    remove = partial(_remove, folder, lock, os.getpid())
    atexit.register(remove)
    signal.signal(signal.SIGTERM, partial(_stop, remove))


def _take(folder: Path) -> tuple[Path, FileLock] | None:
    """An empty folder that nobody else can read, and the lock that says so; None if another process has it."""
    lock = FileLock(f"{folder}.lock")
    try:
        lock.acquire(timeout=0)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)  # fails where somebody laid a link
        return folder, lock
    except (Timeout, OSError):
        return None


def _stop(remove: Callable[[], None], number: int, frame: object) -> None:
    """Ends the process as the signal would have: an orderly exit aborts where the model is at work in another thread."""
    remove()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _remove(folder: Path, lock: FileLock, owner: int) -> None:
    if os.getpid() == owner:  # not in a worker that was forked
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
