"""Training steps in several processes, each started by PyTorch's own launcher: `python -m vunet.bench.processes COUNT`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from vunet.bench.training import write_people
from vunet.model import DEFAULT_PRESET, VUNetConfig
from vunet.train.options import TrainOptions
from vunet.train.run import Run
from vunet.train.trainer import Trainer

TOGETHER = 8  # people a step, shared among the processes
STEPS = 4  # of which the first one warms up


def images_a_second(count: int, preset: str = DEFAULT_PRESET) -> float:
    """Of a training step of eight people by so many processes of this machine."""
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    done = subprocess.run(
        [*launch, "-m", "vunet.bench.processes", str(count), preset], check=True, capture_output=True, text=True
    )
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))["images_per_second"]


def main(count: int, preset: str) -> None:
    """One of the processes; the first one prints a line of JSON."""
    with TemporaryDirectory() as folder:
        write_people(Path(folder))
        run = Run.open(Path(folder) / "run", VUNetConfig.preset(preset))
        trainer = Trainer(run, Path(folder), TrainOptions(batch=TOGETHER // count, workers=0, precision="float32"), None)
        seconds = _timed_steps(trainer)
    if trainer.processes.main:
        print(json.dumps({"images_per_second": TOGETHER / float(np.median(seconds[1:]))}), flush=True)
    trainer.processes.finish()


def _timed_steps(trainer: Trainer) -> list[float]:
    seconds = []
    for batch, _ in zip(trainer.batches(), range(STEPS), strict=False):
        started = time.perf_counter()
        trainer.step(batch)
        seconds.append(time.perf_counter() - started)
    return seconds


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
