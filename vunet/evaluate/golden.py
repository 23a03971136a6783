"""Numbers that pin the graph of a checkpoint: what it makes of inputs that are computed, to compare with what is stored.

A test compares them (`tests/evaluate/test_golden.py`); `python -m vunet golden` writes them anew when the weights change.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from vunet.checkpoints import load_checkpoint
from vunet.errors import VUNetError
from vunet.model import VUNet
from vunet.model.detail import channels_first
from vunet.model.garments import GARMENTS
from vunet.person.tensors import condition
from vunet.pose.joints import INDEX
from vunet.pose.skeleton import Pose

KEPT = 1500  # numbers of each tensor, evenly spaced
SEED = 7


def write_golden(checkpoint: Path, out: Path) -> dict[str, int]:
    """Writes the numbers of a checkpoint; returns how many of each kind. Raises `VUNetError`."""
    numbers = golden_numbers(load_checkpoint(checkpoint))
    np.savez_compressed(out, **numbers)  # type: ignore[arg-type]
    return {name: array.size for name, array in numbers.items()}


@torch.no_grad()
def golden_numbers(model: VUNet) -> dict[str, np.ndarray]:
    """Posterior means, w, what D draws, that corrected and doubled, and a sample that was asked for a dress.

    In single precision on the CPU. Raises `VUNetError` for models without a detail network or a trained prior.
    """
    detail, prior = model.detail, model.prior
    if detail is None or prior is None or not prior.ready:
        raise VUNetError("Golden numbers are of models with a detail network and a trained prior.")
    model.float().eval()
    inputs = {name: value[None] for name, value in condition(_pose(), model.config).items()}
    zs = [q.mean for q in model.posterior(_waves(3 * model.config.parts, model.config.crop_size)[None])]
    picture = model.render(inputs["shape"], zs, inputs["transforms"])
    doubled = detail(picture, inputs["shape"], channels_first(_copy(model)))
    corrected = {}
    if model.correction is not None:
        corrected["corrected"] = model.correction(picture, inputs["mannequin"], torch.ones(1, model.config.parts))
    sharp = {"sample_doubled": model.sample_detail(picture, inputs["shape"])} if model.sample_detail is not None else {}
    dress = torch.tensor([[float(name == "dress") for name in GARMENTS]])
    sampled = model.sample(inputs["shape"], 1.0, torch.Generator().manual_seed(SEED), 1, dress)
    tensors = {f"mean_{i}": z for i, z in enumerate(zs)} | {f"sample_{i}": z for i, z in enumerate(sampled)}
    tensors |= {"w": prior.infer(zs)[0], "picture": picture, "doubled": doubled} | corrected | sharp
    return {name: _thinned(value) for name, value in tensors.items()}


def _pose() -> Pose:
    """Somebody with an arm raised and an arm on the belly."""
    joints = Pose.default().joints.copy()
    joints[INDEX["lelbow"]], joints[INDEX["lwrist"]], joints[INDEX["rwrist"]] = (0.68, 0.16), (0.74, 0.06), (0.5, 0.38)
    return Pose(joints, np.ones(15, bool))


def _waves(channels: int, size: int) -> Tensor:
    """(C, S, S) in [-1, 1], another wave in each channel."""
    y, x = np.mgrid[:size, :size] / size
    phases = np.arange(channels)[:, None, None]
    return torch.from_numpy(np.sin((3 + phases % 5) * x + (2 + phases % 3) * y + phases).astype(np.float32))


def _copy(model: VUNet) -> Tensor:
    """(1, 2S, 2S, 4) uint8: coloured squares that overlap, some half opaque."""
    size = model.config.best_size
    copy = torch.zeros(1, size, size, 4, dtype=torch.uint8)
    side = size // 4
    for part in range(model.config.parts):
        top, left, opacity = (part * 31) % (size - side), (part * 47) % (size - side), 255 if part % 2 else 128
        colour = torch.tensor([20 * part, 255 - 20 * part, 9 * part, 255]) * opacity // 255
        copy[0, top : top + side, left : left + side] = colour
    return copy


def _thinned(values: Tensor) -> np.ndarray:
    flat = values.float().flatten().numpy()
    return flat[:: max(1, len(flat) // KEPT)][:KEPT].copy()
