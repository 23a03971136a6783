"""Speed of training, on people made here: planning, drawing, steps, and how much of the time the device computes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import default_collate

from vunet.bench.machine import facts
from vunet.bench.timing import Numbers, interleaved
from vunet.data.batches import BatchMaker
from vunet.data.index import FRAMES, INDEX_FILE, Record
from vunet.losses import load_perceptual, objective
from vunet.losses.objective import LossWeights
from vunet.model import DEFAULT_PRESET, VUNetConfig
from vunet.model.vunet import CONDITION
from vunet.person.tensors import Batch
from vunet.pose.skeleton import Pose
from vunet.runtime.device import choose_device
from vunet.train.discriminator_training import AdversarialTrainer
from vunet.train.options import TrainOptions
from vunet.train.people_loader import AHEAD
from vunet.train.run import Run
from vunet.train.trainer import Trainer

PEOPLE = 48
ROUNDS, LOOP = 5, 12  # timed steps alone, and in a loop with their batches
LARGEST = 4096  # people a step, where the search for the largest batch ends


def training_numbers(preset: str, precision: str) -> dict[str, Numbers]:
    """Milliseconds of a step on eight pictures, and of loading them."""
    with _trainer(preset, TrainOptions(workers=0, precision=precision)) as trainer:
        batch = next(trainer.batches())
        rows = interleaved(
            {
                "training step of 8": lambda: trainer.step(batch),
                **_terms_of_step(trainer, batch),
                "planning 8 people": lambda: _planned(trainer, 8),
                "drawing 8 people": _drawing(trainer, 8),
            },
            rounds=ROUNDS,
        )
    rows["training step of 8"]["images_per_second"] = 8e3 / rows["training step of 8"]["median_ms"]
    return rows


def _terms_of_step(trainer: Trainer, batch: Batch) -> dict[str, Callable[[], None]]:
    """What a step consists of, each forward and backward; the rest is the optimiser, the average and noise."""
    model, perceptual, weights = trainer.run.model, trainer.perceptual, trainer.options.weights
    photo, picture = batch["image"], (batch["image"] + 0.1).requires_grad_()
    shown = {name: batch[name] for name in CONDITION if name in batch}
    read = batch["parts"], batch.get("seen_facing")
    with torch.no_grad():
        zs = [q.mean for q in model.posterior(*read)]

    def timed(term: Callable[[], Tensor]) -> Callable[[], None]:
        def job() -> None:
            with trainer.autocast():
                value = term()
            value.backward()

        return job

    jobs = {
        "F": lambda: torch.stack([q.mean.float().sum() for q in model.posterior(*read)]).sum(),
        "E and D": lambda: model.render(zs=zs, **shown).float().mean(),
        "distances of pixels": lambda: objective(picture, batch, [], [], weights, 0.0, None)[0],
    }
    if perceptual:
        jobs["perceptual distances"] = lambda: perceptual(picture, photo)["perceptual"]
    return {f"of it {name}": timed(term) for name, term in jobs.items()}


def training_report(device: str | None, batch: int, workers: int, preset: str = DEFAULT_PRESET) -> dict[str, Any]:
    """Measures training on a device (None: the best there is), prints a table, returns the numbers.

    The share of the device is the time of the same steps alone, on a batch in memory, relative to the loop.
    """
    device = str(choose_device(device))
    numbers: dict[str, Any] = facts() | {"device": device, "batch": batch, "workers": workers, "rows": {}}
    for name, adversarial in (("plain step", 0.0), ("step with the discriminator", 0.3)):
        options = TrainOptions(batch=batch, workers=workers, device=device, weights=LossWeights(adversarial=adversarial))
        with _trainer(preset, options) as trainer:
            numbers["rows"][name] = _loop(trainer)
            if not adversarial:
                numbers |= {"planned_per_second": _per_second(lambda: _planned(trainer, batch), batch, device)}
                numbers |= {"drawn_per_second": _per_second(_drawing(trainer, batch), batch, device)}
                numbers |= {"unlike_cpu": _unlike_cpu(trainer)}
            if torch.device(device).type == "cuda":
                numbers["rows"][name]["largest_batch"] = _largest_batch(trainer)
    _print(numbers)
    return numbers


@contextmanager
def _trainer(preset: str, options: TrainOptions) -> Iterator[Trainer]:
    with TemporaryDirectory() as folder:
        write_people(Path(folder))
        perceptual = load_perceptual("auto")
        adversary = None
        if options.weights.adversarial:
            adversary = AdversarialTrainer(options.device, perceptual.features if perceptual else None)
        config = VUNetConfig.preset(preset)
        run = Run.open(Path(folder) / "run", config, device=options.device, adversarial=adversary)
        yield Trainer(run, Path(folder), options, perceptual)


def _planned(trainer: Trainer, count: int) -> Any:
    return default_collate([trainer.photos[i % PEOPLE, i] for i in range(count)])


def _drawing(trainer: Trainer, count: int) -> Callable[[], Batch]:
    items = _planned(trainer, count)
    return lambda: trainer.make_batch(items)


def _unlike_cpu(trainer: Trainer) -> float:
    """Largest mean difference of anything in a batch from what the CPU draws for the same seed."""
    people, here = trainer.photos, _drawing(trainer, 8)()
    with_frames, people.with_frames = people.with_frames, True
    there = BatchMaker(people.config, "cpu")(_planned(trainer, 8))
    people.with_frames = with_frames
    return max(float((here[name].cpu().float() - value.float()).abs().mean()) for name, value in there.items())


def _per_second(job: Callable[[], object], people: int, device: str) -> float:
    job()
    return people * ROUNDS / _seconds(lambda: [job() for _ in range(ROUNDS)], device)


def _loop(trainer: Trainer) -> Numbers:
    """Steps alone, then with their batches, both warmed up."""
    options = trainer.options
    batches = iter(trainer.batches())
    batch = next(batches)
    for _ in range(3):
        trainer.step(batch)
    alone = _seconds(lambda: [trainer.step(batch) for _ in range(LOOP)], options.device)
    for _ in islice(batches, AHEAD * options.workers):
        pass  # what the workers loaded meanwhile
    together = _seconds(lambda: [trainer.step(each) for each in islice(batches, LOOP)], options.device)
    return {
        "people_per_second": LOOP * options.batch / together,
        "device_share": min(1.0, alone / together),
        "median_ms": 1e3 * alone / LOOP,
    }


def _seconds(job: Callable[[], object], device: str) -> float:
    """Until the device is done."""
    wait = torch.cuda.synchronize if torch.device(device).type == "cuda" else lambda: None
    wait()
    start = time.perf_counter()
    job()
    wait()
    return time.perf_counter() - start


def _largest_batch(trainer: Trainer) -> int:
    """The largest doubling of the batch that fits into the GPU's memory, 0 where the batch itself does not."""
    fits, count = 0, trainer.options.batch
    while count <= LARGEST:
        try:
            trainer.step(_drawing(trainer, count)())
        except torch.OutOfMemoryError:
            break
        fits, count = count, 2 * count
    torch.cuda.empty_cache()
    return fits


def _print(numbers: dict[str, Any]) -> None:
    for name, value in numbers.items():
        if name != "rows":
            print(f"{name:28} {value:.3g}" if isinstance(value, float) else f"{name:28} {value}")
    print(f"\n{'':28} {'step':>10} {'people/s':>10} {'of the device':>14}  largest batch")
    for name, row in numbers["rows"].items():
        share = f"{row['device_share']:.0%}"
        largest = row.get("largest_batch", "")
        print(f"{name:28} {row['median_ms']:8.1f}ms {row['people_per_second']:10.1f} {share:>14}  {largest}")


def write_people(folder: Path) -> None:
    """Noise in the shape of people: what a step costs does not depend on what is in the picture."""
    (folder / FRAMES).mkdir()
    rng = np.random.default_rng(0)
    with (folder / INDEX_FILE).open("w") as index:
        for i in range(PEOPLE):
            record = Record(f"bench-{i}", f"{FRAMES}/{i}.webp", Pose.default(), 20.0)
            small = rng.integers(0, 256, (20, 20, 4), np.uint8)
            Image.fromarray(small).resize((320, 320)).save(folder / record.file, exact=True)
            print(record.to_json(), file=index)
