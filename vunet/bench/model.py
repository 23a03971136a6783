"""The verbs of a studio, timed side by side, with the arithmetic that each takes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from vunet.bench.timing import Numbers, interleaved
from vunet.model import VUNet
from vunet.person.tensors import Batch, condition
from vunet.pose.skeleton import Pose
from vunet.studio import Studio
from vunet.ui.visitor.data_urls import data_url

RenderInputs = tuple[Batch, list[Tensor]]


def verb_numbers(studio: Studio) -> dict[str, Numbers]:
    """Medians of the verbs and of the parts of an answer."""
    pose = Pose.default()
    look = studio.sample(pose, 1)[0]
    picture = studio.render(look, pose)
    person = studio.place(picture, pose)
    # A drag changes the pose each time, so that nothing of it is remembered.
    poses = iter(_wave(pose))
    rows = interleaved(
        {
            "stickman and transforms": lambda: condition(pose, studio.config),
            "render (E + D, one look)": lambda: studio.render(look, next(poses), studio.live_size),
            "render at rest (E + D, detail)": lambda: studio.render(look, next(poses)),
            "JPEG data URL": lambda: data_url(picture),
            "encode (crops, F)": lambda: studio.encode(person),
            "sample 1": lambda: studio.sample(pose, 1),
            "sample 8": lambda: studio.sample(pose, 8),
        }
    )
    for name, gflop in _verb_gflop(studio.model).items():
        rows[name] |= {"gflop": gflop}
    return rows


def with_shares(rows: dict[str, Numbers], peak: float) -> dict[str, Numbers]:
    """The rows, with the share of a peak in GFLOP/s that each reaches whose arithmetic is known."""
    share = lambda row: {"share_of_peak": row["gflop"] / row["median_ms"] * 1e3 / peak}  # noqa: E731
    return {name: row | share(row) if "gflop" in row else row for name, row in rows.items()}


def render_inputs(model: VUNet, seed: int = 0) -> RenderInputs:
    """A pose and a look sampled from the prior, in single precision, batch 1."""
    reference = next(model.parameters())
    inputs = {name: value[None] for name, value in condition(Pose.default(), model.config).items()}
    generator = torch.Generator(reference.device).manual_seed(seed)
    with torch.inference_mode():
        zs = model.sample(inputs["shape"].to(reference), 1.0, generator)
    return inputs, [z.float().cpu().clone() for z in zs]


def counted_gflop(job: Callable[[], object]) -> float:
    """Multiply-adds of a job, times two, in 1e9."""
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        job()
    return counter.get_total_flops() / 1e9


def render_gflop(model: VUNet) -> float:
    """E + D for one look."""
    inputs, zs = render_inputs(model)
    p = next(model.parameters())
    placed = {name: value.to(p.device) for name, value in inputs.items()}
    placed["shape"] = placed["shape"].to(p)
    return counted_gflop(lambda: model.render(zs=[z.to(p) for z in zs], **placed))


def _verb_gflop(model: VUNet) -> dict[str, float]:
    config, p = model.config, next(model.parameters())
    shape = torch.zeros(1, 3, config.size, config.size).to(p)
    crops = torch.zeros(1, 3 * config.parts, config.crop_size, config.crop_size).to(p)
    return {
        "render (E + D, one look)": render_gflop(model),
        "encode (crops, F)": counted_gflop(lambda: model.posterior(crops)),
        "sample 1": counted_gflop(lambda: model.sample(shape)),
        "sample 8": counted_gflop(lambda: model.sample(shape, count=8)),
    }


def _wave(pose: Pose, count: int = 128) -> list[Pose]:
    """The pose with its joints a little elsewhere each time."""
    return [Pose(pose.joints + 0.002 * i / count, pose.visible) for i in range(count)]
