"""Ctrl+C and SIGTERM end a run between two steps, so that its state can be saved."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def asked_to_stop() -> Iterator[Event]:
    """An event that the first such signal sets; the second one acts as it always did."""
    asked = Event()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def ask(*_: object) -> None:
        asked.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in SIGNALS:
        signal.signal(number, ask)
    try:
        yield asked
    finally:
        restore()


def leave_stopping_to_the_run(_worker: int) -> None:
    """For the processes that load data: a service manager's SIGTERM goes to all, and one that died of it would take the
    step, and what was not saved, with it. They end with the run."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
