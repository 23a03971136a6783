"""The verbs a user means. A `Studio` is immutable: share one. Of a look it keeps the back alone, as long as that look."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import cv2
import numpy as np
import torch
from torch import Tensor

from vunet.appearance import Appearance, faded_detail, mixed_detail, with_crop, with_parts
from vunet.checkpoints import Progress, load_checkpoint, read_ranges, resolve
from vunet.checkpoints.hub import LONG_TIMEOUT
from vunet.errors import NoPersonFound, VUNetError
from vunet.inputs.back_of_head import HEAD, back_of_head
from vunet.inputs.copies import copies_in_pose, detail_crops, no_copies
from vunet.inputs.ownership import hidden_maps
from vunet.inputs.parts import PART_GROUPS, PART_NAMES, facing, seen_parts, unseen_parts
from vunet.inputs.person import Person, at_size, cut_out, frame_person, on_plain_ground, whole_frame
from vunet.inputs.photo import Photo, load_photo
from vunet.inputs.tensors import pose_inputs, stack_crops, to_image
from vunet.model import VUNet, VUNetConfig
from vunet.model.latent import draw_noise
from vunet.model.prior.hierarchical import GARMENTS
from vunet.model.ranges import Ranges
from vunet.pose.detection import Detection, largest_person
from vunet.pose.estimate import EstimatorName, load_estimator
from vunet.pose.estimator_timeout import EstimatorWithTimeout
from vunet.pose.joints import JOINTS
from vunet.pose.skeleton import Pose
from vunet.runtime.device import choose_device, named_precision
from vunet.runtime.engine import EngineName, choose_engine
from vunet.runtime.failures import clear_failures
from vunet.runtime.render_queue import RenderQueue

MAX_SAMPLES = 64
MAX_STEPS = 200  # of a refinement
MAX_TEMPERATURE = 2.0
MAX_SEED = 2**31 - 1
LOOKED_AT = 512  # pixels of the picture in which a pose is estimated again
FROM_BEHIND = -0.05  # of `facing`, below which a person is seen from behind; around 0 lie profiles
COMPLETION_SEED = 0  # of what is made up where a photo hides a part


class Studio:
    """Detect a person, encode a look, render it in any pose, sample looks from p(z|ŷ), blend and mix them.

    Computations take turns: any number of threads may call it. size: pixels of a rendered side. device, config, model: what
    is at work. name: of the checkpoint.
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
    ) -> None:
        """ranges: for renders in integers of eight bits; see `vunet.runtime.engine.int8`."""
        self.device, self.name = device, name
        self.precision, integers = named_precision(precision, device, ranges is not None)
        model.eval().requires_grad_(False)
        chosen = ranges if integers else None
        self.engine = choose_engine(model, device, self.precision, engine, chosen)  # compiles from single precision
        if precision == "int8" and not self.engine.integers:
            raise VUNetError("Renders in integers do not work here: leave the precision out.")
        self.model = model.placed(device, self.precision)
        self.render_queue = render_queue or RenderQueue()
        self._backs: WeakKeyDictionary[Appearance, Appearance | None] = WeakKeyDictionary()
        self._estimator_name = estimator
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
        **old: Any,
    ) -> Studio:
        """Loads a checkpoint (None: the embedded default) onto a device (None: the best there is).

        checkpoint: a file or its folder, the name of an embedded checkpoint, or a repository on the Hugging Face Hub,
        `user/repo` or `user/repo@revision`. revision: the same; a pinned commit that is in the cache makes no request.
        progress: called with the bytes that are here and those in all during a download. timeout: seconds to wait for the
        hub's answer. Raises `BadCheckpoint`, `HubUnavailable`, and `VUNetError` for a device or engine that is not there.
        render_queue: that of another studio on the same cores. precision: "float32", "bfloat16", "float16" or "int8"; None
        takes what is fastest here. The estimator is loaded when first used. old: `patience` and `turnstile`, the names of
        timeout and render_queue before version 0.2.
        """
        timeout, render_queue = _renamed(old, timeout, render_queue)
        path = resolve(checkpoint, revision, progress, timeout)
        name = path.stem if checkpoint is None or Path(checkpoint).exists() else str(checkpoint)
        place, ranges = choose_device(device), read_ranges(path)
        return cls(load_checkpoint(path), place, estimator, engine, name, render_queue, precision, ranges)

    def on(self, device: str) -> Studio:
        """The same model on another device; raises `VUNetError` when that is not there."""
        return Studio(copy.deepcopy(self.model).float(), choose_device(device), self._estimator_name, name=self.name)

    @property
    def config(self) -> VUNetConfig:
        """The model's configuration."""
        return self.model.config

    @property
    def size(self) -> int:
        """Width and height in pixels of a picture at rest, and of framed people."""
        return self.config.best_size

    @property
    def live_size(self) -> int:
        """The same of pictures while a hand moves: D's own."""
        return self.config.size

    def detect(self, photo: Photo) -> Person:
        """Finds the largest person of a photo (path, bytes, PIL image or (H, W, 3) uint8 array).

        Raises `BadImage`, and `NoPersonFound` when nobody with visible shoulders and hips is in it.
        """
        picture = load_photo(photo)
        detection, people = largest_person(self._estimator, picture)
        return frame_person(picture, detection, self.size, people)

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
        look = self._read(at_size(person.image, self.live_size), person.pose)
        if self.model.detail is not None:
            crops = detail_crops(person.backdrop, person.mask, person.pose, self.config.detail_crop)
            look = replace(look, detail=crops)
        return self.refined(look, person, refine, progress) if refine else look

    def refined(self, look: Appearance, person: Person, steps: int = 30, progress: Progress | None = None) -> Appearance:
        """The look of a person, brought nearer to their photo by some steps on its codes (`vunet.refinement`).

        The look itself where that does not make it better. progress: called with the steps done and those in all. Raises
        `VUNetError` for a number of steps out of range.
        """
        from vunet.refinement import Refinement  # most visitors do without

        if not 1 <= steps <= MAX_STEPS:
            raise VUNetError(f"Refine a look by 1 to {MAX_STEPS} steps.")
        with self._computing():
            work = Refinement(self.model, look.codes, person, steps)
        for number in range(steps):
            with self._computing():
                work.step(number)
            if progress is not None:
                progress(number + 1, steps)
        with self._computing():
            codes = work.codes()
        return look if codes is None else replace(look, codes=codes)

    def render(self, look: Appearance, pose: Pose, size: int | None = None) -> np.ndarray:
        """A look in a pose: (S, S, 3) uint8 RGB. size: `live_size`, or `size`, the default.

        Raises `BadPose` when a shoulder or a hip is missing, and `VUNetError` for another size.
        """
        if size not in (None, self.size, self.live_size):
            raise VUNetError(f"This model draws pictures of {self.live_size} or {self.size} pixels, not of {size}.")
        if facing(pose.require_usable()) < FROM_BEHIND < facing(look.pose):
            look = self.from_behind(look)
        inputs = pose_inputs(pose, self.config)
        shape = inputs["shape"][None]
        codes = [torch.from_numpy(code)[None] for code in look.codes]
        transforms = inputs["transforms"][None] if "transforms" in inputs else None
        unseen = hidden_maps(pose) if transforms is not None else None
        hidden = None if unseen is None else torch.from_numpy(unseen)[None]
        with self._computing():
            picture = self.engine.render(shape, codes, transforms, hidden)
            if size != self.live_size and self.model.detail is not None:
                picture = self.engine.double(picture, shape, torch.from_numpy(self.copies(look, pose))[None])
                return on_plain_ground(to_image(picture[0]))
            return to_image(picture[0])

    def render_many(self, looks: Sequence[Appearance], poses: Sequence[Pose], size: int | None = None) -> np.ndarray:
        """Pairs of looks and poses: (N, S, S, 3) uint8 RGB."""
        return np.stack([self.render(look, pose, size) for look, pose in zip(looks, poses, strict=True)])

    def from_behind(self, look: Appearance) -> Appearance:
        """The look with hair where the face is, as poses that show the back are drawn with; made once for each look.

        The look itself for models without codes of parts, and where no hair is seen.
        """
        if self.config.part_codes and self.config.layout == "body" and look.pose.has("cnose"):
            if look not in self._backs:
                self._backs[look] = self._turned_round(look)
            return self._backs[look] or look
        return look

    def _turned_round(self, look: Appearance) -> Appearance | None:
        pose = look.pose.flat()
        picture = self.render(look, pose)
        if (head := back_of_head(picture, pose, self.config.detail_crop)) is None:
            return None
        crops = self._cut(at_size(picture, self.live_size), pose)
        crops[HEAD] = at_size(cut_out(head[..., :3], head[..., 3] / np.float32(255)), self.config.crop_size)
        turned = with_parts(look, {HEAD: self._encode_crops(crops, pose)}, self.config.parts)
        return turned if look.detail is None else replace(turned, detail=with_crop(look.detail, HEAD, head))

    def astray(self, look: Appearance, pose: Pose) -> list[str]:
        """Joints that the person does not follow: where the estimator sees them in the picture, and the pose wants them,
        is more than half a head apart. None when it sees nobody."""
        picture = self.render(look, pose, self.live_size)
        try:
            found, _ = largest_person(self._estimator, cv2.resize(picture, (LOOKED_AT, LOOKED_AT)))
        except NoPersonFound:
            return []
        shift = np.linalg.norm(found.joints / LOOKED_AT - pose.joints, axis=1)
        wrong = pose.visible & found.visible & (shift > pose.head_length() / 2)
        return [name for name, each in zip(JOINTS, wrong, strict=True) if each]

    def copies(self, look: Appearance, pose: Pose) -> np.ndarray:
        """What of the photo lies where in the pose; nothing for looks without a photo."""
        if look.detail is None:
            return no_copies(self.config.parts, self.size)
        return copies_in_pose(look.detail, pose, self.size)

    @torch.inference_mode()
    def sample(
        self,
        pose: Pose,
        count: int = 8,
        seed: int = 0,
        temperature: float = 1.0,
        settling: int | None = None,
        wearing: Sequence[str] = (),
    ) -> list[Appearance]:
        """Looks drawn from the learned prior p(z|ŷ). temperature scales the noise, 0 draws one look that is like many.

        wearing: garments that the looks should have, of `GARMENTS`. settling: without effect, gone in the next version.
        The same seed gives the same looks on one machine. Raises `BadPose`, and `VUNetError` for numbers out of range.
        """
        if settling is not None:
            warnings.warn("`settling` has no effect any more: leave it out.", DeprecationWarning, stacklevel=2)
        if not 1 <= count <= MAX_SAMPLES or not 0 <= temperature <= MAX_TEMPERATURE:
            raise VUNetError(f"Ask for 1 to {MAX_SAMPLES} looks at a temperature from 0 to {MAX_TEMPERATURE:g}.")
        if not 0 <= seed <= MAX_SEED:
            raise VUNetError(f"A seed is a number from 0 to {MAX_SEED}.")
        garments = self._wishes(wearing)
        shape = self._tensor(pose_inputs(pose.require_usable(), self.config)["shape"][None])
        generator = torch.Generator(self.device).manual_seed(seed)
        with self._computing():
            codes = _numbers(self.model.sample(shape, temperature, generator, count, garments))
        return _looks(codes, pose)

    @property
    def garments(self) -> tuple[str, ...]:
        """Garments that `sample` can be asked for; empty for models whose prior knows none."""
        prior = self.model.prior
        return GARMENTS if prior is not None and prior.ready else ()

    def _wishes(self, wearing: Sequence[str]) -> Tensor | None:
        if unknown := [name for name in wearing if name not in self.garments]:
            known = ", ".join(self.garments) or "none: its prior knows no garments"
            raise VUNetError(f"This model cannot be asked for {unknown[0]!r}: choose among {known}.")
        if not wearing:
            return None
        return torch.tensor([[1.0 if name in wearing else 0.0 for name in self.garments]], device=self.device)

    def vary(self, look: Appearance, count: int = 8, seed: int = 0, spread: float = 0.5) -> list[Appearance]:
        """Looks around a given one: so much of the way from it to draws from the prior, 0 to 1.

        Raises `VUNetError` for numbers out of range.
        """
        if not 0 <= spread <= 1:
            raise VUNetError("Ask for looks with a spread from 0 to 1.")
        drawn = self.sample(look.pose, count, seed)
        return [replace(self.blend(look, other, spread), pose=look.pose) for other in drawn]

    def blend(self, a: Appearance, b: Appearance, weight: float) -> Appearance:
        """A look between two: weight 0 is `a`, 1 is `b`."""
        codes = tuple(((1 - weight) * x + weight * y).astype(np.float32) for x, y in zip(a.codes, b.codes, strict=True))
        return Appearance(codes, a.pose if weight < 0.5 else b.pose, detail=faded_detail(a, b, weight))

    def reencode(self, look: Appearance, maker: Studio) -> Appearance:
        """A look of another model's, as this one sees it: read from its crops, or from the picture that its maker draws."""
        layout, size = self.config.layout, self.config.crop_size
        if look.crops is not None and (maker.config.layout, maker.config.crop_size) == (layout, size):
            same = self._completed(self._encode_crops(look.crops, look.pose))
            return replace(same, detail=look.detail) if maker.config.detail_crop == self.config.detail_crop else same
        return self._read(at_size(maker.render(look, look.pose.flat()), self.live_size), look.pose)

    def outfit(self, look: Appearance, **parts: Appearance) -> Appearance:
        """A look with body parts of others: `outfit(look, torso=other, legs=other2)`; head, torso, legs, shoes.

        The parts are exchanged among the crops that the posterior reads, and encoded together; where the model has codes
        of parts, those are taken over as they are.
        """
        unknown = parts.keys() - PART_GROUPS.keys()
        if unknown:
            raise VUNetError(f"There is no part {unknown.pop()!r}: choose among {', '.join(PART_GROUPS)}.")
        names = PART_NAMES[self.config.layout]
        chosen = {group: [names.index(n) for n in PART_GROUPS[group] if n in names] for group in parts}
        crops = self._crops(look).copy()
        for group, other in parts.items():
            crops[chosen[group]] = self._crops(other)[chosen[group]]
        mixed = self._encode_crops(crops, look.pose)
        mixed = replace(mixed, detail=mixed_detail(look, {part: parts[g] for g in parts for part in chosen[g]}))
        if not self.config.part_codes:
            return mixed
        sources = {part: other for group, other in parts.items() for part in chosen[group]}
        return replace(mixed, codes=(mixed.codes[0], *with_parts(look, sources, self.config.parts).codes[1:]))

    def _read(self, picture: np.ndarray, pose: Pose) -> Appearance:
        return self._completed(self._encode_crops(self._cut(picture, pose), pose))

    @torch.inference_mode()
    def _completed(self, look: Appearance) -> Appearance:
        """What a photo hides on both sides is made up: w ~ q(w | the codes of what is seen), its codes from p(z|w)."""
        unseen, prior = unseen_parts(look.pose, self.config.layout), self.model.prior
        if prior is None or not prior.ready or not unseen.any():
            return look
        with self._computing():
            zs = [torch.from_numpy(code)[None].to(self.device) for code in look.codes]
            mean, log_deviation = prior.infer(zs, torch.from_numpy(~unseen)[None].float().to(self.device))
            generator = torch.Generator(self.device).manual_seed(COMPLETION_SEED)
            w = mean + log_deviation.exp() * draw_noise(mean.shape, generator, mean.device)
            made = Appearance(tuple(code[0] for code in _numbers(prior.generate(w))), look.pose)
        return with_parts(look, {int(part): made for part in np.flatnonzero(unseen)}, self.config.parts)

    def _crops(self, look: Appearance) -> np.ndarray:
        """The crops of a look; those of a drawn look are cut from its own rendering."""
        if look.crops is not None:
            return look.crops
        return self._cut(self.render(look, look.pose.flat(), self.live_size), look.pose)

    def _cut(self, picture: np.ndarray, pose: Pose) -> np.ndarray:
        return seen_parts(picture, pose.require_usable(), self.config.layout, self.config.crop_size)

    @torch.inference_mode()
    def _encode_crops(self, crops: np.ndarray, pose: Pose) -> Appearance:
        with self._computing():
            codes = _numbers(q.mean[0] for q in self.model.posterior(self._tensor(stack_crops(crops)[None])))
        return Appearance(tuple(codes), pose, crops)

    @contextmanager
    def _computing(self) -> Iterator[None]:
        """A turn on the cores."""
        with self.render_queue.turn(), clear_failures(self.device):
            yield

    def _tensor(self, value: Tensor) -> Tensor:
        """On the device, in the model's precision and memory layout."""
        return value.to(self.device, self.precision, memory_format=torch.channels_last)


def _renamed(old: dict[str, Any], timeout: float, render_queue: RenderQueue | None) -> tuple[float, RenderQueue | None]:
    """Options under their names of version 0.1, which work for one more version."""
    if unknown := old.keys() - {"patience", "turnstile"}:
        raise TypeError(f"Studio.load() has no option {unknown.pop()!r}")
    if old:
        warnings.warn("patience is called timeout, turnstile render_queue: use these.", DeprecationWarning, stacklevel=3)
    return old.get("patience", timeout), old.get("turnstile", render_queue)


def _looks(codes: Sequence[np.ndarray], pose: Pose) -> list[Appearance]:
    """One for each row of the codes (N, C, h, w)."""
    return [Appearance(tuple(code.copy() for code in row), pose) for row in zip(*codes, strict=True)]


def _numbers(tensors: Iterable[Tensor]) -> list[np.ndarray]:
    """As float32 arrays; raises `FloatingPointError` for what is not a number."""
    arrays = [tensor.float().cpu().numpy() for tensor in tensors]
    if not all(np.isfinite(array).all() for array in arrays):
        raise FloatingPointError
    return arrays
