"""A motion as a visitor edits it: key poses, and how long the way from each to the next takes.

Key poses of a film are found by error: the straight ways between them stray from what was filmed as little as so few can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vunet.errors import BadPose
from vunet.pose.motion import MAX_KEYS, in_betweens
from vunet.pose.skeleton import Pose

TEMPO = (0.05, 2.0)  # seconds from key to key, on average
STEPS = (0.01, 100.0)  # of one step, relative to that
CLOSE = 0.008  # of the frame: a way that strays by less needs no more keys
MOST_A_SECOND = 12.0
FARTHEST = 25  # poses from one key to the next
HALVINGS = 12  # of the interval in which the least error is looked for


@dataclass(frozen=True)
class Motion:
    """Key poses of a loop. seconds: from one key to the next, on average. steps: how long each way takes relative to that,
    the last one back to the first key; all alike where there are none."""

    keys: tuple[Pose, ...] = ()
    seconds: float = 0.6
    steps: tuple[float, ...] = ()

    @classmethod
    def from_dict(cls, data: Any) -> Motion:
        """Reads `{"keys": [pose, ...], "seconds": 0.6, "steps": [1, 0.5, ...]}`; "steps" may be left out. Raises
        `BadPose`."""
        try:
            seconds, keys = float(data["seconds"]), data["keys"]
            steps = tuple(float(step) for step in data.get("steps") or ())
            fitting = len(steps) in (0, len(keys)) and all(STEPS[0] <= step <= STEPS[1] for step in steps)
            if len(keys) > MAX_KEYS or not 0 < seconds < 60 or not fitting:
                raise BadPose(f"A motion needs 2 to {MAX_KEYS} key poses.")
            return cls(tuple(Pose.from_dict(key) for key in keys), seconds, steps)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise BadPose("The page sent no motion: reload it.") from None

    def to_dict(self) -> dict[str, Any]:
        """The inverse of `from_dict`, ready for JSON."""
        data = {"keys": [key.to_dict() for key in self.keys], "seconds": self.seconds}
        return data | ({"steps": list(self.steps)} if self.steps else {})

    @classmethod
    def of(cls, poses: Sequence[Pose], rate: float, most: int = MAX_KEYS) -> Motion:
        """A motion of poses that come `rate` a second, by at most `most` of them."""
        chosen = key_poses(poses, most, max(1, round(rate / MOST_A_SECOND)))
        lengths = np.diff(chosen).astype(float)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        steps = np.round([*lengths / mean, 1.0], 4).tolist()  # the way back to the first pose is nobody's
        return cls(tuple(poses[i] for i in chosen), min(max(mean / rate, TEMPO[0]), TEMPO[1]), tuple(steps))

    @classmethod
    def from_video(cls, film: str | Path, body: Pose | None = None) -> Motion:
        """The motion of the largest person in a film (MP4, WebM, MOV, GIF; a minute, 30 MB at most).

        body: whose proportions it gets, if any. Raises `BadMotion`.
        """
        from vunet.pose.estimators.film_poses import RATE, read_film
        from vunet.pose.estimators.load_estimator import load_estimator
        from vunet.pose.retarget import in_motion

        poses = read_film(Path(film), load_estimator())
        return cls.of(in_motion(poses, body) if body else poses, RATE)

    def poses(self, rate: int) -> list[Pose]:
        """All poses of the loop, `rate` a second; raises `BadPose` for fewer than two keys or too many frames."""
        seconds = min(max(self.seconds, TEMPO[0]), TEMPO[1])
        return in_betweens(self.keys, [max(1, round(rate * seconds * s)) for s in self.steps or (1.0,) * len(self.keys)])


def key_poses(poses: Sequence[Pose], most: int, apart: int = 1) -> list[int]:
    """Which of a motion's poses to keep, the first and the last among them: as few as stay `CLOSE` to it, or `most`, as
    close as so few can be. apart: from one to the next, at least."""
    joints = np.stack([pose.joints for pose in poses])
    errors = _errors(joints, max(FARTHEST, 2 * len(poses) // most))
    chosen, low, high = (
        _spaced(errors, CLOSE, apart),
        CLOSE,
        float(np.max(errors, where=np.isfinite(errors), initial=CLOSE)),
    )
    for _ in range(HALVINGS if len(chosen) > most else 0):
        middle = (low + high) / 2
        fewer = _spaced(errors, middle, apart)
        low, high = (middle, high) if len(fewer) > most else (low, middle)
    return chosen if len(chosen) <= most else _spaced(errors, high, apart)


def _errors(joints: np.ndarray, farthest: int) -> np.ndarray:
    """(T, farthest): how far the straight way from each pose to those after it strays, infinite beyond the end."""
    errors = np.full((len(joints), farthest), np.inf)
    for steps in range(1, min(farthest, len(joints) - 1) + 1):
        share = np.arange(1, steps)[:, None, None] / steps
        starts, ends = joints[:-steps], joints[steps:]
        inside = np.stack([joints[i : len(joints) - steps + i] for i in range(1, steps)]) if steps > 1 else starts[None]
        straight = starts + share[:, None] * (ends - starts) if steps > 1 else starts[None]
        errors[: len(starts), steps - 1] = np.linalg.norm(inside - straight, axis=-1).max(axis=(0, 2))
    return errors


def _spaced(errors: np.ndarray, close: float, apart: int) -> list[int]:
    """From each pose the longest step that stays close, until the last one."""
    chosen = [0]
    while chosen[-1] < len(errors) - 1:
        fitting = np.flatnonzero(errors[chosen[-1]] <= close) + 1
        step = max(int(fitting[-1]) if len(fitting) else 1, apart)
        chosen.append(min(chosen[-1] + step, len(errors) - 1))
    return chosen
