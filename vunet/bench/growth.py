"""How cost grows: one measured curve for each thing there can be more of, and a picture of them."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from vunet.bench.model import render_inputs
from vunet.bench.processes import images_a_second
from vunet.bench.timing import interleaved
from vunet.data.dataset import Sampling
from vunet.data.index import INDEX_FILE, Record, read_index
from vunet.model import DEFAULT_PRESET, VUNet, VUNetConfig
from vunet.pose.skeleton import Pose
from vunet.runtime.device import choose_device, choose_precision
from vunet.runtime.engine import choose_engine
from vunet.studio import Studio

Curve = dict[str, Any]  # title, x, y: labels; points: [[x, y], ...]

SIZES = (128, 256, 512)  # three latents need a trunk of 32 pixels
COUNTS = (1, 2, 4, 8, 16, 32, 64)
VISITORS = (1, 2, 4, 8, 16, 32)
PROCESSES = (1, 2, 4)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
SECONDS = 2.0  # of each load on the shared studio


def growth(studio: Studio, size: int, samples: int, visitors: int, rows: int, processes: int) -> dict[str, Curve]:
    """All curves; the numbers are where they end at most. processes: 0 leaves training out."""
    curves = {
        "size": render_by_size(_up_to(size, SIZES)),
        "samples": samples_by_count(studio, _up_to(samples, COUNTS)),
        "visitors": latency_by_visitors(studio, _up_to(visitors, VISITORS)),
        "rows": memory_by_rows(_up_to(rows, ROWS)),
    }
    return curves | {"processes": images_by_processes(_up_to(processes, PROCESSES))} if processes else curves


def render_by_size(sizes: tuple[int, ...] = SIZES) -> Curve:
    """Our preset's graph at other sizes, untrained. Bounded by the convolutions: about four times a doubling."""
    device = choose_device()
    jobs = {str(size): _render_job(size, device, choose_precision(device)) for size in sizes}
    rows = interleaved(jobs, rounds=9)
    points = [[int(size), row["median_ms"]] for size, row in rows.items()]
    return {"title": "Render", "x": "picture's side, pixels", "y": "ms", "points": points}


def samples_by_count(studio: Studio, counts: tuple[int, ...] = COUNTS) -> Curve:
    """Draws from the prior in one pose."""
    pose = Pose.default()
    rows = interleaved({str(n): _sample_job(studio, pose, n) for n in counts}, rounds=5)
    points = [[int(n), row["median_ms"] / int(n)] for n, row in rows.items()]
    return {"title": "Sampling", "x": "looks drawn at once", "y": "ms a look", "points": points}


def latency_by_visitors(studio: Studio, visitors: tuple[int, ...] = VISITORS, seconds: float = SECONDS) -> Curve:
    """Visitors who drag without pause. Bounded by one render after another on the same cores: latency is their number."""
    points = [[n, _crowd(studio, n, seconds)] for n in visitors]
    return {"title": "Visitors who drag", "x": "visitors", "y": "ms to a picture, median", "points": points}


def memory_by_rows(rows: tuple[int, ...] = ROWS) -> Curve:
    """Index of a simulated dataset, read and drawn from. Sixteen bytes a person and eight for the sampling."""
    _index_megabytes(1)  # what the first call imports is not the dataset's
    points = [[n, _index_megabytes(n)] for n in rows]
    return {"title": "Dataset in memory", "x": "people", "y": "MB", "points": points}


def images_by_processes(counts: tuple[int, ...] = PROCESSES, preset: str = DEFAULT_PRESET) -> Curve:
    """Training in one process and in more. Bounded by the cores, which one process fills already."""
    points = [[count, images_a_second(count, preset)] for count in counts]
    return {"title": "Training", "x": "processes", "y": "people a second", "points": points}


def plot(curves: dict[str, Curve], path: Path) -> None:
    """The curves side by side, both axes logarithmic."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(1, len(curves), figsize=(4 * len(curves), 3.2), layout="constrained")
    for axis, curve in zip(axes, curves.values(), strict=True):
        across, up = zip(*curve["points"], strict=True)
        axis.loglog(across, up, marker="o", color="#4f46e5")
        axis.set_xticks(across, [f"{x:,}" for x in across], fontsize=8)
        axis.set_ylim(*_decade(up))
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        axis.minorticks_off()
        axis.set(title=curve["title"], xlabel=curve["x"], ylabel=curve["y"])
        axis.grid(alpha=0.3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _up_to(most: int, points: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(point for point in points if point <= most) or points[:1]


def _decade(values: Sequence[float]) -> tuple[float, float]:
    """Limits of a logarithmic axis: a factor of ten or more, so that a small change looks small."""
    low, high = min(values) / 1.2, max(values) * 1.2
    widen = max(1.0, (10 * low / high) ** 0.5)
    return low / widen, high * widen


def _render_job(size: int, device: torch.device, precision: torch.dtype) -> Callable[[], object]:
    torch.manual_seed(0)
    model = VUNet(VUNetConfig.preset(DEFAULT_PRESET, size)).eval().requires_grad_(False)
    inputs = render_inputs(model)
    engine = choose_engine(model, device, precision)
    return lambda: engine.render(*inputs).cpu()


def _sample_job(studio: Studio, pose: Pose, count: int) -> Callable[[], object]:
    return lambda: studio.sample(pose, count)


def _crowd(studio: Studio, visitors: int, seconds: float) -> float:
    """Median milliseconds of a render while so many threads ask for one after another."""
    pose = Pose.default()
    looks = studio.sample(pose, min(visitors, 8))
    waits: list[float] = []
    end = time.perf_counter() + seconds

    def drag(i: int) -> None:
        while (started := time.perf_counter()) < end:
            studio.render(looks[i % len(looks)], pose, studio.live_size)
            waits.append(1e3 * (time.perf_counter() - started))

    threads = [threading.Thread(target=drag, args=(i,)) for i in range(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return float(np.median(waits))


def _index_megabytes(rows: int) -> float:
    """What reading an index of so many people and drawing batches from it leaves in memory."""
    with TemporaryDirectory() as folder:
        line = Record("{}", "frame.webp", Pose.default(), 20.0).to_json()
        with (Path(folder) / INDEX_FILE).open("w") as index:
            index.writelines(line.replace("{}", f"{i}.jpg", 1) + "\n" for i in range(rows))
        tracemalloc.start()
        people = read_index(Path(folder), "train")
        keys = Sampling(people.colourfulness, 1.5).keys(8, 0, [0])
        assert all(people[key.row].photo for key in keys)
        kept = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
    return kept / 1e6
