"""The public API: the verbs a user means, in front of a reader of looks and a renderer. Thread-safe, no visitor's state."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from vunet.checkpoints import Progress, load_checkpoint, read_ranges, resolve
from vunet.checkpoints.hub import LONG_TIMEOUT
from vunet.errors import NoPersonFound, VUNetError
from vunet.model import VUNet, VUNetConfig
from vunet.model.garments import GARMENTS
from vunet.person.framing import Person, frame_person, whole_frame
from vunet.person.photo import Photo, load_photo
from vunet.person.photo_in_pose import Copy
from vunet.person.tensors import condition
from vunet.pose.estimators.detection import Detection, largest_person
from vunet.pose.estimators.film_poses import read_film
from vunet.pose.estimators.load_estimator import EstimatorName, load_estimator
from vunet.pose.estimators.timeout import EstimatorWithTimeout
from vunet.pose.joints import JOINTS
from vunet.pose.skeleton import Pose
from vunet.publish.checkpoint import push, save_repository
from vunet.runtime.device import choose_device
from vunet.runtime.engine import Engine, EngineName
from vunet.runtime.ranges import Ranges
from vunet.runtime.render_queue import RenderQueue, Ticket
from vunet.studio.appearance import Appearance, faded_detail
from vunet.studio.loaded import LoadedModel, finite_arrays
from vunet.studio.look_renderer import LookRenderer
from vunet.studio.wishes import asked_colours, asked_garments, is_colour_wish, unknown

MAX_SAMPLES = 64
MAX_STEPS = 200  # of a refinement
MAX_TEMPERATURE = 2.0
MAX_SEED = 2**31 - 1
ESTIMATED_AT = 512  # pixels of the picture in which a pose is estimated again


class Studio:
    """Detect a person, encode a look, render it in any pose, sample looks from p(z|ŷ), blend and mix them.

    name: of the checkpoint. device, config, model, precision: what is at work.
    """

    def __init__(
        self,
        model: VUNet,
        device: torch.device,
        estimator: EstimatorName = "auto",
        engine: EngineName = "auto",
        name: str = "",
        render_queue: RenderQueue | None = None,
        precision: torch.dtype | str | None = None,
        ranges: Ranges | None = None,
        file: Path | None = None,
    ) -> None:
        """ranges: for int8 rendering; see `vunet.runtime.engine.int8`. file: the checkpoint that the model is from."""
        self.name, self._file = name, file
        self._choices = {"estimator": estimator, "engine": engine, "precision": precision, "ranges": ranges}
        self._loaded = LoadedModel(model, device, engine, render_queue, precision, ranges)
        self._renderer = LookRenderer(self._loaded)
        self._reader = self._renderer.reader
        self._estimator = EstimatorWithTimeout(lambda: load_estimator(estimator))

    @classmethod
    def load(
        cls,
        checkpoint: str | Path | None = None,
        device: str | None = None,
        estimator: EstimatorName = "auto",
        engine: EngineName = "auto",
        revision: str | None = None,
        progress: Progress | None = None,
        timeout: float = LONG_TIMEOUT,
        render_queue: RenderQueue | None = None,
        precision: torch.dtype | str | None = None,
    ) -> Studio:
        """Loads a checkpoint (None: the embedded default) onto a device (None: the best there is).

        checkpoint: a file or its folder, the name of an embedded checkpoint, or a repository on the Hugging Face Hub,
        `user/repo` or `user/repo@revision`. revision: the same; a pinned commit that is in the cache makes no request.
        progress: called with the bytes that are here and those in all during a download. timeout: seconds to wait for the
        hub's answer. Raises `BadCheckpoint`, `HubUnavailable`, and `VUNetError` for a device or engine that is not there.
        render_queue: that of another studio on the same cores. precision: "float32", "bfloat16", "float16" or "int8"; None
        takes what is fastest here. The estimator is loaded when first used.
        """
        path = resolve(checkpoint, revision, progress, timeout)
        name = path.stem if checkpoint is None or Path(checkpoint).exists() else str(checkpoint)
        place, ranges = choose_device(device), read_ranges(path)
        return cls(load_checkpoint(path), place, estimator, engine, name, render_queue, precision, ranges, path)

    @classmethod
    def from_pretrained(cls, name_or_path: str | Path | None = None, **options: Any) -> Studio:
        """`load` under the name that other libraries give it: "user/repo" on the Hub, or a file or folder."""
        return cls.load(name_or_path, **options)

    def save_pretrained(self, folder: str | Path) -> None:
        """Writes model.safetensors, config.json and README.md into a folder, which `from_pretrained` reads.

        Raises `VUNetError` for a model that was not read from a file: `vunet.checkpoints.save_checkpoint` writes those.
        """
        save_repository(self._require_file(), Path(folder))

    def push_to_hub(self, repo: str, private: bool = False) -> str:
        """The same, into a repository on the Hub, which is made if need be; returns the commit's address. Needs HF_TOKEN.

        Raises `VUNetError`.
        """
        return push(self._require_file(), repo, private=private)

    def _require_file(self) -> Path:
        if self._file is None:
            raise VUNetError("This model was not read from a checkpoint: write one with `save_checkpoint` first.")
        return self._file

    def on(self, device: str) -> Studio:
        """The same model on another device, with the same choices; raises `VUNetError` when that is not there.

        Its weights are those that are at work here, rounded to `precision`. On the same device turns are taken together.
        """
        place = choose_device(device)
        queue = self.render_queue if place == self.device else None
        model = copy.deepcopy(self.model).float()
        return Studio(model, place, name=self.name, render_queue=queue, file=self._file, **self._choices)  # type: ignore[arg-type]

    @property
    def model(self) -> VUNet:
        """On its device, in its precision."""
        return self._loaded.model

    @property
    def device(self) -> torch.device:
        """Where the model works."""
        return self._loaded.device

    @property
    def precision(self) -> torch.dtype:
        """What it computes in; float32 beside int8 rendering too."""
        return self._loaded.precision

    @property
    def engine(self) -> Engine:
        """What renders."""
        return self._loaded.engine

    @engine.setter
    def engine(self, engine: Engine) -> None:
        self._loaded.engine = engine

    @property
    def render_queue(self) -> RenderQueue:
        """Where computations wait for their turn."""
        return self._loaded.render_queue

    @property
    def config(self) -> VUNetConfig:
        """The model's configuration."""
        return self._loaded.config

    @property
    def size(self) -> int:
        """Width and height in pixels of a picture at rest, and of framed people."""
        return self.config.best_size

    @property
    def live_size(self) -> int:
        """The same of pictures while a hand moves: D's own."""
        return self.config.size

    @property
    def garments(self) -> tuple[str, ...]:
        """Garments that `sample` can be asked for; empty for models whose prior knows none."""
        prior = self.model.prior
        return GARMENTS if prior is not None and prior.ready else ()

    @property
    def tells_colours(self) -> bool:
        """Whether `sample` can be asked for sleeves and for colours."""
        return bool(self.garments) and self.config.prior_colours

    def knows(self, wish: str) -> bool:
        """Whether `sample` can be asked for it."""
        return wish in self.garments or (self.tells_colours and is_colour_wish(wish))

    def detect(self, photo: Photo) -> Person:
        """Finds the largest person of a photo (path, bytes, PIL image or (H, W, 3) uint8 array).

        Raises `BadImage`, and `NoPersonFound` when nobody with visible shoulders and hips is in it.
        """
        picture = load_photo(photo)
        detection, people = largest_person(self._estimator, picture)
        return frame_person(picture, detection, self.size, people)

    def read_motion(
        self,
        film: str | Path,
        progress: Callable[[float], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> list[Pose]:
        """The largest person's poses in a film (MP4, WebM, MOV, GIF; a minute, 30 MB), `film_poses.RATE` a second.

        progress: called with the seconds that are read. stop: asked at each picture. Raises `BadMotion`.
        """
        return read_film(Path(film), self._estimator, progress, stop)

    def place(self, photo: Photo, pose: Pose | None = None) -> Person:
        """A person whose pose is placed by hand: the whole photo in a square frame, `pose` (None: a default) in it.

        The person is cut out along the skeleton, so pass the pose again once it has been moved onto the body.
        """
        picture = load_photo(photo)
        pose = (pose or Pose.default()).require_usable()
        left, top, side = whole_frame(picture)
        detection = Detection((pose.joints * side + [left, top]).astype(np.float32), pose.visible)
        return replace(frame_person(picture, detection, self.size, whole=True), pose=pose)

    def encode(self, person: Person, refine: int = 0, progress: Progress | None = None) -> Appearance:
        """The look of a person: the mean of the posterior q(z|x,ŷ).

        A limb that is hidden looks like its other side. What is hidden on both, as legs are in half bodies, is made up by
        the hierarchical prior, if the model has a trained one. refine: steps of `refined`, a tenth of a second each.
        """
        look = self._reader.photo(person)
        return self.refined(look, person, refine, progress) if refine else look

    def refined(self, look: Appearance, person: Person, steps: int = 30, progress: Progress | None = None) -> Appearance:
        """The look of a person, brought nearer to their photo by some steps on its codes (`vunet.studio.refinement`).

        The look itself where that does not make it better. progress: called with the steps done and those in all. Raises
        `VUNetError` for a number of steps out of range.
        """
        from vunet.studio.refinement import Refinement  # most visitors do without

        if not 1 <= steps <= MAX_STEPS:
            raise VUNetError(f"Refine a look by 1 to {MAX_STEPS} steps.")
        computing = self._loaded.computing
        with computing():
            work = Refinement(self.model, look.codes, person, steps)
        for number in range(steps):
            with computing():
                work.step(number)
            if progress is not None:
                progress(number + 1, steps)
        with computing():
            codes = work.codes()
        return look if codes is None else replace(look, codes=codes)

    def render(self, look: Appearance, pose: Pose, size: int | None = None) -> np.ndarray:
        """A look in a pose: (S, S, 3) uint8 RGB. size: `live_size`, or `size`, the default.

        Raises `BadPose` when a shoulder or a hip is missing, and `VUNetError` for another size or another model's look.
        """
        return self._renderer.render(look, pose, size)

    def cutout(self, look: Appearance, pose: Pose, size: int | None = None) -> np.ndarray:
        """A look in a pose without ground: (S, S, 4) uint8 RGBA, colours not times opacity. Otherwise as `render`."""
        return self._renderer.cutout(look, pose, size)

    def render_many(self, looks: Sequence[Appearance], poses: Sequence[Pose], size: int | None = None) -> np.ndarray:
        """Pairs of looks and poses: (N, S, S, 3) uint8 RGB. Raises `VUNetError` for lists of different lengths."""
        if len(looks) != len(poses):
            raise VUNetError(f"There are {len(looks)} looks and {len(poses)} poses: give a pose for each look.")
        side, pictures = size or self.size, []
        ahead = 2 * self._renderer.queue.slots * self._renderer.queue.most
        pairs = list(zip(looks, poses, strict=True))
        for start in range(0, len(pairs), ahead):
            tickets = [self._renderer.submit(*pair, size) for pair in pairs[start : start + ahead]]
            pictures += [self._renderer.on_ground(self._renderer.result(ticket)) for ticket in tickets]
        return np.stack(pictures) if pictures else np.zeros((0, side, side, 3), np.uint8)

    @property
    def renderer(self) -> LookRenderer:
        """For callers that wait for many pictures at once: `submit`, `on_ground`, `off_ground`."""
        return self._renderer

    def replace_renderer(self, renderer: LookRenderer) -> None:
        """From now on pictures are made by another renderer of the same model (`vunet.cluster`)."""
        self._renderer = renderer

    def render_each(self, look: Appearance, poses: Iterable[Pose], size: int | None = None) -> Iterator[np.ndarray]:
        """A look in one pose after another, as `render`; the next is prepared while one is drawn."""
        waiting: list[Ticket] = []
        for pose in poses:
            waiting.append(self._renderer.submit(look, pose, size))
            if len(waiting) > 1:
                yield self._renderer.on_ground(self._renderer.result(waiting.pop(0)))
        for ticket in waiting:
            yield self._renderer.on_ground(self._renderer.result(ticket))

    def from_behind(self, look: Appearance) -> Appearance:
        """The look with hair where the face is, as poses that show the back are rendered with."""
        return self._renderer.from_behind(look)

    def copy(self, look: Appearance, pose: Pose) -> Copy:
        """The photo's own pixels where the pose puts them."""
        return self._renderer.copy(look, pose)

    def astray(self, look: Appearance, pose: Pose) -> list[str]:
        """Joints that the person does not follow: where the estimator sees them in the picture, and the pose wants them,
        is more than half a head apart. None when it sees nobody."""
        picture = self.render(look, pose, self.live_size)
        try:
            found, _ = largest_person(self._estimator, cv2.resize(picture, (ESTIMATED_AT, ESTIMATED_AT)))
        except NoPersonFound:
            return []
        shift = np.linalg.norm(found.joints / ESTIMATED_AT - pose.joints, axis=1)
        wrong = pose.visible & found.visible & (shift > pose.head_length() / 2)
        return [name for name, far in zip(JOINTS, wrong, strict=True) if far]

    @torch.inference_mode()
    def sample(
        self, pose: Pose, count: int = 8, seed: int = 0, temperature: float = 1.0, wearing: Sequence[str] = ()
    ) -> list[Appearance]:
        """Looks sampled from the learned prior p(z|ŷ). temperature scales the noise; 0 gives one look, near the mean.

        wearing: what the looks should have: of `garments`, and where the model `tells_colours` "long sleeves", "short
        sleeves", and colours of top, bottom and shoes, as "red top" (`wishes.COLOURS`) or "#aa1e28 shoes". The same seed
        gives the same looks on one machine.
        Raises `BadPose`, and `VUNetError` for numbers out of range.
        """
        if count not in range(1, MAX_SAMPLES + 1) or not 0 <= temperature <= MAX_TEMPERATURE:
            raise VUNetError(f"Ask for 1 to {MAX_SAMPLES} looks at a temperature from 0 to {MAX_TEMPERATURE:g}.")
        if not (isinstance(seed, Integral) and 0 <= seed <= MAX_SEED):  # `in range` would look a fraction up, one by one
            raise VUNetError(f"A seed is a whole number from 0 to {MAX_SEED}.")
        for wish in wearing:
            if not self.knows(wish):
                raise unknown(wish, self.garments, self.tells_colours)
        asked = asked_garments(wearing, self.garments, self.device), asked_colours(wearing, self.device)
        shape = self._loaded.tensor(condition(pose.require_usable(), self.config)["shape"][None])
        generator = torch.Generator(self.device).manual_seed(int(seed))
        with self._loaded.computing():
            codes = finite_arrays(self.model.sample(shape, temperature, generator, int(count), *asked))
        return [Appearance(tuple(code.copy() for code in row), pose) for row in zip(*codes, strict=True)]

    def vary(self, look: Appearance, count: int = 8, seed: int = 0, spread: float = 0.5) -> list[Appearance]:
        """Looks around a given one: a share of the way from it to samples of the prior, 0 to 1.

        Raises `VUNetError` for numbers out of range.
        """
        if not 0 <= spread <= 1:
            raise VUNetError("Ask for looks with a spread from 0 to 1.")
        samples = self.sample(look.pose, count, seed)
        return [replace(self.blend(look, other, spread), pose=look.pose) for other in samples]

    def blend(self, a: Appearance, b: Appearance, weight: float) -> Appearance:
        """A look between two: weight 0 is `a`, 1 is `b`. Raises `VUNetError` for another weight or another model's look."""
        if not 0 <= weight <= 1:
            raise VUNetError("Blend two looks with a weight from 0 to 1.")
        pairs = zip(*(self._renderer.require_own(look).codes for look in (a, b)), strict=True)
        codes = tuple(((1 - weight) * x + weight * y).astype(np.float32) for x, y in pairs)
        return Appearance(codes, a.pose if weight < 0.5 else b.pose, detail=faded_detail(a, b, weight))

    def reencode(self, look: Appearance, maker: Studio) -> Appearance:
        """A look of another model's, as this one sees it: from its crops, or from the picture that its maker renders."""
        return self._reader.reread(look, maker._reader)

    def outfit(self, look: Appearance, **parts: Appearance) -> Appearance:
        """A look with body parts of others: `outfit(look, torso=other, legs=other2)`; head, torso, legs, shoes.

        Raises `VUNetError` for unknown parts or another model's look.
        """
        for each in (look, *parts.values()):
            self._renderer.require_own(each)
        return self._reader.mixed(look, parts)
