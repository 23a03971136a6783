"""Batch jobs as Ray tasks: as `vunet.runtime.worker_pool.spread`, on all machines of a cluster that share the folders."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

from vunet.errors import VUNetError
from vunet.runtime.ray_cluster import connected

Item = TypeVar("Item")
Result = TypeVar("Result")
RETRIES = 3  # of an item whose machine died
AHEAD = 4  # items that wait at each core

_PREPARED: set[bytes] = set()  # in a worker: what was called before its first item


def spread_on_cluster(
    work: Callable[[Item], Result], items: Sequence[Item], prepare: Callable[[], None], address: str
) -> Generator[tuple[Item, Result], None, None]:
    """Each item with its result, in any order. prepare: called once in every process before its first item.

    A machine that dies loses nothing: its items go to others. Raises `VUNetError` without a cluster, or when an item's
    machines died again and again.
    """
    ray = connected(address)
    from ray.exceptions import RayError, RayTaskError

    task = ray.remote(num_cpus=1, max_retries=RETRIES)(_run)
    packed, left = pickle.dumps((work, prepare)), list(reversed(items))
    waiting: dict[Any, Item] = {}
    most = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    try:
        while waiting or left:
            while left and len(waiting) < most:
                item = left.pop()
                waiting[task.remote(packed, item)] = item
            (done,), _ = ray.wait([*waiting], num_returns=1)
            yield waiting.pop(done), ray.get(done)
    except RayTaskError as error:  # the work's own, or that of its preparation
        raise (error.cause if isinstance(error.cause, VUNetError) else error) from None
    except RayError as error:
        raise VUNetError("Machines of the cluster end in the middle of an item: the same command goes on.") from error
    finally:
        for reference in waiting:
            ray.cancel(reference)


def _run(packed: bytes, item: Any) -> Any:
    """In a worker's process, which is kept for the next item."""
    work, prepare = pickle.loads(packed)  # made by the same program a moment ago
    if packed not in _PREPARED:
        prepare()
        _PREPARED.add(packed)
    return work(item)
