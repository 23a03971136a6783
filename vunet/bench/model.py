"""The model's share of an answer, and the machine's peak."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from vunet.bench.timing import Numbers, interleaved
from vunet.engine import EagerEngine
from vunet.inputs import pose_inputs
from vunet.pose.skeleton import Pose
from vunet.studio import Studio
from vunet.ui.pictures import data_url


def model_numbers(studio: Studio) -> dict[str, Numbers]:
    """Medians of the verbs and of the parts of a render."""
    pose = Pose.default()
    look = studio.sample(pose, 1)[0]
    picture = studio.render(look, pose)
    eager = EagerEngine(studio.model, studio.device, studio.precision)
    inputs = _render_inputs(studio)
    return interleaved(
        {
            "pose inputs (stickman, transforms)": lambda: pose_inputs(pose, studio.config),
            "render (E + D, one look)": lambda: studio.render(look, pose),
            "the same in eager PyTorch": lambda: eager.render(*inputs),
            "encoding (JPEG data URL)": lambda: data_url(picture),
            "sample 1": lambda: studio.sample(pose, 1),
            "sample 8": lambda: studio.sample(pose, 8),
            "machine: convolution 64 channels, 64 x 64": _peak_job(studio),
        }
    )


def render_gflop(studio: Studio) -> float:
    """Counted multiply-adds of one render, times two, in 1e9."""
    eager, inputs = EagerEngine(studio.model, studio.device, studio.precision), _render_inputs(studio)
    with FlopCounterMode(display=False) as counter:
        eager.render(*inputs)
    return counter.get_total_flops() / 1e9


def _render_inputs(studio: Studio) -> tuple[Tensor, list[Tensor], Tensor | None]:
    pose = Pose.default()
    inputs = {name: value[None] for name, value in pose_inputs(pose, studio.config).items()}
    return inputs["shape"], [torch.from_numpy(c)[None] for c in studio.sample(pose, 1)[0].codes], inputs.get("transforms")


PEAK_GFLOP = 2 * 9 * 64 * 64 * 64 * 64 / 1e9


def _peak_job(studio: Studio) -> Callable[[], object]:
    convolution = torch.nn.Conv2d(64, 64, 3, padding=1, device=studio.device, dtype=studio.precision)
    convolution.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = torch.randn(1, 64, 64, 64, device=studio.device, dtype=studio.precision)
    x = x.contiguous(memory_format=torch.channels_last)
    return lambda: convolution(x).detach().sum().item()
