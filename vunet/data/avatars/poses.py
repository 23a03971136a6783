"""Natural body poses: frames of motion files, and random ones within the limits of the joints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from vunet.data.avatars.body import BodyPose, limb, rotation
from vunet.errors import VUNetError

# Where the numbers of each segment begin in a frame of a motion; four are a quaternion (w, x, y, z), one is an angle.
QUATERNIONS = {
    "root": 4, "chest": 8, "head": 12, "rthigh": 16, "rfoot": 21, "rupperarm": 25,
    "lthigh": 30, "lfoot": 35, "lupperarm": 39,
}  # fmt: skip
ANGLES = {"rshin": 20, "rforearm": 29, "lshin": 34, "lforearm": 43}
NUMBERS = 44
# From a motion's axes (x forward, y up, z to the right) to ours.
TO_OURS = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def read_motion(path: Path) -> list[BodyPose]:
    """The frames of a motion in DeepMimic's format; raises `VUNetError`.

    Peng and others, "DeepMimic", 2018, https://github.com/xbpeng/DeepMimic. A knee or an elbow turns about the z axis.
    """
    try:
        frames = np.array(json.loads(path.read_text(encoding="utf-8"))["Frames"], float)
        if frames.ndim != 2 or frames.shape[1] != NUMBERS:
            raise ValueError
        return [_body_pose(frame) for frame in frames]
    except (OSError, ValueError, KeyError, TypeError):
        raise VUNetError(f"{path} is not a motion: give DeepMimic's JSON, {NUMBERS} numbers a frame.") from None


def read_motions(folder: Path) -> list[BodyPose]:
    """All frames of a folder's motions; files of other kinds are left aside. Raises `VUNetError` where there are none."""
    frames = [pose for path in sorted(folder.glob("*.json")) if _is_motion(path) for pose in read_motion(path)]
    if not frames:
        raise VUNetError(f"There are no motions in {folder}: give a folder of DeepMimic's JSON files.")
    return frames


def _is_motion(path: Path) -> bool:
    try:
        return "Frames" in json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _body_pose(frame: np.ndarray) -> BodyPose:
    quaternions = {name: frame[[i + 1, i + 2, i + 3, i]] for name, i in QUATERNIONS.items()}
    theirs = {name: Rotation.from_quat(q).as_matrix() for name, q in quaternions.items()}
    theirs |= {name: Rotation.from_euler("z", frame[i]).as_matrix() for name, i in ANGLES.items()}
    return {name: TO_OURS @ matrix @ TO_OURS.T for name, matrix in theirs.items()}


def standing(rng: np.random.Generator) -> BodyPose:
    """Upright, arms hanging or slightly bent, as people stand for a photo."""
    pose = _trunk(rng, 0.4)
    for side in "lr":
        pose[f"{side}upperarm"] = limb(side, rng.normal(2, 9), rng.uniform(5, 20), rng.normal(0, 12))
        pose[f"{side}forearm"] = rotation("x", -rng.uniform(2, 28))
        pose |= _leg(side, rng.normal(0, 5), rng.uniform(1, 8), rng.uniform(0, 6))
    return pose


def random_pose(rng: np.random.Generator) -> BodyPose:
    """Any natural pose: arms and legs by one of some habits each."""
    pose = _trunk(rng, 1.0)
    legs: list[Callable[[np.random.Generator], BodyPose]] = [_stand, _walk, _sit, _kick, _crouch]
    pose |= legs[rng.choice(len(legs), p=[0.3, 0.25, 0.15, 0.2, 0.1])](rng)
    for side in "lr":
        pose |= _arm(side, rng)
    return pose


def sitting(rng: np.random.Generator) -> BodyPose:
    """As on a chair, thighs forward, hands anywhere before the body."""
    pose = _trunk(rng, 0.6) | dict(_sit(rng))
    for side in "lr":
        pose[f"{side}upperarm"] = limb(side, rng.uniform(-5, 45), rng.uniform(3, 25), rng.uniform(-40, 20))
        pose[f"{side}forearm"] = rotation("x", -rng.uniform(20, 100))
    return pose


def _trunk(rng: np.random.Generator, liveliness: float) -> dict[str, np.ndarray]:
    def turned(forwards: float, sideways: float, about: float) -> np.ndarray:
        angles = rng.normal(0, 1, 3) * [forwards, sideways, about] * liveliness
        return rotation("x", angles[0]) @ rotation("z", angles[1]) @ rotation("y", angles[2])

    return {"chest": turned(10, 8, 14), "head": turned(10, 7, 18)}


def _arm(side: str, rng: np.random.Generator) -> BodyPose:
    habit = rng.random()
    if habit < 0.25:  # hanging
        upper, bend = limb(side, rng.normal(0, 14), rng.uniform(4, 20), rng.normal(0, 20)), rng.uniform(2, 45)
    elif habit < 0.4:  # a hand on the hip or the belly
        upper, bend = limb(side, rng.uniform(-25, 20), rng.uniform(20, 55), rng.uniform(-70, 10)), rng.uniform(60, 120)
    elif habit < 0.7:  # raised sideways
        upper, bend = limb(side, rng.normal(0, 20), rng.uniform(40, 165), rng.normal(0, 40)), rng.uniform(0, 120)
    else:  # raised forwards
        upper, bend = limb(side, rng.uniform(20, 165), rng.uniform(-20, 40), rng.normal(0, 35)), rng.uniform(0, 125)
    return {f"{side}upperarm": upper, f"{side}forearm": rotation("x", -bend)}


def _leg(side: str, flexed: float, outwards: float, knee: float, ankle: float = 0.0) -> dict[str, np.ndarray]:
    return {
        f"{side}thigh": limb(side, flexed, outwards, 0.6 * outwards),
        f"{side}shin": rotation("x", knee),
        f"{side}foot": rotation("x", ankle),
    }


def _stand(rng: np.random.Generator) -> BodyPose:
    return _both(lambda side: _leg(side, rng.normal(0, 8), rng.uniform(0, 14), rng.uniform(0, 12)))


def _walk(rng: np.random.Generator) -> BodyPose:
    ahead, stride = rng.choice([-1, 1]), rng.uniform(10, 40)
    forward = {"l": ahead * stride, "r": -ahead * stride}
    return _both(lambda s: _leg(s, forward[s], rng.uniform(0, 5), rng.uniform(5, 20 if forward[s] > 0 else 60)))


def _sit(rng: np.random.Generator) -> BodyPose:
    return _both(lambda side: _leg(side, rng.uniform(65, 105), rng.uniform(0, 22), rng.uniform(60, 115)))


def _kick(rng: np.random.Generator) -> BodyPose:
    return _both(lambda side: _leg(side, rng.uniform(-30, 110), rng.uniform(0, 55), rng.uniform(0, 110), rng.normal(0, 15)))


def _crouch(rng: np.random.Generator) -> BodyPose:
    bend = rng.uniform(50, 125)
    return _both(lambda side: _leg(side, bend * rng.uniform(0.6, 1.0), rng.uniform(5, 35), bend, -0.3 * bend))


def _both(leg: Callable[[str], dict[str, np.ndarray]]) -> BodyPose:
    return leg("l") | leg("r")
