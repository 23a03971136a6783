"""What a link holds: a pose, and the seed and settings of a sample. Never a photo, nor anything that was read from one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np

from vunet.errors import BadPose, VUNetError
from vunet.pose.joints import JOINTS
from vunet.pose.skeleton import Pose
from vunet.studio.studio import MAX_SEED

MAX_CHARACTERS = 4000
BROKEN = "This link cannot be read: ask for it again."


@dataclass(frozen=True)
class Sample:
    """Which sample a look is: the pose that it was sampled for, seed, variety, garments, number from 0."""

    pose: Pose
    seed: int
    temperature: float
    wearing: tuple[str, ...]
    index: int


@dataclass(frozen=True)
class Link:
    """The pose on the stage, and what is worn; None where that is no sample."""

    pose: Pose
    sample: Sample | None = None


def write_link(link: Link) -> str:
    """What follows the # of an address."""
    fields: dict[str, Any] = {"pose": _short(link.pose)}
    if link.pose.depth:
        fields["depth"] = ".".join(f"{limb}-{value}" for limb, value in link.pose.depth.items())
    if link.sample:
        sample = link.sample
        fields |= {
            "drawn": _short(sample.pose),
            "seed": sample.seed,
            "variety": f"{sample.temperature:g}",
            "outfit": sample.index,
        }
        fields |= {"wearing": ",".join(sample.wearing)} if sample.wearing else {}
    return urlencode(fields)


def read_link(text: Any) -> Link | None:
    """The inverse of `write_link`, checked like any hostile input; None for an address without one. Raises `VUNetError`."""
    if not isinstance(text, str) or "pose=" not in text:
        return None
    try:
        fields = {key: values[0] for key, values in parse_qs(text[:MAX_CHARACTERS], strict_parsing=True).items()}
        sample = _sample(fields) if "seed" in fields else None
        depth = dict(each.split("-") for each in fields["depth"].split(".")) if "depth" in fields else {}
        return Link(replace(_pose(fields["pose"]), depth=depth), sample)
    except (ValueError, KeyError, TypeError, OverflowError, BadPose):
        raise VUNetError(BROKEN) from None


def _sample(fields: dict[str, str]) -> Sample:
    seed, variety, index = int(fields["seed"]), float(fields["variety"]), int(fields["outfit"])
    if not (0 <= seed <= MAX_SEED and 0 <= variety <= 2 and 0 <= index < 64):
        raise ValueError
    wearing: Sequence[str] = fields["wearing"].split(",") if fields.get("wearing") else ()
    return Sample(_pose(fields["drawn"]), seed, variety, tuple(wearing), index)


def _short(pose: Pose) -> str:
    """x and y of each joint in thousandths, hidden ones with an h: 130 characters instead of 900."""
    numbers = np.rint(pose.joints * 1000).astype(int)
    return ".".join(f"{'' if seen else 'h'}{x}_{y}" for (x, y), seen in zip(numbers.tolist(), pose.visible, strict=True))


def _pose(text: str) -> Pose:
    words = text.split(".")
    if len(words) != len(JOINTS):
        raise ValueError
    numbers = np.array([[int(v) for v in word.lstrip("h").split("_")] for word in words], np.float32)
    if numbers.shape != (len(JOINTS), 2) or np.abs(numbers).max() > 2000:
        raise ValueError
    return Pose(numbers / 1000, np.array([not word.startswith("h") for word in words])).require_usable()
