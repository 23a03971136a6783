"""One computation at a time on the cores there are, in an order that is fair; what a hand waits for goes first.

Every render uses all cores by itself, so two at once only make both late. Long work is done in small turns, between which
drags slip in; among visitors the turns go round, since each stands in line again after every turn.
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

LIVE_IN_A_ROW = 4  # turns for drags, after which waiting long work gets one
MOST_LIVE = 30  # drags in line; more would be answered too late to be of use
PATIENCE = {True: 5.0, False: 120.0}  # seconds in line: live, queued


@dataclass(frozen=True)
class Lane:
    """live: a hand waits for it. key: whose it is; a newer call with the same key takes an older one's place."""

    live: bool = False
    key: str = ""


_QUEUED = Lane()
_LANE: ContextVar[Lane] = ContextVar("lane", default=_QUEUED)


@contextmanager
def live(key: str) -> Iterator[None]:
    """What is computed inside is for a drag of the visitor `key`."""
    before = _LANE.set(Lane(True, key))
    try:
        yield
    finally:
        _LANE.reset(before)


class Turnstile:
    """Gives out turns. A turn is taken inside `with turnstile.turn():`, never one inside another."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: list[_Ticket] = []
        self._numbers = itertools.count()
        self._taken = False
        self._live_in_a_row = 0
        self._seconds = 0.05  # of a usual turn

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for its turn. Raises `Superseded` when a newer call took its place, `Busy` when the line is too long."""
        self._wait(_LANE.get())
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
        """How many stand in line."""
        return len(self._line)

    def _wait(self, lane: Lane) -> None:
        ticket = _Ticket(lane, next(self._numbers))
        with self._changed:
            if lane.live:
                self._enter_live(ticket)
            self._line.append(ticket)
            try:
                if not self._changed.wait_for(lambda: ticket.void or self._is_next(ticket), PATIENCE[lane.live]):
                    raise self._busy()
                if ticket.void:
                    raise Superseded
                self._taken = True
                self._live_in_a_row = self._live_in_a_row + 1 if lane.live else 0
            finally:
                self._line.remove(ticket)

    def _enter_live(self, ticket: _Ticket) -> None:
        drags = [other for other in self._line if other.lane.live]
        for other in drags:
            if other.lane.key == ticket.lane.key:
                other.void = True
                self._changed.notify_all()
        if len(drags) >= MOST_LIVE:
            raise self._busy()

    def _is_next(self, ticket: _Ticket) -> bool:
        if self._taken:
            return False
        queued_first = self._live_in_a_row >= LIVE_IN_A_ROW
        return ticket is min((t for t in self._line if not t.void), key=lambda t: (t.lane.live == queued_first, t.number))

    def _busy(self) -> Busy:
        seconds = max(1, round(self._seconds * len(self._line)))
        return Busy(f"Many people are here at once: it goes on by itself in about {seconds} seconds.")


@dataclass
class _Ticket:
    lane: Lane
    number: int
    void: bool = False
