"""Motion between key poses, limb lengths kept: bones turn, they do not cut corners; and ready-made motions.

A pose is taken apart into the middle of its hips and bones, each with a length and an angle. Angles and lengths run along
monotone cubic curves through the keys (Fritsch and Carlson, 1980), so a bone that keeps its length at two neighbouring keys
keeps it between them, and nothing swings beyond a key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from vunet.errors import BadPose
from vunet.pose.anatomy import BONES
from vunet.pose.joints import JOINTS, REACH, other_side
from vunet.pose.retarget import in_motion
from vunet.pose.skeleton import Pose
from vunet.shipped import shipped

FILE = shipped("assets") / "poses" / "motions.json"
MAX_KEYS = 120  # ten seconds at twelve a second
MAX_FRAMES = 1560  # a minute, and the way back to the first pose
TURN = 30  # degrees from key to key of a turntable: between two the body keeps its shape well enough
WRAP = 2  # keys repeated on either side of a loop: a monotone cubic looks no further


@dataclass(frozen=True, eq=False)
class Body:
    """A pose as the middle of the hips (2,) and bones: lengths (16,) in frames, angles (16,) clockwise from the right."""

    hips: np.ndarray
    lengths: np.ndarray
    angles: np.ndarray
    visible: np.ndarray
    depth: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, pose: Pose) -> Body:
        """Takes a pose apart."""
        at = {name: pose.xy(name) for name in (*JOINTS, "neck")} | {"hips": (pose.xy("lhip") + pose.xy("rhip")) / 2}
        bones = np.array([at[b] - at[a] for a, b in BONES], np.float64)
        return cls(
            at["hips"], np.linalg.norm(bones, axis=1), np.arctan2(bones[:, 1], bones[:, 0]), pose.visible, pose.depth
        )

    def pose(self) -> Pose:
        """Puts the pose together again."""
        at = {"hips": self.hips}
        for (a, b), length, angle in zip(BONES, self.lengths, self.angles, strict=True):
            at[b] = at[a] + length * np.array([np.cos(angle), np.sin(angle)])
        joints = np.array([at[name] for name in JOINTS])
        return Pose(np.clip(joints, 0.5 - REACH, 0.5 + REACH), self.visible, self.depth)

    def turned(self, degrees: Mapping[str, float]) -> Body:
        """With some bones, named by the joint at their end, at other angles."""
        ends = [end for _, end in BONES]
        angles = self.angles.copy()
        angles[[ends.index(name) for name in degrees]] = np.deg2rad(list(degrees.values()))
        return replace(self, angles=angles)


def in_betweens(keys: Sequence[Pose], frames_each: int | Sequence[int], loop: bool = True) -> list[Pose]:
    """All poses of a motion, in a loop also those of the step back to the first key.

    frames_each: of each step from key to key, or of every one. Raises `BadPose` for fewer than two keys, too many keys, or
    too many frames.
    """
    from scipy.interpolate import PchipInterpolator  # takes a second to import: a page without a film starts without it

    starts, row, times = _times(keys, frames_each, loop)
    wanted = np.arange(starts[-1] + (not loop))
    bodies = [Body.of(pose) for pose in row]
    hips = PchipInterpolator(times, [b.hips for b in bodies])(wanted)
    lengths = PchipInterpolator(times, [b.lengths for b in bodies])(wanted)
    angles = PchipInterpolator(times, _unwrapped([b.angles for b in bodies]))(wanted)
    before = np.searchsorted(starts, wanted, side="right") - 1
    after = np.where(starts[before] == wanted, before, before + 1) % len(keys)
    visible = [keys[i].visible & keys[j].visible for i, j in zip(before % len(keys), after, strict=True)]
    depth = [keys[i % len(keys)].depth for i in before]
    return [Body(*parts).pose() for parts in zip(hips, lengths, angles, visible, depth, strict=True)]


def _times(keys: Sequence[Pose], frames_each: int | Sequence[int], loop: bool) -> tuple[np.ndarray, list[Pose], np.ndarray]:
    """When each key comes, and the end, in frames; the keys to interpolate through, and when they come."""
    steps = len(keys) if loop else len(keys) - 1
    if not 2 <= len(keys) <= MAX_KEYS:
        raise BadPose(f"A motion needs 2 to {MAX_KEYS} key poses.")
    frames = np.full(steps, frames_each) if isinstance(frames_each, int) else np.asarray(frames_each)
    if frames.shape != (steps,) or frames.min() < 1 or frames.sum() + (not loop) > MAX_FRAMES:
        raise BadPose(f"A motion has {MAX_FRAMES} pictures at most: take fewer keys or a faster tempo.")
    starts = np.concatenate([[0], np.cumsum(frames)])
    if not loop:
        return starts, list(keys), starts
    own, whole = starts[:-1], starts[-1]
    row = [*keys[-WRAP:], *keys, *keys[: WRAP + 1]]
    return starts, row, np.concatenate([own[-WRAP:] - whole, own, own[: WRAP + 1] + whole])


def _unwrapped(angles: Sequence[np.ndarray]) -> np.ndarray:
    """(T, 16), each turning the short way round; the two halves of shoulders and hips together, or they would meet."""
    turned = np.unwrap(angles, axis=0)
    ends = [end for _, end in BONES]
    for right, left in (("rshoulder", "lshoulder"), ("rhip", "lhip")):
        turned[:, ends.index(left)] = turned[:, ends.index(right)] + np.pi
    return turned


def at_rate(poses: Sequence[Pose], rate: float, wanted: float) -> list[Pose]:
    """Poses that come `rate` a second, `wanted` of them a second."""
    times = np.arange(0, len(poses) - 1 + 1e-6, rate / wanted)
    joints = np.stack([pose.joints for pose in poses])
    low = np.minimum(times.astype(int), max(len(poses) - 2, 0))
    high = np.minimum(low + 1, len(poses) - 1)
    part = (times - low)[:, None, None]
    mixed = joints[low] * (1 - part) + joints[high] * part
    return [Pose(each, poses[i].visible & poses[j].visible) for each, i, j in zip(mixed, low, high, strict=True)]


def wave(pose: Pose) -> list[Pose]:
    """Keys of a loop: this body, waving with its left hand."""
    body = Body.of(pose)
    swings = [{"lelbow": -20.0, "lwrist": angle} for angle in (-115.0, -60.0)]
    return [body.turned(swing).pose() for swing in swings]


# Angles of thigh and shin, upper arm and forearm, in degrees clockwise from the right; 90 hangs straight down.
_STRIDE = {"rknee": 103.0, "rankle": 97.0, "lknee": 79.0, "lankle": 101.0, "relbow": 106.0, "rwrist": 100.0, "lelbow": 82.0,
           "lwrist": 104.0}  # fmt: skip
_PASSING = {"rknee": 93.0, "rankle": 91.0, "lknee": 82.0, "lankle": 108.0, "relbow": 102.0, "rwrist": 92.0, "lelbow": 79.0,
            "lwrist": 90.0}  # fmt: skip


def walk(pose: Pose) -> list[Pose]:
    """Keys of a loop: this body, walking on the spot with its feet on the ground."""
    body = Body.of(pose)
    keys = [body.turned(angles) for angles in (_STRIDE, _PASSING, _other_side(_STRIDE), _other_side(_PASSING))]
    return [_grounded(key, pose) for key in keys]


def _other_side(angles: Mapping[str, float]) -> dict[str, float]:
    """The same seen in a mirror."""
    return {other_side(name): 180 - angle for name, angle in angles.items()}


def _grounded(body: Body, like: Pose) -> Pose:
    """Moved up or down until its lower foot stands where the lower foot of `like` does."""
    ground = max(like.xy("rankle")[1], like.xy("lankle")[1])
    pose = body.pose()
    drop = ground - max(pose.xy("rankle")[1], pose.xy("lankle")[1])
    return replace(body, hips=body.hips + np.array([0, drop])).pose()


def turntable(pose: Pose) -> list[Pose]:
    """Keys of a loop: this body, turned once about the vertical axis."""
    return [pose.turned(degrees) for degrees in range(0, 360, TURN)]


@dataclass(frozen=True)
class ReadyMade:
    """A motion of somebody else. seconds: of the whole."""

    keys: tuple[Pose, ...]
    seconds: float

    def on(self, pose: Pose) -> list[Pose]:
        """Keys of a loop: this body, in that motion; it rises and sinks as far as that one does."""
        return in_motion(self.keys, pose)


@cache
def ready_made() -> dict[str, ReadyMade]:
    """By name, in the order of the file, which `prepare-motions` writes."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    everything = np.ones(len(JOINTS), bool)
    return {
        name: ReadyMade(tuple(Pose(np.array(key), everything) for key in each["keys"]), float(each["seconds"]))
        for name, each in data.items()
    }


def motions() -> dict[str, Callable[[Pose], list[Pose]]]:
    """All ready-made motions by name: a body to keys of a loop."""
    own: dict[str, Callable[[Pose], list[Pose]]] = {"walk": walk, "wave": wave, "turn": turntable}
    return own | {name: each.on for name, each in ready_made().items()}
