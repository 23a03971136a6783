"""The table of `bench`."""

from __future__ import annotations

import platform
import resource
import time
from pathlib import Path
from typing import Any

import torch

from vunet.bench.model import PEAK_GFLOP, model_numbers, render_gflop


def report(checkpoint: Path | None, with_browser: bool, drags: int) -> dict[str, Any]:
    """Measures, prints a table, returns the numbers."""
    from vunet.studio import Studio

    started = time.perf_counter()
    studio = Studio.load(checkpoint)
    load_seconds = time.perf_counter() - started
    rows = model_numbers(studio)
    if with_browser:
        from vunet.bench.browser import drag_numbers

        rows |= drag_numbers(studio, drags)
        rows |= _overhead(rows)
    numbers = _machine(studio) | {"load_seconds": load_seconds, "rows": rows} | _share(studio, rows)
    numbers["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _print(numbers)
    return numbers


def _machine(studio: Any) -> dict[str, Any]:
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": platform.processor() or platform.machine(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "device": str(studio.device),
        "engine": studio.engine.name,
        "precision": str(studio.precision).removeprefix("torch."),
        "size": studio.size,
    }


def _overhead(rows: dict[str, Any]) -> dict[str, Any]:
    """What the request, the browser and waiting for the frame before add to a render."""
    model = rows["render (E + D, one look)"]["median_ms"]
    return {"of it request, browser, queueing": {"median_ms": rows["drag-to-pixel"]["median_ms"] - model}}


def _share(studio: Any, rows: dict[str, Any]) -> dict[str, float]:
    """How much of the machine's convolution peak a render reaches."""
    gflop = render_gflop(studio)
    peak = PEAK_GFLOP / rows["machine: convolution 64 channels, 64 x 64"]["median_ms"] * 1e3
    reached = gflop / rows["render (E + D, one look)"]["median_ms"] * 1e3
    return {"render_gflop": gflop, "peak_gflops": peak, "share_of_peak": reached / peak}


def _print(numbers: dict[str, Any]) -> None:
    for name, value in numbers.items():
        if name != "rows":
            print(f"{name:20} {value:.3g}" if isinstance(value, float) else f"{name:20} {value}")
    print(f"\n{'':44}{'median':>10}{'p95':>10}")
    for name, row in numbers["rows"].items():
        extra = f"   {row['frames_per_second']:.1f} frames/s" if "frames_per_second" in row else ""
        p95 = f"{row['p95_ms']:8.1f}ms" if "p95_ms" in row else ""
        print(f"{name:44}{row['median_ms']:8.1f}ms{p95:>10}{extra}")
