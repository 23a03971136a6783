"""Work shared among processes: results as they come, and an end at once when something goes wrong or Ctrl+C is pressed."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from vunet.errors import VUNetError

Item = TypeVar("Item")
Result = TypeVar("Result")
LOST = "A worker ended in the middle, for lack of memory perhaps: the same command with fewer workers goes on."


def spread(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    prepare: Callable[[], None],
    workers: int,
    cluster: str | None = None,
) -> Generator[tuple[Item, Result], None, None]:
    """Each item with its result, in any order. prepare: called once in every process before its first item.

    One worker is this process. cluster: a Ray cluster that does it instead, `auto` or HOST:PORT. What goes to others has to
    be picklable. Raises `VUNetError` when a process dies.
    """
    if cluster and items:
        from vunet.runtime.ray_tasks import spread_on_cluster

        yield from spread_on_cluster(work, items, prepare, cluster)
        return
    workers = min(workers, len(items))
    if workers <= 1:
        if items:
            prepare()
        yield from ((item, work(item)) for item in items)
        return
    context = multiprocessing.get_context("spawn")  # threads of PyTorch, OpenVINO and MediaPipe do not survive a fork
    pool = ProcessPoolExecutor(workers, context, initializer=_quietly, initargs=(prepare,))
    try:
        waiting = {pool.submit(work, item): item for item in items}
        for future in as_completed(waiting):
            yield waiting[future], future.result()
    except BrokenProcessPool:
        raise VUNetError(LOST) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _quietly(prepare: Callable[[], None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told, and ends them
    prepare()
