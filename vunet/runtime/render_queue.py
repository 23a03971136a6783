"""A fair queue of renders: drags first, then pictures at rest. When a slot is free it takes what waits, as one lot.

On CPUs every render uses all cores by itself, so there is one slot, for lots of one. A GPU renders many pictures in the
time of one: lots are as large as what waits, without a timer. Long work is done in small turns, with drags in between.
Visitors take turns: each enters the queue again after every computation.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoResult
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from vunet.errors import Busy, Superseded

LIVE_IN_A_ROW = 4  # live turns, after which what waits longest and is no drag gets one
LOTS_LIVE = 30  # lots of drags that wait; more would be answered too late
MAX_WAIT = {True: 5.0, False: 120.0}  # seconds: live, queued

Render = Callable[[Sequence[Any]], Sequence[Any]]  # a lot of items to their results, in order


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


@dataclass(eq=False)
class Ticket:
    """Something that waits. kind: items of one kind may share a lot; None for a turn, which goes to nobody else. future:
    its result, or, for a turn, that it has begun."""

    caller: Caller
    number: int
    kind: Hashable = None
    item: Any = None
    render: Render | None = None
    future: Future[Any] = field(default_factory=Future)


class RenderQueue:
    """Gives out turns, `with render_queue.turn():`, never one inside another; and renders items in lots, `submit`."""

    def __init__(self, slots: int = 1, most: int = 1) -> None:
        """slots: computations at a time. most: items of a lot."""
        self.slots, self.most = slots, most
        self._lock = threading.Lock()
        self._waiting: list[Ticket] = []
        self._numbers = itertools.count()
        self._free = slots
        self._live_in_a_row = 0
        self._seconds = 0.05  # of a usual turn
        # Twice as many: the next lot is computed while the results of one are handed out.
        self._threads = ThreadPoolExecutor(2 * slots, thread_name_prefix="lots")

    @property
    def places(self) -> int:
        """Drags that may wait."""
        return LOTS_LIVE * self.slots * self.most

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for its turn. Raises `Superseded` when a newer call took its place, `Busy` when the queue is too long."""
        self.result(self._enter(Ticket(_CALLER.get(), next(self._numbers))))
        started = time.perf_counter()
        try:
            yield
        finally:
            self._release(started)

    def submit(self, kind: Hashable, item: Any, render: Render) -> Ticket:
        """An item to be rendered together with others of its kind, each lot by the `render` of its first. Raises `Busy`."""
        return self._enter(Ticket(_CALLER.get(), next(self._numbers), kind, item, render))

    def result(self, ticket: Ticket) -> Any:
        """Waits for it. Raises what `turn` does, and what its `render` raised."""
        try:
            return ticket.future.result(MAX_WAIT[ticket.caller.live])
        except NoResult:
            self.give_up(ticket)
            return ticket.future.result()

    def give_up(self, ticket: Ticket) -> None:
        """Has waited long enough: the ticket's future raises `Busy`, unless its turn has come."""
        with self._lock:
            if ticket in self._waiting:
                busy = self._busy()
                self._waiting.remove(ticket)
                ticket.future.set_exception(busy)

    def _enter(self, ticket: Ticket) -> Ticket:
        with self._lock:
            if ticket.caller.live:
                self._take_place(ticket)
            self._waiting.append(ticket)
            self._start_next()
        return ticket

    def _take_place(self, ticket: Ticket) -> None:
        """Of an older call of the same visitor."""
        drags = [other for other in self._waiting if other.caller.live]
        for other in drags:
            if other.caller.key == ticket.caller.key and other.caller.number < ticket.caller.number:
                ticket.number = min(ticket.number, other.number)
                self._waiting.remove(other)
                other.future.set_exception(Superseded())
        if len(drags) >= self.places:
            raise self._busy()

    def _start_next(self) -> None:
        """Fills the free slots."""
        while self._free and self._waiting:
            first = self._next()
            lot = [first] if first.kind is None else self._lot_of(first)
            gone = {ticket.number for ticket in lot}
            self._waiting = [ticket for ticket in self._waiting if ticket.number not in gone]
            self._free -= 1
            self._count(first.caller)
            if first.kind is None:
                first.future.set_result(None)
            else:
                self._threads.submit(self._render, lot)

    def _next(self) -> Ticket:
        drags_last = self._live_in_a_row >= LIVE_IN_A_ROW
        rank = (lambda t: t.caller.rank == 0) if drags_last else (lambda t: t.caller.rank)
        return min(self._waiting, key=lambda t: (rank(t), t.number))

    def _lot_of(self, first: Ticket) -> list[Ticket]:
        """It, and what else of its kind waits, the most urgent first."""
        others = [ticket for ticket in self._waiting if ticket.kind == first.kind and ticket is not first]
        others.sort(key=lambda t: (t.caller.rank, t.number))
        return [first, *others[: self.most - 1]]

    def _count(self, caller: Caller) -> None:
        owed = self._live_in_a_row >= LIVE_IN_A_ROW and caller.rank > 0
        self._live_in_a_row = 0 if owed or not caller.live else self._live_in_a_row + 1

    def _render(self, lot: list[Ticket]) -> None:
        started = time.perf_counter()
        try:
            assert lot[0].render is not None
            results = lot[0].render([ticket.item for ticket in lot])
        except BaseException as error:
            self._release(started)
            for ticket in lot:
                if ticket.future.set_running_or_notify_cancel():  # who waits for it may have left
                    ticket.future.set_exception(error)
            return
        self._release(started)
        for ticket, result in zip(lot, results, strict=True):
            if ticket.future.set_running_or_notify_cancel():
                ticket.future.set_result(result)

    def _release(self, started: float) -> None:
        with self._lock:
            self._free += 1
            self._seconds += 0.1 * (time.perf_counter() - started - self._seconds)
            self._start_next()

    def _busy(self) -> Busy:
        lots = max(1, len(self._waiting) // (self.slots * self.most))
        seconds = max(1, round(self._seconds * lots))
        return Busy(f"The server is busy. Your picture will follow in about {seconds} seconds.")
