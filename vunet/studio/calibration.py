"""`python -m vunet calibrate`: the ranges that renders in integers need, measured on people whom the model draws itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from vunet.checkpoints import load_checkpoint, read_facts, save_checkpoint
from vunet.errors import VUNetError
from vunet.model import VUNet
from vunet.person.tensors import Batch, condition
from vunet.pose.library import load_library
from vunet.pose.skeleton import Pose
from vunet.runtime.engine.int8 import measured_ranges
from vunet.runtime.engine.openvino import Detail, Picture, SampleDetail, graph_inputs
from vunet.studio import Studio
from vunet.studio.appearance import Appearance

LOOKS, SEED = 8, 0
LEAST = 0.995  # SSIM of the person against single precision


def calibrate(checkpoint: Path, out: Path) -> dict[str, float]:
    """Writes the checkpoint with its ranges; returns the SSIM of renders against single precision, by their size.

    Raises `VUNetError` where that is below `LEAST`, or the model is of another kind than parts-256.
    """
    model = load_checkpoint(checkpoint)
    if model.detail is None:
        raise VUNetError("Only models with a detail network are calibrated: train one with `train-detail`.")
    studio = Studio(model, torch.device("cpu"), engine="eager", precision=torch.float32)
    looks, poses = _looks(studio), [each.pose for each in load_library()]
    ranges = {
        "picture": measured_ranges(Picture(model), _picture_inputs(model, looks, poses)),
        "detail": measured_ranges(Detail(model), _detail_inputs(studio, looks, poses)),
    }
    if model.sample_detail is not None:
        ranges["sample_detail"] = measured_ranges(SampleDetail(model), _sample_inputs(model, looks[:LOOKS], poses))
    integers = Studio(load_checkpoint(checkpoint), studio.device, precision="int8", ranges=ranges)
    scores = _similarity(studio, integers, looks)
    if min(scores.values()) < LEAST:
        raise VUNetError(f"In integers the pictures differ too much: SSIM {min(scores.values()):.4f}, {LEAST} is wanted.")
    save_checkpoint(load_checkpoint(checkpoint), out, read_facts(checkpoint), ranges)
    return scores


def _looks(studio: Studio) -> list[Appearance]:
    """Samples, and the same read from their own pictures, which have detail to copy."""
    drawn = studio.sample(Pose.default(), LOOKS, SEED)
    return drawn + [studio.encode(studio.place(studio.render(look, look.pose), look.pose)) for look in drawn]


def _picture_inputs(model: VUNet, looks: list[Appearance], poses: list[Pose]) -> Iterator[tuple[Tensor, ...]]:
    for i, pose in enumerate(poses):
        yield graph_inputs(model, _batch(pose, model), _codes(looks[i % len(looks)]))


def _detail_inputs(studio: Studio, looks: list[Appearance], poses: list[Pose]) -> Iterator[tuple[Tensor, ...]]:
    for i, pose in enumerate(poses):
        look, inputs = looks[i % len(looks)], _batch(pose, studio.model)
        picture = studio.model.render(zs=_codes(look), **inputs)
        copy = studio.copy(look, pose)
        yield picture, inputs["shape"], *(torch.from_numpy(each)[None] for each in (copy.picture, copy.certain))


def _sample_inputs(model: VUNet, samples: list[Appearance], poses: list[Pose]) -> Iterator[tuple[Tensor, ...]]:
    for i, pose in enumerate(poses):
        inputs = _batch(pose, model)
        yield model.render(zs=_codes(samples[i % len(samples)]), **inputs), inputs["shape"]


def _batch(pose: Pose, model: VUNet) -> Batch:
    return {name: value[None] for name, value in condition(pose, model.config).items()}


def _codes(look: Appearance) -> list[Tensor]:
    return [torch.from_numpy(code)[None] for code in look.codes]


def _similarity(plain: Studio, integers: Studio, looks: list[Appearance]) -> dict[str, float]:
    poses = [each.pose for each in load_library()[:: len(load_library()) // len(looks)]]
    return {f"ssim_{size}": _mean_ssim(plain, integers, looks, poses, size) for size in (plain.live_size, plain.size)}


def _mean_ssim(plain: Studio, integers: Studio, looks: list[Appearance], poses: list[Pose], size: int) -> float:
    pairs = [[studio.render(*each, size) for studio in (plain, integers)] for each in zip(looks, poses, strict=False)]
    return float(np.mean([structural_similarity(a, b, channel_axis=2) for a, b in pairs]))
