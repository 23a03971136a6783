"""The loop over the steps of a training that resumes: progress, a log, and a state every two minutes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from vunet.train.state_file import save_state

REPORT_EVERY, SAVE_EVERY = 20, 120.0  # steps, seconds


class Resumable(Protocol):
    """A trainer that knows how far it is."""

    step: int

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed training needs."""
        ...


class Interval:
    """True when so many seconds have gone by since it last was."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.last = seconds, time.perf_counter()

    def __call__(self) -> bool:
        due = time.perf_counter() - self.last > self.seconds
        if due:
            self.last = time.perf_counter()
        return due


def run_steps(
    trainer: Resumable, steps: int, step: Callable[[], Mapping[str, float]], state: Path, stopping: Callable[[], bool]
) -> None:
    """Calls `step`, which returns its terms, until `trainer.step == steps`.

    state: the file that is saved every two minutes and at the end; the log lies beside it, as .jsonl. stopping: asked after
    each step; the state is saved and `KeyboardInterrupt` raised when it says so.
    """
    due = Interval(SAVE_EVERY)
    bar = tqdm(total=steps, initial=trainer.step, desc=f"train {state.stem}", unit="step")
    with state.with_suffix(".jsonl").open("a") as log:
        while trainer.step < steps:
            terms = step()
            bar.update()
            bar.set_postfix({k: f"{v:.3g}" for k, v in terms.items()}, refresh=False)
            if trainer.step % REPORT_EVERY == 0:
                print(json.dumps({"step": trainer.step} | dict(terms)), file=log, flush=True)
            stop = stopping()
            if due() or stop:
                save_state(trainer.state_dict(), state)
            if stop:
                raise KeyboardInterrupt
    save_state(trainer.state_dict(), state)
