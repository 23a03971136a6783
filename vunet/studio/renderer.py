"""Renders looks in poses: E and D, behind them the detail network.

From behind, a model without a mannequin is given the look with hair for a face; one with a mannequin knows the side.
"""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np
import torch

from vunet.errors import VUNetError
from vunet.person.back_of_head import HEAD, back_of_head
from vunet.person.ground import cut_out, on_plain_ground
from vunet.person.ownership import hidden_maps
from vunet.person.resampling import at_size
from vunet.person.tensors import condition
from vunet.person.warped_crops import no_crops, warped_crops
from vunet.pose.anatomy import facing
from vunet.pose.mannequin import turned_away
from vunet.pose.skeleton import Pose
from vunet.studio.appearance import Appearance, with_crop, with_parts
from vunet.studio.loaded import LoadedModel
from vunet.studio.reader import LookReader

FROM_BEHIND = -0.05  # of `facing`, below which a person is seen from behind; around 0 lie profiles


class LookRenderer:
    """Caches the from-behind version of each look, as long as that look lives."""

    def __init__(self, loaded: LoadedModel) -> None:
        self.loaded, self.config = loaded, loaded.config
        self.reader = LookReader(loaded, self.plain_picture)
        self._backs: WeakKeyDictionary[Appearance, Appearance | None] = WeakKeyDictionary()

    @property
    def sizes(self) -> tuple[int, int]:
        """Pixels of a picture's side while a hand moves, which is D's own, and at rest."""
        return self.config.size, self.config.best_size

    def render(self, look: Appearance, pose: Pose, size: int | None = None) -> np.ndarray:
        """(S, S, 3) uint8 RGB; see `Studio.render`."""
        live, best = self.sizes
        if size not in (None, live, best):
            raise VUNetError(f"This model renders pictures of {live} or {best} pixels, not of {size}.")
        self.require_own(look)
        behind = facing(pose.require_usable()) < FROM_BEHIND < facing(look.pose)
        if behind and not self.config.mannequin:
            look = self.from_behind(look)
        codes = [torch.from_numpy(code)[None] for code in look.codes]
        inputs = {name: value[None] for name, value in condition(pose, self.config).items()}
        unseen = hidden_maps(pose) if "transforms" in inputs else None
        hidden = None if unseen is None else torch.from_numpy(unseen)[None]
        alone = size == live or self.loaded.model.detail is None
        warped = None if alone else torch.from_numpy(self.warped(look, pose))[None]
        with self.loaded.computing():
            picture = self.loaded.engine.render(inputs, codes, hidden)
            if warped is not None:
                picture = self.loaded.engine.double(picture, inputs["shape"], warped)
        rendered = self.loaded.picture(picture[0])
        return rendered if warped is None else on_plain_ground(rendered)

    def require_own(self, look: Appearance) -> Appearance:
        """The look itself, or `VUNetError` where it is of a model with other codes."""
        if [code.shape for code in look.codes] != self.loaded.code_shapes():
            raise VUNetError("This look is of another model: read it again with `studio.reencode(look, maker)`.")
        return look

    def plain_picture(self, look: Appearance) -> np.ndarray:
        """A look where it was read or sampled, all of its limbs seen, at D's size."""
        return self.render(look, look.pose.flat(), self.config.size)

    def warped(self, look: Appearance, pose: Pose) -> np.ndarray:
        """c in the pose: the photo's own pixels, part by part, (P, S, S, 4); nothing for looks without a photo, and, for
        models that read a mannequin, of parts whose other side the pose shows."""
        if look.detail is None:
            return no_crops(self.config.parts, self.config.best_size)
        crops = look.detail
        if self.config.mannequin:
            crops = np.where(turned_away(look.pose, pose)[:, None, None, None], np.uint8(0), crops)
        return warped_crops(crops, pose, self.config.best_size)

    def from_behind(self, look: Appearance) -> Appearance:
        """The look with hair where the face is; made once for each look.

        The look itself for models without codes of parts, and where no hair is seen.
        """
        if not (self.config.part_codes and self.config.layout == "body" and look.pose.has("cnose")):
            return look
        if look not in self._backs:
            self._backs[look] = self._turned_round(look)
        return self._backs[look] or look

    def _turned_round(self, look: Appearance) -> Appearance | None:
        pose = look.pose.flat()
        picture = self.render(look, pose)
        if (head := back_of_head(picture, pose, self.config.detail_crop)) is None:
            return None
        crops = self.reader.cut(at_size(picture, self.config.size), pose)
        crops[HEAD] = at_size(cut_out(head[..., :3], head[..., 3] / np.float32(255)), self.config.crop_size)
        turned = with_parts(look, {HEAD: self.reader.crops(crops, pose)}, self.config.parts)
        return turned if look.detail is None else replace(turned, detail=with_crop(look.detail, HEAD, head))
