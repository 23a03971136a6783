"""Motion: key poses on a strip, played on the stage, kept as a film; and what drives them, a camera or a film."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import gradio as gr
import numpy as np

from vunet.errors import VUNetError
from vunet.output.film import FORMATS, FRAMES_PER_SECOND, can_write
from vunet.person.scene import into_scene, scene_behind
from vunet.pose.estimators.film_poses import LONGEST, RATE, even_poses
from vunet.pose.joints import JOINTS, REACH
from vunet.pose.key_poses import Motion
from vunet.pose.motion import motions, ready_made
from vunet.pose.retarget import in_motion
from vunet.pose.skeleton import Pose
from vunet.ui.components.mirror import Mirror
from vunet.ui.components.motion_strip import MotionStrip
from vunet.ui.visitor.film_files import film_file
from vunet.ui.visitor.session import NO_SCENE, NOBODY, Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import PRIVATE, QUIET, with_error_messages
from vunet.ui.words.texts import label, language_of, sentence, spoken

AT_ONCE = 8  # pictures between two moments at which a film can be cancelled
MOST_POSES = 3600  # that a browser may send: a minute, sixty a second
NO_MOTION = "The page sent no motion: reload it."


class MotionPanel:
    """The strip, and the film made of it."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.jobs: dict[str, bool] = {}  # tabs that have something made, and whether they pressed Cancel
        self.strip = MotionStrip(plan, elem_id="motion")
        self.mirror = Mirror(film_keys, elem_id="mirror")
        # For films that the browser cannot read, which `mirror.js` gives to it.
        self.video = gr.UploadButton(
            file_types=["video", ".gif"], size="sm", elem_id="motion-video", elem_classes="vu-unseen"
        )
        with gr.Row():
            self.form = gr.Radio(
                [(f.upper(), f) for f in FORMATS if can_write(f)],
                value=FORMATS[0],
                label=label("motion.form"),
                min_width=120,
            )
            self.scene = gr.Checkbox(label=label("motion.scene"), elem_id="film-in-photo", min_width=120, container=False)
        with gr.Row():
            self.make = gr.Button(
                label("motion.make"), variant="primary", min_width=100, elem_id="make-film", interactive=False
            )
            self.cancel = gr.Button(label("cancel"), min_width=60, elem_id="cancel-film", interactive=False)
        self.film = gr.File(label=label("motion.film"), elem_id="film", visible=False)

    def wire(self, session: gr.State, demo: gr.Blocks) -> None:
        """Connects the panel."""
        self.strip.change(_enabled_if_moving, self.strip, self.make, **QUIET)
        for begun in (self.video.upload, self.make.click):  # first: Gradio calls a component's listeners in their order
            begun(self.begin, None, self.cancel, **QUIET)
        read = self.video.upload(self.read_video, [self.video, session], self.strip, show_progress_on=self.strip, **PRIVATE)
        made = self.make.click(self.film_of, [self.strip, session, self.form, self.scene], self.film, **PRIVATE)
        for ended in (read, made):
            ended.then(lambda: gr.update(interactive=False), None, self.cancel, **QUIET)
        self.cancel.click(self.cancel_work, None, None, **QUIET)
        demo.unload(self.cancel_work)

    def begin(self, request: gr.Request) -> Any:
        """What the tab asks for can be cancelled from now on, even while it waits for its turn."""
        self.jobs[str(request.session_hash)] = False
        return gr.update(interactive=True)

    def cancel_work(self, request: gr.Request) -> None:
        """Ends what this tab has made; what there is of it is kept."""
        if (tab := str(request.session_hash)) in self.jobs:
            self.jobs[tab] = True

    @contextmanager
    def _cancellable(self, request: gr.Request) -> Iterator[Callable[[], bool]]:
        """Around the work; whether it was cancelled."""
        tab = str(request.session_hash)
        try:
            yield lambda: self.jobs.get(tab, False)
        finally:
            self.jobs.pop(tab, None)

    @with_error_messages
    def read_video(
        self,
        path: str,
        session: Session,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Motion:
        """The motion of a film's person, with the proportions of the one on the stage, as key poses."""
        if session.own is None:
            raise VUNetError(NOBODY)
        told = lambda seconds: progress((int(seconds), int(LONGEST)), unit="s")  # noqa: E731
        with self._cancellable(request) as cancelled:
            poses = self.shared.studio.read_motion(path, told, cancelled)
        return Motion.of(in_motion(poses, session.own.pose), RATE)

    @with_error_messages
    def film_of(
        self,
        strip: Motion,
        session: Session,
        form: str,
        scene: bool,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Any:
        """The motion in the look that is worn, as a file in Gradio's expiring cache; scene: in the visitor's photo."""
        if session.look is None:
            raise VUNetError(NOBODY)
        ground = scene_behind(session.person) if scene else None
        if scene and ground is None:
            raise VUNetError(NO_SCENE)
        poses, language = strip.poses(FRAMES_PER_SECOND), language_of(request)
        with self._cancellable(request) as cancelled:
            chunks = self._chunks(session, poses, ground)
            pictures = _told(chunks, len(poses), cancelled, lambda share, text: progress(share, sentence(text, language)))
            return gr.update(value=film_file(self.film.GRADIO_CACHE, pictures, form), visible=True)

    def _chunks(self, session: Session, poses: Sequence[Pose], ground: np.ndarray | None) -> Iterator[Iterable[np.ndarray]]:
        """Pictures, `AT_ONCE` at a time: on ZeroGPU a GPU is lent for each chunk."""
        look = session.look
        assert look is not None
        for start in range(0, len(poses), AT_ONCE):
            part = poses[start : start + AT_ONCE]
            studio = self.shared.studios.queued(session.checkpoint)
            if ground is None:
                yield studio.render_many([look] * len(part), part)
            else:
                yield [into_scene(studio.cutout(look, pose), ground) for pose in part]


def _told(
    chunks: Iterator[Iterable[np.ndarray]], count: int, cancelled: Callable[[], bool], tell: Callable[[float, str], None]
) -> Iterator[np.ndarray]:
    """The pictures, until somebody cancels them, but for the first chunk: a film has some pictures."""
    began = time.monotonic()
    for done, chunk in enumerate(chunks, 1):
        yield from chunk
        share = min(done * AT_ONCE / count, 1.0)
        tell(share, f"{(time.monotonic() - began) * (1 / share - 1):.0f} seconds left")
        if cancelled():
            return


def _enabled_if_moving(strip: Motion) -> Any:
    return gr.update(interactive=len(strip.keys) > 1)


def plan(request: Any) -> dict[str, Any]:
    """For the strip: {"keys", "seconds", "steps"} to all poses of a motion, {"motion", "pose"} to the keys of a ready-made
    one."""
    try:
        if "motion" in request:
            keys = motions()[request["motion"]](Pose.from_dict(request["pose"]))
            whole = ready_made().get(request["motion"])
            return {"keys": [key.to_dict() for key in keys], "seconds": whole and whole.seconds / len(keys)}
        poses = Motion.from_dict(request).poses(FRAMES_PER_SECOND)
        return {"poses": [pose.to_dict() for pose in poses], "fps": FRAMES_PER_SECOND}
    except VUNetError as error:
        return {"error": sentence(str(error), spoken(request))}
    except (KeyError, TypeError, ValueError):
        return {"error": sentence(NO_MOTION, spoken(request))}


def film_keys(request: Any) -> dict[str, Any]:
    """For the mirror: {"times", "joints", "pose"} of what it saw to {"keys", "seconds", "steps"}.

    joints: for each time [[x, y, visible], ...] in the order of `JOINTS`, or null. pose: whose proportions they get.
    """
    try:
        times = np.array(request["times"], float)
        if len(request["joints"]) != len(times):
            raise ValueError
        if (
            not 0 < len(times) <= MOST_POSES
            or not (np.diff(times) > 0).all()
            or not 0 <= times[0] <= times[-1] <= 2 * LONGEST
        ):
            raise ValueError
        found = [row and _pose_of(row) for row in request["joints"]]
        poses, body = even_poses(found, times.tolist()), request.get("pose")
        return Motion.of(in_motion(poses, Pose.from_dict(body)) if body else poses, RATE).to_dict()
    except VUNetError as error:
        return {"error": sentence(str(error), spoken(request))}
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError):
        return {"error": sentence(NO_MOTION, spoken(request))}


def _pose_of(row: Any) -> Pose:
    numbers = np.array(row, np.float32).reshape(len(JOINTS), 3)
    return Pose(np.clip(numbers[:, :2], 0.5 - REACH, 0.5 + REACH), numbers[:, 2] > 0)
