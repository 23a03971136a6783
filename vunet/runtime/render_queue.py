"""A fair queue of renders: one computation at a time, drags first, then pictures at rest.

Every render uses all cores by itself, so two at once only make both late. Long work is done in small turns, with drags in
between. Visitors take turns: each enters the queue again after every computation.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from vunet.errors import Busy, Superseded

LIVE_IN_A_ROW = 4  # live turns, after which what waits longest and is no drag gets one
MOST_LIVE = 30  # drags that wait; more would be answered too late
MAX_WAIT = {True: 5.0, False: 120.0}  # seconds: live, queued


@dataclass(frozen=True)
class Caller:
    """live: a visitor looks at the stage and waits. key: whose it is; a newer call with the same key takes an older one's
    place. at_rest: no hand moves, so that others' drags go first. number: of live calls, as they came."""

    live: bool = False
    key: str = ""
    at_rest: bool = False
    number: int = 0

    @property
    def rank(self) -> int:
        """0 for drags, 1 for pictures at rest, 2 for long work."""
        return int(self.at_rest) if self.live else 2


_QUEUED = Caller()
_NUMBERS = itertools.count(1)
_CALLER: ContextVar[Caller] = ContextVar("caller", default=_QUEUED)


@contextmanager
def live(key: str, at_rest: bool = False) -> Iterator[None]:
    """What is computed inside is for a drag of the visitor `key`, or for the picture after it."""
    before = _CALLER.set(Caller(True, key, at_rest, next(_NUMBERS)))
    try:
        yield
    finally:
        _CALLER.reset(before)


class RenderQueue:
    """Gives out turns: `with render_queue.turn():`, never one inside another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Ticket] = []
        self._numbers = itertools.count()
        self._taken = False
        self._live_in_a_row = 0
        self._seconds = 0.05  # of a usual turn

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for its turn. Raises `Superseded` when a newer call took its place, `Busy` when the queue is too long."""
        self._wait(_CALLER.get())
        started = time.perf_counter()
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._seconds += 0.1 * (time.perf_counter() - started - self._seconds)
                self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _wait(self, caller: Caller) -> None:
        ticket = _Ticket(caller, next(self._numbers))
        with self._changed:
            if caller.live:
                self._enter_live(ticket)
            self._waiting.append(ticket)
            try:
                if not self._changed.wait_for(lambda: ticket.void or self._is_next(ticket), MAX_WAIT[caller.live]):
                    raise self._busy()
                if ticket.void:
                    raise Superseded
                self._taken = True
                owed = self._live_in_a_row >= LIVE_IN_A_ROW and caller.rank > 0
                self._live_in_a_row = 0 if owed or not caller.live else self._live_in_a_row + 1
            finally:
                self._waiting.remove(ticket)

    def _enter_live(self, ticket: _Ticket) -> None:
        drags = [other for other in self._waiting if other.caller.live]
        for other in drags:
            if other.caller.key == ticket.caller.key and other.caller.number < ticket.caller.number:
                other.void = True
                ticket.number = min(ticket.number, other.number)
                self._changed.notify_all()
        if len(drags) >= MOST_LIVE:
            raise self._busy()

    def _is_next(self, ticket: _Ticket) -> bool:
        if self._taken:
            return False
        drags_last = self._live_in_a_row >= LIVE_IN_A_ROW
        rank = (lambda t: t.caller.rank == 0) if drags_last else (lambda t: t.caller.rank)
        return ticket is min((t for t in self._waiting if not t.void), key=lambda t: (rank(t), t.number))

    def _busy(self) -> Busy:
        seconds = max(1, round(self._seconds * len(self._waiting)))
        return Busy(f"The server is busy. Your picture will follow in about {seconds} seconds.")


@dataclass
class _Ticket:
    caller: Caller
    number: int
    void: bool = False
