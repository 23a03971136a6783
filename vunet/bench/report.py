"""What `python -m vunet bench` measures and prints."""

from __future__ import annotations

import resource
from typing import Any

import torch

from vunet.bench.machine import disturbed, facts, peak_gflops, start_up_seconds
from vunet.bench.model import verb_numbers, with_shares
from vunet.bench.presets import PRECISION_NAMES, preset_rows


def report(
    checkpoint: str | None,
    with_browser: bool,
    drags: int,
    with_presets: bool = True,
    precision: str | None = None,
    latency: int = 0,
) -> dict[str, Any]:
    """Measures, prints a table, returns the numbers."""
    from vunet.studio import Studio

    studio = Studio.load(checkpoint, precision=precision)
    chosen = "int8" if studio.engine.integers else PRECISION_NAMES[studio.precision]
    before = peak_gflops(studio.device, studio.precision)
    numbers: dict[str, Any] = facts() | {
        "device": str(studio.device),
        "engine": studio.engine.name,
        "precision": chosen,
        "size": studio.size,
        "start_up_seconds": start_up_seconds(checkpoint),
        "rows": verb_numbers(studio),
    }
    after = peak_gflops(studio.device, studio.precision)
    numbers["peak_gflops"] = {name: max(before[name], after[name]) for name in before}
    numbers["rows"] = with_shares(numbers["rows"], max(numbers["peak_gflops"].values()))
    numbers["disturbed"] = disturbed(before, after, numbers["rows"])
    if with_presets:
        numbers["presets"] = preset_rows(studio.device, studio.precision)
        numbers["rows"] |= _training(studio.precision)
    if with_browser:
        numbers["rows"] |= _drag(studio, drags, latency)
    numbers["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _print(numbers)
    return numbers


def _training(precision: torch.dtype) -> dict[str, Any]:
    from vunet.bench.training import training_numbers
    from vunet.model import DEFAULT_PRESET

    return training_numbers(DEFAULT_PRESET, str(precision).removeprefix("torch."))


def _drag(studio: Any, drags: int, latency: int) -> dict[str, Any]:
    from vunet.bench.browser import drag_numbers

    return drag_numbers(studio, drags, latency)


def _print(numbers: dict[str, Any]) -> None:
    for name, value in numbers.items():
        if name not in ("rows", "presets"):
            print(f"{name:20} {value:.3g}" if isinstance(value, float) else f"{name:20} {value}")
    if numbers["disturbed"]:
        print("\nOther work on this machine disturbed the run: its peak moved, or a row is above it. Run it again alone.")
    print(f"\n{'':34}{'median':>10}{'p95':>10}{'GFLOP':>8}{'of peak':>9}")
    for name, row in numbers["rows"].items():
        print(f"{name:34}" + _cells(row))
    if "presets" in numbers:
        print(f"\n{'render of a preset':34}{'median':>10}{'p95':>10}{'GFLOP':>8}{'gain':>9}   difference")
    for row in numbers.get("presets", []):
        print(f"{row['preset'] + ', ' + row['way']:34}{_cells(row)}{row['gain']:8.2f}x   {row['difference']:.1e}")


def _cells(row: dict[str, float]) -> str:
    p95 = f"{row['p95_ms']:8.1f}ms" if "p95_ms" in row else f"{'':10}"
    work = f"{row['gflop']:8.1f}" if "gflop" in row else ""
    work += f"{row['share_of_peak']:9.0%}" if "share_of_peak" in row else ""
    extra = "".join(f"   {row[k]:.1f} {unit}" for k, unit in _RATES.items() if k in row)
    return f"{row['median_ms']:8.1f}ms{p95}{work}{extra}"


_RATES = {"frames_per_second": "frames/s", "images_per_second": "images/s"}
