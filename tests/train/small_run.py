"""A few steps of a small model with the authors' F. Arguments: folder of people, folder of the run, people a process."""

import sys
from pathlib import Path

from tests.configs import SMALL
from vunet.losses import LossWeights, load_perceptual
from vunet.train.discriminator_training import AdversarialTrainer
from vunet.train.options import TrainOptions
from vunet.train.run import Run
from vunet.train.schedule import Schedule
from vunet.train.trainer import Trainer


def main(data: Path, folder: Path, batch: int) -> None:
    # Adam moves a weight whose gradient is rounding noise as far as any other: a low rate keeps that out of the losses.
    options = TrainOptions(
        steps=6, batch=batch, precision="float32", workers=0, report_every=1,
        weights=LossWeights(gram=1.0, adversarial=1.0),
        schedule=Schedule(rate=1e-5, warm_up=0),
    )  # fmt: skip
    perceptual = load_perceptual("efficientnet")
    Trainer(
        Run.open(folder, SMALL, adversarial=AdversarialTrainer("cpu", perceptual.features)), data, options, perceptual
    ).train()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
