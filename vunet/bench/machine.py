"""The machine's own limits: what its best matrix and convolution kernels reach."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from vunet.bench.timing import interleaved

MATRIX, CHANNELS, SIDE = 1024, 128, 64
SHORT_RUNS = 60  # of a kernel: on a shared machine the best of many is near its limit, and a median is not
STEADY = 1.25  # times that a peak may change during a run


def facts() -> dict[str, Any]:
    """What a reader has to know beside every number."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def peak_gflops(device: torch.device, precision: torch.dtype) -> dict[str, float]:
    """GFLOP/s of a square matrix product and of a 3x3 convolution, 128 channels at 64 x 64, in one precision: the best of
    many short runs."""
    jobs = {"matrix": _matrix_job(device, precision), "convolution": _convolution_job(device, precision)}
    flops = {"matrix": 2 * MATRIX**3, "convolution": 2 * 9 * CHANNELS**2 * SIDE**2}
    return {name: flops[name] / row["least_ms"] / 1e6 for name, row in interleaved(jobs, SHORT_RUNS).items()}


def disturbed(before: dict[str, float], after: dict[str, float], rows: dict[str, dict[str, float]]) -> bool:
    """Whether a run contradicts itself: other work on the machine moved its peak, or a row is above it."""
    moved = any(max(before[k], after[k]) > STEADY * min(before[k], after[k]) for k in before)
    return moved or any(row.get("share_of_peak", 0) > 1 for row in rows.values())


def start_up_seconds(checkpoint: str | None) -> float:
    """From a bare interpreter to a loaded studio."""
    started = time.perf_counter()
    code = "import sys; from vunet import Studio; Studio.load(sys.argv[1] or None)"
    subprocess.run([sys.executable, "-c", code, checkpoint or ""], check=True, capture_output=True)
    return time.perf_counter() - started


def _matrix_job(device: torch.device, precision: torch.dtype) -> Callable[[], object]:
    a = torch.randn(MATRIX, MATRIX, device=device, dtype=precision)
    return lambda: (a @ a)[0, 0].item()


def _convolution_job(device: torch.device, precision: torch.dtype) -> Callable[[], object]:
    convolution = torch.nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, device=device, dtype=precision)
    convolution.to(memory_format=torch.channels_last).requires_grad_(False)  # type: ignore[call-overload]
    x = torch.randn(1, CHANNELS, SIDE, SIDE, device=device, dtype=precision)
    x = x.contiguous(memory_format=torch.channels_last)
    return lambda: convolution(x)[0, 0, 0, 0].item()


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
