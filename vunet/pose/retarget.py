"""Somebody's pose on somebody else's body: directions of bones from the one, lengths from the other, feet on the ground.

`vunet/ui/components/browser/retarget.js` is the same for the browser; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vunet.pose.anatomy import BONES
from vunet.pose.joints import INDEX, JOINTS, REACH
from vunet.pose.skeleton import Pose

SHORTEST = 0.2  # of a bone that points at the camera
LEAST = 1e-6
AROUND = 25  # poses before and after: two seconds of a film, or all key poses of a motion


def retargeted(source: Pose, body: Pose, start: np.ndarray | None = None, torso: float | None = None) -> Pose:
    """The source's pose with the body's proportions, where the body stands.

    A bone that looks shorter than the body's, each against its own torso, points at the camera or away, and is as short.
    What the source does not show stays as the body has it. start: (2,) where the source's hips were when a motion began.
    torso: how long the source's torso is when it is not foreshortened; as this pose shows it, unless given.
    """
    theirs, own = _points(source), _points(body)
    scale = _torso(body) / (torso or _torso(source))
    at = {"hips": own["hips"] + ([(theirs["hips"][0] - start[0]) * scale, 0.0] if start is not None else 0.0)}
    for a, b in BONES:
        at[b] = at[a] + _bone(source, theirs, own, scale, a, b)
    joints = np.array([at[name] for name in JOINTS])
    if source.has("lankle", "rankle"):
        joints[:, 1] += max(body.xy(f"{side}ankle")[1] for side in "lr") - joints[_ANKLES, 1].max()
    return Pose(np.clip(joints, 0.5 - REACH, 0.5 + REACH), body.visible)


def in_motion(source: Sequence[Pose], body: Pose) -> list[Pose]:
    """A whole motion with the body's proportions: it moves sideways, and leaves the ground, as the source does."""
    start = _points(source[0])["hips"]
    ground = max(float(pose.joints[_ANKLES, 1].max()) for pose in source)
    poses = []
    for pose, torso in zip(source, _torsos(source), strict=True):
        lifted = (ground - float(pose.joints[_ANKLES, 1].max())) * _torso(body) / torso
        moved = retargeted(pose, body, start, torso)
        joints = moved.joints - [0, lifted if pose.has("lankle", "rankle") else 0.0]
        poses.append(Pose(np.clip(joints, 0.5 - REACH, 0.5 + REACH), moved.visible))
    return poses


def _torsos(source: Sequence[Pose]) -> np.ndarray:
    """How long the torso is about each pose: who bows looks short for a moment, who comes nearer grows slowly."""
    from scipy.ndimage import gaussian_filter1d, maximum_filter1d

    longest = maximum_filter1d([_torso(pose) for pose in source], 2 * AROUND + 1, mode="nearest")
    return gaussian_filter1d(longest, AROUND / 2, mode="nearest")


def _torso(pose: Pose) -> float:
    return max(_span(_points(pose), "hips", "neck"), LEAST)


_ANKLES = [INDEX["lankle"], INDEX["rankle"]]


def _points(pose: Pose) -> dict[str, np.ndarray]:
    points = {name: pose.xy(name).astype(np.float64) for name in (*JOINTS, "neck")}
    return points | {"hips": (points["lhip"] + points["rhip"]) / 2}


def _span(points: dict[str, np.ndarray], a: str, b: str) -> float:
    return float(np.linalg.norm(points[b] - points[a]))


def _bone(
    source: Pose, theirs: dict[str, np.ndarray], own: dict[str, np.ndarray], scale: float, a: str, b: str
) -> np.ndarray:
    """(2,) from its start to its end."""
    shown, length = _span(theirs, a, b), _span(own, a, b)
    if not _seen(source, a, b) or shown < LEAST:
        return own[b] - own[a]
    short = min(1.0, max(SHORTEST, shown * scale / max(length, LEAST)))
    return (theirs[b] - theirs[a]) * (length * short / shown)


def _seen(pose: Pose, *names: str) -> bool:
    middles = {"hips": ("lhip", "rhip"), "neck": ("lshoulder", "rshoulder")}
    return all(pose.has(*middles.get(name, (name,))) for name in names)
