"""Reads looks: the mean of q(z|x,ŷ) of a photo, of crops, of a mixture of other looks' crops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from vunet.errors import VUNetError
from vunet.model.latent import sample_noise
from vunet.person.crops import seen_parts
from vunet.person.cutout import cut_layers
from vunet.person.framing import Person
from vunet.person.parts import PART_NAMES, unseen_parts
from vunet.person.resampling import at_size
from vunet.person.tensors import stack_crops
from vunet.pose.anatomy import PART_GROUPS
from vunet.pose.mannequin import mannequin
from vunet.pose.skeleton import Pose
from vunet.studio.appearance import Appearance, mixed_detail, with_parts
from vunet.studio.loaded import LoadedModel, finite_arrays

COMPLETION_SEED = 0  # of what is made up where a photo hides a part


class LookReader:
    """F, and what completes what it reads. picture_of: a look as it was read or sampled, for looks without crops."""

    def __init__(self, loaded: LoadedModel, picture_of: Callable[[Appearance], np.ndarray]) -> None:
        self.loaded, self.config, self._picture_of = loaded, loaded.config, picture_of

    def photo(self, person: Person) -> Appearance:
        """The look of a person; with the photo's own detail where a detail network copies from it."""
        look = self.picture(at_size(person.image, self.config.size), person.pose)
        if self.loaded.model.detail is None:
            return look
        return replace(look, detail=(cut_layers(person.backdrop, person.mask, person.pose),))

    def picture(self, picture: np.ndarray, pose: Pose) -> Appearance:
        """The look of a person on the plain ground, (S, S, 3) uint8 of D's size."""
        return self._completed(self.crops(self.cut(picture, pose), pose))

    @torch.inference_mode()
    def crops(self, crops: np.ndarray, pose: Pose) -> Appearance:
        """The look that F reads from crops (P, s, s, 3) uint8; nothing is made up."""
        parts = self.loaded.tensor(stack_crops(crops)[None])
        facing = torch.from_numpy(mannequin(pose)[1])[None].to(parts) if self.config.mannequin else None
        with self.loaded.computing():
            codes = finite_arrays(q.mean[0] for q in self.loaded.model.posterior(parts, facing))
        return Appearance(tuple(codes), pose, crops)

    def cut(self, picture: np.ndarray, pose: Pose) -> np.ndarray:
        """The crops that F reads of a picture."""
        return seen_parts(picture, pose.require_usable().seen(), self.config.layout, self.config.crop_size)

    def crops_of(self, look: Appearance) -> np.ndarray:
        """The crops of a look; those of a sampled look are cut from its own rendering."""
        return self.cut(self._picture_of(look), look.pose) if look.crops is None else look.crops

    def reread(self, look: Appearance, maker: LookReader) -> Appearance:
        """A look of another model's, as this one sees it: from its crops, or from the picture that its maker renders."""
        theirs = maker.config
        if look.crops is not None and (theirs.layout, theirs.crop_size) == (self.config.layout, self.config.crop_size):
            same = self._completed(self.crops(look.crops, look.pose))
            return replace(same, detail=look.detail) if self.config.detail_width else same
        return self.picture(at_size(maker._picture_of(look), self.config.size), look.pose)

    def mixed(self, look: Appearance, parts: dict[str, Appearance]) -> Appearance:
        """A look with groups of body parts taken from others; raises `VUNetError` for unknown groups.

        The parts are exchanged among the crops that the posterior reads, and encoded together; where the model has codes
        of parts, those are taken over as they are.
        """
        if unknown := parts.keys() - PART_GROUPS.keys():
            raise VUNetError(f"There is no part {unknown.pop()!r}: choose among {', '.join(PART_GROUPS)}.")
        names = PART_NAMES[self.config.layout]
        chosen = {group: [names.index(n) for n in PART_GROUPS[group] if n in names] for group in parts}
        crops = self.crops_of(look).copy()
        for group, other in parts.items():
            crops[chosen[group]] = self.crops_of(other)[chosen[group]]
        sources = {part: other for group, other in parts.items() for part in chosen[group]}
        mixed = replace(self.crops(crops, look.pose), detail=mixed_detail(look, sources))
        if not self.config.part_codes:
            return mixed
        return replace(mixed, codes=(mixed.codes[0], *with_parts(look, sources, self.config.parts).codes[1:]))

    @torch.inference_mode()
    def _completed(self, look: Appearance) -> Appearance:
        """What a photo hides on both sides is made up: w ~ q(w | the codes of what is seen), its codes from p(z|w)."""
        unseen, prior = unseen_parts(look.pose.seen(), self.config.layout), self.loaded.model.prior
        if prior is None or not prior.ready or not unseen.any():
            return look
        device = self.loaded.device
        with self.loaded.computing():
            zs = [torch.from_numpy(code)[None].to(device) for code in look.codes]
            mean, log_std = prior.infer(zs, torch.from_numpy(~unseen)[None].float().to(device))
            generator = torch.Generator(device).manual_seed(COMPLETION_SEED)
            w = mean + log_std.exp() * sample_noise(mean.shape, generator, mean.device)
            made = Appearance(tuple(code[0] for code in finite_arrays(prior.generate(w))), look.pose)
        return with_parts(look, {int(part): made for part in np.flatnonzero(unseen)}, self.config.parts)
