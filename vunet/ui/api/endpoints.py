"""The API: five verbs for programs, by `gradio_client`, plain HTTP, or MCP. Each call is whole in itself: no session.

Photos are uploaded first (`gradio_client.handle_file`, or POST /gradio_api/upload); addresses are never fetched. Calls are
queued behind each other, so that they do not slow down those who drag.
"""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
import numpy as np

from vunet.errors import BadImage, BadMotion, BadPose
from vunet.output.batch import film_poses, motion_poses
from vunet.output.film import FORMATS, FRAMES_PER_SECOND, can_write
from vunet.person.difficulties import difficulties
from vunet.person.framing import Person
from vunet.person.photo import Photo
from vunet.pose.anatomy import PART_GROUPS
from vunet.pose.files.formats import NOT_JSON, read_pose_file
from vunet.pose.motion import motions
from vunet.pose.skeleton import Pose
from vunet.studio.studio import MAX_SAMPLES, MAX_SEED, MAX_TEMPERATURE
from vunet.ui.api.photo_input import PhotoInput
from vunet.ui.api.strict_inputs import Choice, PoseDocument, Quantity
from vunet.ui.visitor.film_files import film_file
from vunet.ui.visitor.look_changes import WHOLE
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import with_error_messages

Picture = np.ndarray


class Endpoints:
    """Components that are never shown, and what is computed from them."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        with gr.Group(visible=False):
            self.first = PhotoInput(label="photo of a person")
            self.second = PhotoInput(label="photo of another person")
            self.pose = PoseDocument(label="pose")
            self.part = Choice([WHOLE, *PART_GROUPS], value=WHOLE, label="part")
            self.count = Quantity(8, precision=0, minimum=1, maximum=MAX_SAMPLES, label="count")
            self.seed = Quantity(0, precision=0, minimum=0, maximum=MAX_SEED, label="seed")
            self.temperature = Quantity(1.0, minimum=0, maximum=MAX_TEMPERATURE, label="temperature")
            self.motion = Choice([*motions()], value="walk", label="motion")
            self.video = PhotoInput(label="film whose motion is taken")
            self.form = Choice([form for form in FORMATS if can_write(form)], label="form")
            self.film = gr.File(label="film")
            self.picture = gr.Image(format="png", label="picture", interactive=False)
            self.pictures = gr.Gallery(format="png", label="pictures", interactive=False)
            self.found = gr.JSON(label="pose of the person, in three formats")
            self.call = gr.Button()

    def wire(self) -> None:
        """Names the endpoints."""
        for verb, inputs, outputs in (
            (self.detect, [self.first], [self.found, self.picture]),
            (self.render, [self.first, self.pose], self.picture),
            (self.sample, [self.pose, self.count, self.seed, self.temperature], self.pictures),
            (self.transfer, [self.first, self.second, self.part], self.picture),
            (self.animate, [self.first, self.motion, self.video, self.form], self.film),
        ):
            self.call.click(verb, inputs, outputs, api_name=verb.__name__, concurrency_id="api", concurrency_limit=1)

    @with_error_messages
    def detect(self, photo: Photo) -> tuple[dict[str, Any], Picture]:
        """Finds the largest person of a photo. Returns the pose and the square frame that its fractions are of.

        Args:
            photo: an uploaded picture of a person, shoulders and hips visible.
        """
        person = self._person(photo)
        openpose = person.pose.to_openpose(person.backdrop.shape[0])
        about = {"openpose": openpose, "people": person.people, "notes": difficulties(person)}
        return {**person.pose.to_dict(), **about}, person.backdrop

    @with_error_messages
    def render(self, photo: Photo, pose: dict[str, Any]) -> Picture:
        """Puts the person of a photo into a pose.

        Args:
            photo: an uploaded picture of a person.
            pose: as `detect` gives it; or a file of OpenPose, COCO, MediaPipe or others, with "person": 1 for its second.
        """
        return self.shared.studio.render(self.shared.studio.encode(self._person(photo)), _pose(pose))

    @with_error_messages
    def sample(self, pose: dict[str, Any] | None, count: float, seed: float, temperature: float) -> list[Picture]:
        """Samples people in a pose from the learned prior.

        Args:
            pose: as of `render`; null or {} for a standing person.
            count: 1 to 64.
            seed: the same seed gives the same people.
            temperature: 0 to 2; 0 gives one look that is like many, 1 the prior's own spread.
        """
        chosen = _pose(pose) if pose else Pose.default()
        looks = self.shared.studio.sample(chosen, int(count), int(seed), float(temperature))
        return list(self.shared.studio.render_many(looks, [chosen] * len(looks)))

    @with_error_messages
    def transfer(self, look: Photo, target: Photo, part: str) -> Picture:
        """Puts the look of one person, or a part of it, on another, in the other's pose.

        Args:
            look: an uploaded picture of the person whose look is taken.
            target: an uploaded picture of the person whose pose is taken.
            part: everything, head, torso, legs or shoes.
        """
        studio, person = self.shared.studio, self._person(target)
        taken = studio.encode(self._person(look))
        if part in PART_GROUPS:
            taken = studio.outfit(studio.encode(person), **{part: taken})
        return studio.render(taken, person.pose)

    @with_error_messages
    def animate(self, photo: Photo, motion: str, film: str | bytes | None, form: str) -> str:
        """Lets the person of a photo move, as a film of 25 pictures a second.

        Args:
            photo: an uploaded picture of a person.
            motion: walk, wave, turn, dance, ...; not used where a film is given.
            film: an uploaded film of somebody whose motion is taken, at most a minute and 30 MB; or null.
            form: webm, mp4 or gif.
        """
        studio, person = self.shared.studio, self._person(photo)
        if isinstance(film, bytes):
            raise BadMotion("Upload the film, and pass what the upload returned.")
        poses = film_poses(studio, film, person.pose) if film else motion_poses(motion, person.pose, FRAMES_PER_SECOND)
        return film_file(self.film.GRADIO_CACHE, studio.render_each(studio.encode(person), poses), form)

    def _person(self, photo: Photo | None) -> Person:
        if not photo:
            raise BadImage("No photo was given: upload one, and pass what the upload returned.")
        return self.shared.studio.detect(photo)


def _pose(document: Any) -> Pose:
    """A pose of a document in any known format, the largest if it names no `person`; raises `BadPose`."""
    person = document.get("person") if isinstance(document, dict) else None
    if person is not None and (not isinstance(person, int) or isinstance(person, bool)):
        raise BadPose("A person of a pose file is a number from 0.")
    try:
        text = document if isinstance(document, str) else json.dumps(document)
    except (ValueError, RecursionError):
        raise BadPose(NOT_JSON) from None
    return read_pose_file(text).chosen(person)
