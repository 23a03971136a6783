"""Motion: key poses on a strip, played on the stage, kept as a film."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from vunet.errors import VUNetError
from vunet.output.film import FORMATS, FRAMES_PER_SECOND, can_write, write_film
from vunet.person.scene import into_scene, scene_behind
from vunet.pose.motion import MAX_KEYS, evenly, in_betweens, motions, ready_made
from vunet.pose.retarget import in_motion
from vunet.pose.skeleton import Pose
from vunet.ui.components.mirror import Mirror
from vunet.ui.components.motion_strip import Motion, MotionStrip
from vunet.ui.visitor.session import NO_SCENE, NOBODY, Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import PRIVATE, QUIET, with_error_messages
from vunet.ui.words.texts import label, sentence, spoken

AT_ONCE = 8  # pictures between two moments at which a film can be cancelled
TEMPO = (0.05, 2.0)  # seconds from key to key


class MotionPanel:
    """The strip, and the film made of it."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.strip = MotionStrip(plan, elem_id="motion")
        self.mirror = Mirror(elem_id="mirror")
        self.video = gr.UploadButton(label("motion.video"), file_types=["video", ".gif"], size="sm", elem_id="motion-video")
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

    def wire(self, session: gr.State) -> None:
        """Connects the panel."""
        self.strip.change(_enabled_if_moving, self.strip, self.make, **QUIET)
        self.video.upload(self.read_video, [self.video, session], self.strip, show_progress_on=self.strip, **PRIVATE)
        self.make.click(lambda: gr.update(interactive=True), None, self.cancel, **QUIET)
        making = self.make.click(self.film_of, [self.strip, session, self.form, self.scene], self.film, **PRIVATE)
        for ended in (making, self.cancel.click(None, cancels=making, **PRIVATE)):
            ended.then(lambda: gr.update(interactive=False), None, self.cancel, **QUIET)

    @with_error_messages
    def read_video(
        self,
        path: str,
        session: Session,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Motion:
        """The motion of a film's person, with the proportions of the one on the stage, as key poses."""
        if session.own is None:
            raise VUNetError(NOBODY)
        film = self.shared.studio.read_motion(path, lambda seconds: progress((int(seconds), 60), unit="s"))
        keys = evenly(in_motion(film.poses, session.own.pose), MAX_KEYS)
        seconds = len(film.poses) / film.rate / len(keys)
        return Motion(tuple(keys), min(max(seconds, TEMPO[0]), TEMPO[1]))

    @with_error_messages
    def film_of(
        self,
        strip: Motion,
        session: Session,
        form: str,
        scene: bool = False,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Any]:
        """The motion in the look that is worn, as a file in Gradio's expiring cache; scene: in the visitor's photo."""
        if session.look is None:
            raise VUNetError(NOBODY)
        ground = scene_behind(session.person) if scene else None
        if scene and ground is None:
            raise VUNetError(NO_SCENE)
        poses = in_betweens(strip.keys, _frames_each(strip.seconds))
        pictures: list[np.ndarray] = []
        for start in progress.tqdm(range(0, len(poses), AT_ONCE), desc=""):
            part = poses[start : start + AT_ONCE]
            studio = self.shared.studios.queued(session.checkpoint)
            if ground is None:
                pictures.extend(studio.render_many([session.look] * len(part), part))
            else:
                pictures.extend(into_scene(studio.cutout(session.look, pose), ground) for pose in part)
            yield gr.skip()
        folder = Path(self.film.GRADIO_CACHE) / secrets.token_hex(16)
        folder.mkdir(parents=True)
        path = folder / f"motion.{form if form in FORMATS else FORMATS[0]}"
        write_film(pictures, path, FRAMES_PER_SECOND)
        yield gr.update(value=str(path), visible=True)


def _enabled_if_moving(strip: Motion) -> Any:
    return gr.update(interactive=len(strip.keys) > 1)


def plan(request: Any) -> dict[str, Any]:
    """For the strip: {"keys", "seconds"} to all poses of a motion, {"motion", "pose"} to the keys of a ready-made one."""
    try:
        if "motion" in request:
            keys = motions()[request["motion"]](Pose.from_dict(request["pose"]))
            whole = ready_made().get(request["motion"])
            return {"keys": [key.to_dict() for key in keys], "seconds": whole and whole.seconds / len(keys)}
        motion = Motion.from_dict(request)
        poses = in_betweens(motion.keys, _frames_each(motion.seconds))
        return {"poses": [pose.to_dict() for pose in poses], "fps": FRAMES_PER_SECOND}
    except VUNetError as error:
        return {"error": sentence(str(error), spoken(request))}
    except (KeyError, TypeError, ValueError):
        return {"error": sentence("The page sent no motion: reload it.", spoken(request))}


def _frames_each(seconds: float) -> int:
    low, high = TEMPO
    return round(FRAMES_PER_SECOND * min(max(seconds, low), high))
