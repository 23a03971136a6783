"""Images a second of a training step, on people made here."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from vunet.bench.timing import Numbers, interleaved
from vunet.data.index import FRAMES, INDEX_FILE, Record
from vunet.losses import load_perceptual
from vunet.model import VUNetConfig
from vunet.pose.skeleton import Pose
from vunet.train.run import Run
from vunet.train.trainer import Trainer, TrainOptions

PEOPLE = 48


def training_numbers(preset: str, half_precision: bool) -> dict[str, Numbers]:
    """Milliseconds of a step on eight pictures, and of loading them."""
    with TemporaryDirectory() as folder:
        write_people(Path(folder))
        run = Run.open(Path(folder) / "run", VUNetConfig.preset(preset))
        options = TrainOptions(workers=0, half_precision=half_precision)
        trainer = Trainer(run, Path(folder), options, load_perceptual("auto"))
        batch = next(trainer.batches())
        rows = interleaved(
            {
                "training step of 8": lambda: trainer.step(batch),
                "loading 8": lambda: [trainer.people[i, i] for i in range(8)],
            },
            rounds=5,
        )
    rows["training step of 8"]["images_per_second"] = 8e3 / rows["training step of 8"]["median_ms"]
    return rows


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
