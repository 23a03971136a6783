"""The motion of a film: poses of one person, picture by picture, gaps filled, jitter smoothed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from vunet.errors import BadMotion
from vunet.pose.estimators.detection import Detection, Estimator
from vunet.pose.joints import INDEX, JOINTS, REACH, TORSO
from vunet.pose.skeleton import Pose

ENDINGS = (".mp4", ".webm", ".mov", ".gif", ".mkv", ".avi", ".m4v")
RATE = 12.5  # poses a second
LONGEST, LARGEST = 60.0, 30_000_000  # seconds, bytes
SIDE = 512  # pixels of a picture's longer side in which poses are read
EARLY = 0.005  # seconds by which a picture may come before its time
SMOOTH = 1.0  # standard deviation of the smoothing, in poses
UNREADABLE = "This is no film that can be read: give MP4, WebM, MOV or GIF."
Progress = Callable[[float], None]  # seconds that are read


def read_film(
    path: Path, estimator: Estimator, progress: Progress | None = None, stop: Callable[[], bool] = lambda: False
) -> list[Pose]:
    """The poses of the largest person, who is followed from picture to picture; `RATE` a second.

    They are in square frames as high as the pictures. stop: asked at each picture; what is read until then counts.
    Raises `BadMotion`.
    """
    if path.stat().st_size > LARGEST:
        raise BadMotion(f"A film may have {LARGEST // 1_000_000} MB: cut it, or save it smaller.")
    times: list[float] = []
    found: list[Pose | None] = []
    before: np.ndarray | None = None
    for seconds, picture in _pictures(path):
        if progress is not None:
            progress(seconds)
        person = _followed(estimator.detect(picture), before)
        before = before if person is None else _middle(person)
        times.append(seconds)
        found.append(None if person is None else _square(person, picture.shape))
        if stop():
            break
    if not found:
        raise BadMotion(UNREADABLE)
    return even_poses(found, times)


def _pictures(path: Path) -> Iterator[tuple[float, np.ndarray]]:
    """Seconds and RGB pictures of a film, `RATE` a second where it has as many; upright, as its file says."""
    reader = cv2.VideoCapture(str(path))
    try:
        number, wanted = 0, 0.0
        while reader.grab():
            seconds = _seconds(reader, number)
            number += 1
            if seconds > LONGEST:
                raise BadMotion(f"A film may last {LONGEST:.0f} seconds: cut it.")
            if seconds < wanted - EARLY:
                continue
            there, picture = reader.retrieve()
            if there and picture is not None and min(picture.shape[:2]) >= 16:
                wanted = seconds + 1 / RATE
                yield seconds, _small(picture)
    finally:
        reader.release()


def _seconds(reader: cv2.VideoCapture, number: int) -> float:
    """When a picture is shown: its own time, as telephones film at a rate that varies; some files have none."""
    own = reader.get(cv2.CAP_PROP_POS_MSEC) / 1000
    if own > 0 or number == 0:
        return max(own, 0.0)
    rate = reader.get(cv2.CAP_PROP_FPS)
    return number / (rate if 1 <= rate <= 240 else 25.0)


def _small(picture: np.ndarray) -> np.ndarray:
    """8 bits, RGB, at most `SIDE` pixels."""
    if picture.dtype != np.uint8:
        picture = cv2.convertScaleAbs(picture, alpha=255 / max(float(picture.max()), 1.0))
    scale = min(1.0, SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_GRAY2RGB if small.ndim == 2 else cv2.COLOR_BGR2RGB)


def _followed(people: list[Detection], before: np.ndarray | None) -> Detection | None:
    """The person nearest to where somebody was followed; at first the largest."""
    usable = [person for person in people if person.usable]
    if before is None:
        return max(usable, key=lambda person: person.extent, default=None)
    return min(usable, key=lambda person: float(np.linalg.norm(_middle(person) - before)), default=None)


def _middle(person: Detection) -> np.ndarray:
    return person.joints[[INDEX[name] for name in TORSO]].mean(axis=0)


def _square(person: Detection, shape: tuple[int, ...]) -> Pose:
    height, width = shape[:2]
    joints = (person.joints - [width / 2, 0]) / height + [0.5, 0]
    return Pose(np.clip(joints, 0.5 - REACH, 0.5 + REACH), person.visible)


def even_poses(found: Sequence[Pose | None], at: Sequence[float]) -> list[Pose]:
    """Poses of some moments, in seconds, as `RATE` a second: each joint's way is filled where it is not seen, and smoothed;
    what is never seen stays hidden. Raises `BadMotion` where nobody is ever seen."""
    from scipy.ndimage import gaussian_filter1d

    seen = np.array([pose.visible if pose else np.zeros(len(JOINTS), bool) for pose in found])
    if not seen[:, [INDEX[name] for name in TORSO]].all(axis=1).any():
        raise BadMotion("Nobody with visible shoulders and hips was found in this film: take another one.")
    joints = np.array([pose.joints if pose else np.zeros((len(JOINTS), 2)) for pose in found], np.float64)
    times = np.array(at)
    even = np.arange(times[0], times[-1] + EARLY, 1 / RATE)
    ways = np.zeros((len(even), len(JOINTS), 2))
    for j in np.flatnonzero(seen.any(axis=0)):
        for axis in (0, 1):
            filled = np.interp(even, times[seen[:, j]], joints[seen[:, j], j, axis])
            ways[:, j, axis] = gaussian_filter1d(filled, SMOOTH, mode="nearest")
    ever = np.asarray(seen.any(axis=0))
    return [Pose(each, ever) for each in ways]
