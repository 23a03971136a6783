"""`prepare-motions`: ready-made motions of the page, projected from motion files in three dimensions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vunet.data.avatars.body import BodyPose, rotation, world_rotations
from vunet.data.avatars.choice import facing_forward
from vunet.data.avatars.poses import read_motion
from vunet.pose.joints import JOINTS

KEYS = 24  # poses of a motion
# Offsets of a standing person's segments in metres, x to their left, y up, z forward: parent, joint, offset.
BONES = (
    ("root", "lhip", (0.09, -0.02, 0.0)), ("root", "rhip", (-0.09, -0.02, 0.0)),
    ("lthigh", "lknee", (0.0, -0.42, 0.0)), ("rthigh", "rknee", (0.0, -0.42, 0.0)),
    ("lshin", "lankle", (0.0, -0.41, 0.0)), ("rshin", "rankle", (0.0, -0.41, 0.0)),
    ("chest", "neck", (0.0, 0.48, 0.0)),
    ("chest", "lshoulder", (0.17, 0.46, 0.0)), ("chest", "rshoulder", (-0.17, 0.46, 0.0)),
    ("lupperarm", "lelbow", (0.0, -0.28, 0.0)), ("rupperarm", "relbow", (0.0, -0.28, 0.0)),
    ("lforearm", "lwrist", (0.0, -0.26, 0.0)), ("rforearm", "rwrist", (0.0, -0.26, 0.0)),
    ("head", "cnose", (0.0, 0.16, 0.09)), ("head", "leye", (0.03, 0.19, 0.08)), ("head", "reye", (-0.03, 0.19, 0.08)),
)  # fmt: skip
STARTS = {
    "lknee": "lhip", "rknee": "rhip", "lankle": "lknee", "rankle": "rknee", "lelbow": "lshoulder", "relbow": "rshoulder",
    "lwrist": "lelbow", "rwrist": "relbow", "cnose": "neck", "leye": "neck", "reye": "neck",
}  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """A motion and how it is seen. file: without its ending. degrees: about the vertical axis, from the front. part: from
    where to where of the file. seconds: of the whole."""

    name: str
    file: str
    degrees: float = 0.0
    part: tuple[float, float] = (0.0, 1.0)
    seconds: float = 3.0


SHOTS = (
    Shot("dance", "dance_a", 0, (0.05, 0.4), 5.0),
    Shot("groove", "dance_b", 0, (0.1, 0.45), 5.0),
    Shot("pirouette", "dance_spin", 0, (0.0, 0.6), 4.0),
    Shot("cartwheel", "cartwheel", 0, (0.0, 1.0), 3.0),
    Shot("kick", "kick", 50, (0.0, 1.0), 2.0),
    Shot("run", "run", 60, (0.0, 1.0), 0.9),
    Shot("jump", "jump", 35, (0.0, 1.0), 2.0),
    Shot("getup", "getup_faceup", 70, (0.1, 1.0), 4.0),
    Shot("punch", "punch", 40, (0.0, 1.0), 2.0),
)


def prepare_motions(motions: Path, out: Path) -> int:
    """Writes the shots as {name: {"seconds", "keys": [15 x 2 fractions, ...]}}; returns how many. Raises `VUNetError`."""
    shots = {shot.name: {"seconds": shot.seconds, "keys": _keys(motions, shot)} for shot in SHOTS}
    out.write_text(json.dumps(shots, separators=(",", ":")) + "\n", encoding="utf-8")
    return len(shots)


def _keys(motions: Path, shot: Shot) -> list:
    file = motions / f"{shot.file}.json"
    frames, heights = read_motion(file), np.array(json.loads(file.read_text(encoding="utf-8"))["Frames"], float)[:, 2]
    first, last = (round(part * (len(frames) - 1)) for part in shot.part)
    chosen = np.linspace(first, last, min(KEYS, last - first + 1)).round().astype(int)
    forward = _ahead(frames[first])
    bodies = np.stack([_joints(frames[i], forward, shot.degrees) - [0, heights[i]] for i in chosen])
    return _framed(bodies).round(4).tolist()


def _ahead(pose: BodyPose) -> np.ndarray:
    """(3, 3): turns a motion so that its first pose faces forward."""
    return facing_forward(pose)["root"] @ np.linalg.inv(np.asarray(pose["root"]))


def _joints(pose: BodyPose, forward: np.ndarray, degrees: float) -> np.ndarray:
    """(15, 2): x right, y down, metres."""
    world = world_rotations(pose)
    view = rotation("y", degrees) @ forward
    at = {"pelvis": np.zeros(3)}
    for segment, joint, offset in BONES:
        at[joint] = at[STARTS.get(joint, "pelvis")] + view @ world[segment] @ np.array(offset)
    return np.array([at[name] for name in JOINTS])[:, :2] * [1, -1]


def _framed(bodies: np.ndarray) -> np.ndarray:
    """All poses of a motion in one square frame, feet on one ground."""
    low, high = bodies.min(axis=(0, 1)), bodies.max(axis=(0, 1))
    scale = 0.84 / float((high - low).max())
    return (bodies - (low + high) / 2) * scale + [0.5, 0.5]
