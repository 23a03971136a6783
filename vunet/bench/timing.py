"""Medians of interleaved runs: on a noisy machine, only what ran side by side can be compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np

Numbers = dict[str, float]


def interleaved(jobs: Mapping[str, Callable[[], object]], rounds: int = 25) -> dict[str, Numbers]:
    """Runs every job once a round, after three rounds to warm up; median and p95 in milliseconds."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for i in range(rounds + 3):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            if i >= 3:
                seconds[name].append(time.perf_counter() - start)
    return {name: summary(1e3 * np.array(values)) for name, values in seconds.items()}


def summary(milliseconds: np.ndarray) -> Numbers:
    """Median, 95th percentile, and the shortest."""
    median, p95 = np.percentile(milliseconds, (50, 95))
    return {"median_ms": float(median), "p95_ms": float(p95), "least_ms": float(milliseconds.min())}
