"""One verb over many photos: resumable, by several workers, with a report of what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from vunet.checkpoints import resolve
from vunet.errors import VUNetError
from vunet.output.files import pose_or_photo, read_pose, unfinished, write_picture
from vunet.output.film import FRAMES_PER_SECOND, write_film
from vunet.pose.estimators.film_poses import ENDINGS, RATE
from vunet.pose.motion import at_rate, in_betweens, motions, ready_made
from vunet.pose.retarget import in_motion
from vunet.pose.skeleton import Pose
from vunet.runtime.device import choose_device
from vunet.runtime.worker_pool import spread
from vunet.studio import Studio
from vunet.studio.appearance import Appearance


@dataclass(frozen=True)
class Transfer:
    """One person's look in many poses. part: only this body part of the look, on the people of the poses' photos. refine:
    steps on each look. turn: degrees that the poses are turned about the vertical axis."""

    look: Path
    poses: tuple[Path, ...]
    outs: tuple[Path, ...]
    part: str | None = None
    refine: int = 0
    turn: float = 0.0

    def run(self, studio: Studio) -> dict[str, str]:
        """Renders what is not there yet; returns poses that were refused, with the reason. Raises `VUNetError`."""
        look, refused = studio.encode(studio.detect(self.look), self.refine), {}
        for pose, out in zip(self.poses, self.outs, strict=True):
            try:
                if not out.exists():
                    write_picture(out, studio.render(*self._target(studio, look, pose)))
            except VUNetError as error:
                if len(self.poses) == 1:
                    raise VUNetError(f"{pose.name}: {error}") from None
                refused[f"{self.look} in {pose.name}"] = str(error)
        return refused

    def _target(self, studio: Studio, look: Appearance, path: Path) -> tuple[Appearance, Pose]:
        if self.part is None:
            pose = pose_or_photo(path, studio)
            return look, pose.turned(self.turn) if self.turn else pose
        person = studio.detect(path)
        return studio.outfit(studio.encode(person, self.refine), **{self.part: look}), person.pose


@dataclass(frozen=True)
class Animation:
    """One person in motion. keys: files of key poses; without any, the motion, which is a ready-made one or a film's path.
    seconds: from key to key, of keys and of motions that repeat. refine: steps on the look."""

    look: Path
    outs: tuple[Path, ...]
    motion: str
    keys: tuple[Path, ...] = ()
    seconds: float = 0.5
    refine: int = 0

    def run(self, studio: Studio) -> dict[str, str]:
        """Renders the film. Raises `VUNetError`."""
        person = studio.detect(self.look)
        look = studio.encode(person, self.refine)
        (out,) = self.outs
        with unfinished(out) as path:
            write_film(studio.render_each(look, self._poses(studio, person.pose)), path, FRAMES_PER_SECOND)
        return {}

    def _poses(self, studio: Studio, pose: Pose) -> list[Pose]:
        if self.keys:
            return in_betweens([read_pose(path) for path in self.keys], max(1, round(self.seconds * FRAMES_PER_SECOND)))
        if is_film(self.motion):
            return film_poses(studio, self.motion, pose)
        return motion_poses(self.motion, pose, FRAMES_PER_SECOND, self.seconds)


def film_poses(studio: Studio, film: str, body: Pose) -> list[Pose]:
    """A film's motion with the body's proportions, for a film of `FRAMES_PER_SECOND`. Raises `BadMotion`."""
    return at_rate(in_motion(studio.read_motion(film), body), RATE, FRAMES_PER_SECOND)


def motion_poses(name: str, body: Pose, rate: int, seconds: float = 0.5) -> list[Pose]:
    """A ready-made motion of the body, `rate` poses a second. seconds: from key to key where it does not say itself."""
    keys, whole = motions()[name](body), ready_made().get(name)
    return in_betweens(keys, max(1, round((whole.seconds / len(keys) if whole else seconds) * rate)))


def is_film(motion: str) -> bool:
    """Whether a motion is named by a film's path."""
    return Path(motion).suffix.lower() in ENDINGS


Job = Transfer | Animation


@dataclass
class Report:
    """done, kept: photos all of whose results were made, and those whose results were there already. refused: photo, or
    photo and pose, to reason."""

    done: int = 0
    kept: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def run_jobs(jobs: Sequence[Job], studio: dict[str, Any], workers: int = 1, cluster: str | None = None) -> Report:
    """Does the jobs whose outputs are not there. studio: arguments of `Studio.load`, for every worker its own.

    cluster: see `spread`. Raises `VUNetError` for a checkpoint or a device that is not there.
    """
    _require_own_places(jobs)
    resolve(studio.get("checkpoint"))
    choose_device(studio.get("device"))
    todo = [job for job in jobs if not all(out.exists() for out in job.outs)]
    report = Report(kept=len(jobs) - len(todo))
    results = spread(_work, todo, partial(_start, studio), workers, cluster)
    with closing(results):  # Ctrl+C: workers end what they are at, and no later than the command
        for _, refused in tqdm(results, total=len(todo), unit="photo", disable=len(jobs) == 1):
            report.refused |= refused
            report.done += not refused
    return report


def _require_own_places(jobs: Sequence[Job]) -> None:
    places = Counter(out for job in jobs for out in job.outs)
    if shared := [out for out, count in places.items() if count > 1]:
        raise VUNetError(f"Two results would be written to {shared[0]}: rename one of the photos or poses.")


_STUDIO: list[Studio] = []  # one for each worker process


def _start(studio: dict[str, Any]) -> None:
    _STUDIO[:] = [Studio.load(**studio)]


def _work(job: Job) -> dict[str, str]:
    """What was refused, with the reason."""
    try:
        return job.run(_STUDIO[0])
    except VUNetError as error:
        return {str(job.look): str(error)}
