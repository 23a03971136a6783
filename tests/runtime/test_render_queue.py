"""Turns on the cores: drags first, long work not starved, newest pose only, an end to waiting."""

import threading
import time

import pytest

from vunet.errors import Busy, Superseded
from vunet.runtime import render_queue
from vunet.runtime.render_queue import RenderQueue, live


class Crowd:
    """Visitors who stand in line behind a turn that is held until `go`."""

    def __init__(self):
        self.render_queue, self.order, self.errors, self.threads = RenderQueue(), [], {}, []
        self.held = threading.Event()
        self._start("holder", None, self.held.wait)

    def come(self, name, key=None, at_rest=False):
        self._start(name, key, lambda: self.order.append(name), at_rest)

    def _start(self, name, key, work, at_rest=False):
        def visit():
            try:
                if key is None:
                    with self.render_queue.turn():
                        work()
                else:
                    with live(key, at_rest), self.render_queue.turn():
                        work()
            except (Busy, Superseded) as error:
                self.errors[name] = error

        before = self._waiting()
        self.threads.append(threading.Thread(target=visit))
        self.threads[-1].start()
        until(lambda: self._waiting() != before or not self.threads[-1].is_alive() or name == "holder")
        if name == "holder":
            until(lambda: self.render_queue._free == 0)

    def _waiting(self):
        return [id(ticket) for ticket in self.render_queue._waiting]

    def go(self):
        self.held.set()
        for thread in self.threads:
            thread.join(10)
        return self.order


def until(true):
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture
def crowd():
    return Crowd()


def test_a_drag_goes_before_long_work_that_came_earlier(crowd):
    crowd.come("matrix")
    crowd.come("drag", key="a")
    assert crowd.go() == ["drag", "matrix"]


def test_long_work_is_not_starved_by_drags(crowd):
    crowd.come("matrix")
    for i in range(10):
        crowd.come(f"drag {i}", key=str(i))
    assert crowd.go().index("matrix") == render_queue.LIVE_IN_A_ROW


def test_others_drags_go_before_a_picture_at_rest_which_goes_before_long_work(crowd):
    crowd.come("matrix")
    crowd.come("at rest", key="a", at_rest=True)
    crowd.come("drag", key="b")
    assert crowd.go() == ["drag", "at rest", "matrix"]


def test_a_picture_at_rest_is_not_starved_by_drags(crowd):
    crowd.come("at rest", key="r", at_rest=True)
    for i in range(10):
        crowd.come(f"drag {i}", key=str(i))
    assert crowd.go().index("at rest") == render_queue.LIVE_IN_A_ROW


def test_many_pictures_at_rest_do_not_go_before_drags_after_a_long_drag(crowd):
    crowd.render_queue._live_in_a_row = 7
    for i in range(4):
        crowd.come(f"at rest {i}", key=f"r{i}", at_rest=True)
    for i in range(6):
        crowd.come(f"drag {i}", key=str(i))
    order = crowd.go()
    assert order[0] == "at rest 0"  # its turn after so many
    assert order[1:5] == [f"drag {i}" for i in range(4)] and order[5] == "at rest 1"


def test_those_of_one_kind_go_in_the_order_in_which_they_came(crowd):
    for name in "abc":
        crowd.come(name)
    assert crowd.go() == ["a", "b", "c"]


def test_a_newer_pose_of_the_same_visitor_takes_the_older_ones_place(crowd):
    crowd.come("old", key="a")
    crowd.come("other", key="b")
    crowd.come("new", key="a")
    assert crowd.go() == ["new", "other"]
    assert isinstance(crowd.errors["old"], Superseded)


def test_a_second_turn_of_an_older_call_leaves_the_newer_one_alone():
    render_queue, order = RenderQueue(), []
    inside, newer_waits = threading.Event(), threading.Event()

    def newer():
        inside.wait(5)
        with live("a"):
            newer_waits.set()
            with render_queue.turn():
                order.append("newer")

    thread = threading.Thread(target=newer)
    thread.start()
    with live("a"):
        with render_queue.turn():
            inside.set()
            newer_waits.wait(5)
            until(lambda: render_queue.waiting == 1)
        with render_queue.turn():
            order.append("older")
    thread.join(5)
    assert sorted(order) == ["newer", "older"]


def test_a_queue_that_is_too_long_is_said_with_a_time(crowd):
    for i in range(render_queue.LOTS_LIVE + 1):
        crowd.come(str(i), key=str(i))
    assert len(crowd.go()) == render_queue.LOTS_LIVE
    assert "about" in str(crowd.errors[str(render_queue.LOTS_LIVE)]) and "seconds" in str(
        crowd.errors[str(render_queue.LOTS_LIVE)]
    )


def test_waiting_has_an_end(crowd, monkeypatch):
    monkeypatch.setitem(render_queue.MAX_WAIT, True, 0.05)
    crowd.come("impatient", key="a")
    until(lambda: "impatient" in crowd.errors)
    assert crowd.go() == [] and isinstance(crowd.errors["impatient"], Busy)


def test_a_turn_that_ends_in_an_error_is_given_back(crowd):
    crowd.go()
    with pytest.raises(ZeroDivisionError), crowd.render_queue.turn():
        raise ZeroDivisionError
    with crowd.render_queue.turn():
        assert crowd.render_queue.waiting == 0
