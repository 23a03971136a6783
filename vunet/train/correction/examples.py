"""What D draws of pairs, beside the truth: drawn once, since D stays as it is, and read in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from vunet.model import VUNet
from vunet.model.vunet import CONDITION
from vunet.person.tensors import Batch
from vunet.pose.anatomy import OTHER_SIDE, PARTS
from vunet.train.state_file import load_state, save_state

FILE_BATCHES = 20  # batches of a file
LEFT = len(PARTS) + 2  # of the mannequin's maps, the one that changes its sign in a mirror
MIRRORED_MAPS = [*OTHER_SIDE, *range(len(PARTS), LEFT + 1)]


def draw_examples(model: VUNet, batches: Iterator[Batch], files: Sequence[Path], stopping: Callable[[], bool]) -> None:
    """Writes the files that are not there yet, each of `FILE_BATCHES` batches of `BatchMaker`.

    stopping: asked after each; `KeyboardInterrupt` is raised when it says so, and what is written stays.
    """
    for file in tqdm(files, desc="draw examples", unit="file"):
        if not file.exists():
            drawn = [_example(model, next(batches)) for _ in range(FILE_BATCHES)]
            save_state({name: torch.cat([each[name] for each in drawn]) for name in drawn[0]}, file)
            if stopping():
                raise KeyboardInterrupt


@torch.no_grad()
def _example(model: VUNet, batch: Batch) -> Batch:
    """drawn (N, 3, S, S) in half precision; image, mask and small as bytes; mannequin in half precision; rotated (N, P)."""
    zs = [q.mean for q in model.posterior(batch["parts"], batch["seen_facing"])]
    shown = {name: batch[name] for name in CONDITION}
    shown["shape"] = shown["shape"].contiguous(memory_format=torch.channels_last)
    return {
        "drawn": model.render(zs=zs, **shown).half().contiguous().cpu(),
        "image": _bytes((batch["image"] + 1) / 2),
        "mask": _bytes(batch["mask"]),
        "small": _bytes(batch["face"] + batch["hands"]),
        "mannequin": batch["mannequin"].half().cpu(),
        "rotated": batch["rotated"].cpu(),
    }


def _bytes(shares: Tensor) -> Tensor:
    return (shares.clamp(0, 1) * 255).round().to(torch.uint8).cpu()


class Examples:
    """Drawn examples; they stay on the disk until they are read."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = [load_state(file, mapped=True) for file in files]
        self.places = [(i, row) for i, file in enumerate(self.files) for row in range(len(file["drawn"]))]

    def batch(self, count: int, generator: torch.Generator) -> Batch:
        """So many as the losses and the correction network read them, half of all mirrored."""
        chosen = [self.places[i] for i in torch.randint(len(self.places), (count,), generator=generator).tolist()]
        stacked = {name: torch.stack([self.files[i][name][row] for i, row in chosen]) for name in self.files[0]}
        return _mirrored(_floats(stacked), torch.rand(count, generator=generator) < 0.5)


def _floats(stored: Batch) -> Batch:
    small = stored["small"].float() / 255
    return {
        "drawn": stored["drawn"].float(),
        "image": stored["image"].float() / 127.5 - 1,
        "mask": stored["mask"].float() / 255,
        "face": small,
        "hands": torch.zeros_like(small),
        "mannequin": stored["mannequin"].float(),
        "rotated": stored["rotated"].float(),
        "texture": torch.zeros(len(small)),  # of renders, not to be learned
    }


def _mirrored(batch: Batch, flips: Tensor) -> Batch:
    """Of the rows that flip, the mirror images; left parts are then right ones."""
    changed = {name: value.flip(-1) for name, value in batch.items() if value.dim() == 4}
    changed |= {"mannequin": mirrored_maps(batch["mannequin"]), "rotated": batch["rotated"][:, OTHER_SIDE]}
    rows = {name: flips.reshape(-1, *[1] * (value.dim() - 1)) for name, value in changed.items()}
    return batch | {name: torch.where(rows[name], value, batch[name]) for name, value in changed.items()}


def mirrored_maps(maps: Tensor) -> Tensor:
    """The mannequin's maps (N, MANNEQUIN, s, s) of the mirrored pose."""
    other = maps[:, MIRRORED_MAPS].flip(-1)
    other[:, LEFT] *= -1
    return other
