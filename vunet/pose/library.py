"""Ready-made poses: standing, walking, running, sitting, dancing, yoga. Made by this project, no photo behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vunet.pose.joints import JOINTS
from vunet.pose.skeleton import Pose
from vunet.shipped import shipped

FILE = shipped("assets") / "poses" / "poses.json"


@dataclass(frozen=True)
class LibraryPose:
    """A pose with its name and kind."""

    name: str
    kind: str
    pose: Pose


def load_library(path: Path = FILE) -> list[LibraryPose]:
    """All poses, in the order of the file: [{"name", "kind", "joints": {name: [x, y], ...}}, ...]."""
    entries = json.loads(path.read_text(encoding="utf-8"))
    return [LibraryPose(e["name"], e["kind"], _pose(e["joints"])) for e in entries]


def _pose(joints: dict[str, list[float]]) -> Pose:
    return Pose(np.array([joints[name] for name in JOINTS], np.float32), np.ones(len(JOINTS), bool))
