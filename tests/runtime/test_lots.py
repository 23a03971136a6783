"""Lots: what waits when a slot is free goes together, of one kind, as many as fit, the newest pose of each visitor."""

import threading
import time

import pytest

from vunet.errors import Busy, Superseded
from vunet.runtime import render_queue
from vunet.runtime.render_queue import RenderQueue, live


class PretendedGPU:
    """Takes a fixed time for a lot, and a little for each item; answers with what it was given."""

    def __init__(self, lot=0.004, item=0.0002):
        self.lot, self.item, self.lots = lot, item, []
        self.held = threading.Event()
        self.held.set()

    def draw(self, items):
        self.held.wait(5)
        self.lots.append(list(items))
        time.sleep(self.lot + self.item * len(items))
        return [(item, "drawn") for item in items]


@pytest.fixture
def gpu():
    return PretendedGPU()


def submitted(queue, gpu, item, key, kind="256"):
    with live(key):
        return queue.submit(kind, item, gpu.draw)


def test_what_waits_goes_together(gpu):
    queue = RenderQueue(most=8)
    gpu.held.clear()
    tickets = [submitted(queue, gpu, i, str(i)) for i in range(12)]
    gpu.held.set()
    assert [queue.result(ticket) for ticket in tickets] == [(i, "drawn") for i in range(12)]
    assert [len(lot) for lot in gpu.lots] == [1, 8, 3]


def test_pictures_of_another_size_are_another_lot(gpu):
    queue = RenderQueue(most=8)
    gpu.held.clear()
    first = submitted(queue, gpu, "held", "h")
    tickets = [submitted(queue, gpu, i, str(i), kind=("256", "512")[i % 2]) for i in range(6)]
    gpu.held.set()
    assert [queue.result(ticket)[0] for ticket in (first, *tickets)] == ["held", *range(6)]
    assert sorted(map(tuple, gpu.lots[1:])) == [(0, 2, 4), (1, 3, 5)]


def test_a_newer_pose_takes_an_older_ones_place_in_a_lot(gpu):
    queue = RenderQueue(most=8)
    gpu.held.clear()
    first = submitted(queue, gpu, "held", "h")
    old, other, new = (submitted(queue, gpu, item, key) for item, key in (("old", "a"), ("b", "b"), ("new", "a")))
    gpu.held.set()
    assert queue.result(new) == ("new", "drawn") and queue.result(other)[0] == "b" and queue.result(first)
    with pytest.raises(Superseded):
        queue.result(old)
    assert gpu.lots[1] == ["new", "b"]


def test_a_turn_is_taken_alone_between_lots(gpu):
    queue = RenderQueue(most=4)
    with queue.turn():
        tickets = [submitted(queue, gpu, i, str(i)) for i in range(3)]
        assert not any(ticket.future.done() for ticket in tickets) and queue.waiting == 3
    assert [queue.result(ticket)[0] for ticket in tickets] == [0, 1, 2] and len(gpu.lots) == 1


def test_two_slots_draw_two_lots_at_once(gpu):
    queue = RenderQueue(slots=2, most=1)
    gpu.held.clear()
    tickets = [submitted(queue, gpu, i, str(i)) for i in range(2)]
    assert queue.waiting == 0
    gpu.held.set()
    assert {queue.result(ticket)[0] for ticket in tickets} == {0, 1}


def test_what_a_lot_raises_everybody_in_it_hears_and_the_next_one_is_drawn(gpu):
    queue = RenderQueue(most=4)

    def broken(items):
        raise ZeroDivisionError

    with queue.turn():
        tickets = [queue.submit("256", i, broken) for i in range(3)]
    for ticket in tickets:
        with pytest.raises(ZeroDivisionError):
            queue.result(ticket)
    assert queue.result(submitted(queue, gpu, 5, "a")) == (5, "drawn")


def test_places_follow_from_capacity(gpu, monkeypatch):
    assert RenderQueue().places == render_queue.LOTS_LIVE
    assert RenderQueue(slots=2, most=16).places == 32 * render_queue.LOTS_LIVE
    queue = RenderQueue()
    with queue.turn():
        for i in range(queue.places):
            submitted(queue, gpu, i, str(i))
        with pytest.raises(Busy):
            submitted(queue, gpu, "one more", "z")
