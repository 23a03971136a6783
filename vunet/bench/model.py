"""The model's share of an answer, and the machine's peak."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode

from vunet.bench.timing import Numbers, interleaved
from vunet.inputs import pose_inputs
from vunet.pose.skeleton import Pose
from vunet.studio import Studio
from vunet.ui.pictures import data_url


def model_numbers(studio: Studio) -> dict[str, Numbers]:
    """Medians of the verbs and of the parts of a render."""
    pose = Pose.default()
    look = studio.sample(pose, 1)[0]
    picture = studio.render(look, pose)
    return interleaved(
        {
            "pose inputs (stickman, transforms)": lambda: pose_inputs(pose, studio.config),
            "render (E + D, one look)": lambda: studio.render(look, pose),
            "encoding (JPEG data URL)": lambda: data_url(picture),
            "sample 1": lambda: studio.sample(pose, 1),
            "sample 8": lambda: studio.sample(pose, 8),
            "machine: convolution 64 channels, 64 x 64": _peak_job(studio),
        }
    )


def render_gflop(studio: Studio) -> float:
    """Counted multiply-adds of one render, times two, in 1e9."""
    pose = Pose.default()
    look = studio.sample(pose, 1)[0]
    with FlopCounterMode(display=False) as counter:
        studio.render(look, pose)
    return counter.get_total_flops() / 1e9


PEAK_GFLOP = 2 * 9 * 64 * 64 * 64 * 64 / 1e9


def _peak_job(studio: Studio) -> Callable[[], object]:
    convolution = torch.nn.Conv2d(64, 64, 3, padding=1, device=studio.device, dtype=studio.precision)
    convolution.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = torch.randn(1, 64, 64, 64, device=studio.device, dtype=studio.precision)
    x = x.contiguous(memory_format=torch.channels_last)
    return lambda: convolution(x).detach().sum().item()
