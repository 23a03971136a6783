"""Renders looks in poses: E and D, behind them the detail network.

From behind, a model without a mannequin is given the look with hair for a face; one with a mannequin knows the side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from vunet.errors import VUNetError
from vunet.person.back_of_head import HEAD, back_of_head
from vunet.person.cutout import ALL
from vunet.person.ground import cut_out, lift, off_plain_ground, on_plain_ground
from vunet.person.ownership import hidden_maps
from vunet.person.photo_in_pose import NOTHING, CarriedPeople, Copy, carried, carried_layers, no_copy
from vunet.person.photo_in_pose_gpu import DeviceCopies, plain_bytes, shown_over
from vunet.person.resampling import at_size
from vunet.person.tensors import Batch, condition, rotated_parts
from vunet.pose.anatomy import facing
from vunet.pose.skeleton import Pose
from vunet.runtime.failures import clear_failures
from vunet.runtime.render_queue import Ticket
from vunet.studio.appearance import Appearance, with_parts
from vunet.studio.loaded import LoadedModel, require_numbers
from vunet.studio.look_reader import LookReader

HAIR = 160  # pixels of the head's crop in which hair is laid over the face
FROM_BEHIND = -0.05  # of `facing`, below which a person is seen from behind; around 0 lie profiles


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the networks read of one picture. inputs: of `condition`; codes: (C, h, w) each; hidden: (P, h, h), where parts
    are not seen; size: of the picture; copy: what the photo shows of it, on a GPU before it is laid, None where no network
    reads it."""

    inputs: Batch
    codes: tuple[Tensor, ...]
    hidden: Tensor | None
    size: int
    copy: Copy | CarriedPeople | None


@dataclass(frozen=True, eq=False)
class LivePicture:
    """What D renders, (3, S, S), and the photo's own pixels, which are shown where the copy is certain."""

    rendered: Tensor
    copy: Copy


def _hidden(lot: Sequence[Prepared]) -> Tensor | None:
    known = next((each.hidden for each in lot if each.hidden is not None), None)
    if known is None:
        return None
    return torch.stack([torch.zeros_like(known) if each.hidden is None else each.hidden for each in lot])


class LookRenderer:
    """Caches the from-behind version of each look, as long as that look lives."""

    def __init__(self, loaded: LoadedModel) -> None:
        self.loaded, self.config, self.queue = loaded, loaded.config, loaded.render_queue
        self.reader = LookReader(loaded, self.plain_picture)
        self._gpu_copies = None if loaded.device.type == "cpu" else DeviceCopies(loaded.device)
        self._backs: WeakKeyDictionary[Appearance, Appearance | None] = WeakKeyDictionary()

    @property
    def sizes(self) -> tuple[int, int]:
        """Pixels of a picture's side while a hand moves, which is D's own, and at rest."""
        return self.config.size, self.config.best_size

    def render(self, look: Appearance, pose: Pose, size: int | None = None) -> np.ndarray:
        """(S, S, 3) uint8 RGB; see `Studio.render`."""
        return self.on_ground(self.result(self.submit(look, pose, size)))

    def cutout(self, look: Appearance, pose: Pose, size: int | None = None) -> np.ndarray:
        """(S, S, 4) uint8 RGBA; see `Studio.cutout`."""
        return self.off_ground(self.result(self.submit(look, pose, size)))

    def submit(self, look: Appearance, pose: Pose, size: int | None = None) -> Ticket:
        """Has a picture rendered, together with others of its size. Raises `VUNetError`."""
        prepared = self._prepared(look, pose, size)
        kind = (self, prepared.size, prepared.copy is None)
        return self.queue.submit(kind, prepared, self._render_lot)

    def result(self, ticket: Ticket) -> Any:
        """What was submitted, once it is rendered."""
        return self.queue.result(ticket)

    def on_ground(self, rendered: Any) -> np.ndarray:
        """A result of `submit` as RGB on the plain ground, (S, S, 3) uint8."""
        return np.ascontiguousarray(self.as_bytes(rendered)[..., :3])

    def off_ground(self, rendered: Any) -> np.ndarray:
        """The same as RGBA, (S, S, 4) uint8."""
        picture = self.as_bytes(rendered)
        return off_plain_ground(picture) if picture.shape[2] == 4 else lift(picture)

    def as_bytes(self, rendered: Any) -> np.ndarray:
        """A result of `submit` before it has a ground: RGB, or RGBA of the detail network, (S, S, 3 or 4) uint8."""
        if isinstance(rendered, LivePicture):
            return rendered.copy.over(on_plain_ground(self.loaded.picture(rendered.rendered)))
        return rendered.numpy() if rendered.dtype == torch.uint8 else on_plain_ground(self.loaded.picture(rendered))

    def _prepared(self, look: Appearance, pose: Pose, size: int | None) -> Prepared:
        """What needs no turn: all work on the CPU around the networks."""
        size = self.checked_size(size)
        self.require_own(look)
        behind = facing(pose.require_usable()) < FROM_BEHIND < facing(look.pose)
        if behind and not self.config.mannequin:
            look = self.from_behind(look)
        inputs = condition(pose, self.config)
        if self.config.correction_width:
            inputs["rotated"] = rotated_parts(look.pose, pose)
        unseen = hidden_maps(pose) if "transforms" in inputs else None
        return Prepared(
            inputs,
            tuple(torch.from_numpy(code) for code in look.codes),
            None if unseen is None else torch.from_numpy(unseen),
            size,
            self._copy(look, pose, size) if self._reads_copy(look) else None,
        )

    def _render_lot(self, lot: Sequence[Prepared]) -> list[Any]:
        """Pictures of one size: (S, S, 4) uint8 from the detail network; of D's size a `LivePicture`, (S, S, 3) uint8 from
        a GPU, or (3, S, S) in [-1, 1] of looks without a photo."""
        inputs = {name: torch.stack([each.inputs[name] for each in lot]) for name in lot[0].inputs}
        codes = [torch.stack(scale) for scale in zip(*(each.codes for each in lot), strict=True)]
        with clear_failures(self.loaded.device):
            picture = self.loaded.engine.render(inputs, codes, _hidden(lot))
            copies = [each.copy for each in lot]
            if lot[0].size == self.config.size:
                return self._live(picture, copies)
            require_numbers(picture)
            if copies[0] is None:
                return list(self.loaded.engine.double_sample(picture, inputs["shape"]).cpu())
            return list(self.loaded.engine.double(picture, inputs["shape"], *self._laid(copies, lot[0].size)).cpu())

    def _live(self, picture: Tensor, copies: Sequence[Any]) -> list[Any]:
        """D's pictures with the photos' own pixels; on a CPU these are laid over them outside of the exclusive turn."""
        if self._gpu_copies is not None:
            require_numbers(picture)
            plain = plain_bytes(picture)
            return list((plain if copies[0] is None else shown_over(plain, *self._laid(copies, self.config.size))).cpu())
        rows = zip(picture, copies, strict=True)
        return [row if copy is None or not copy.certain.any() else LivePicture(row, copy) for row, copy in rows]

    def _laid(self, lot: Sequence[Any], size: int) -> tuple[Tensor, Tensor]:
        """Copies and where they are certain, stacked, where the engine computes."""
        if self._gpu_copies is not None:
            return self._gpu_copies(lot, size)
        pictures, certain = (np.stack([getattr(each, name) for each in lot]) for name in ("picture", "certain"))
        return torch.from_numpy(pictures), torch.from_numpy(certain)

    def _reads_copy(self, look: Appearance) -> bool:
        """Whether the network that doubles the look's pictures reads a copy, be it empty."""
        model = self.loaded.model
        return model.detail is not None and (model.sample_detail is None or bool(look.detail))

    def _copy(self, look: Appearance, pose: Pose, size: int) -> Copy | CarriedPeople:
        """`copy`, on a GPU no farther than the CPU has to go."""
        if self._gpu_copies is None:
            return self.copy(look, pose, size)
        return carried_layers(look.detail, pose, sides=self.config.mannequin) if look.detail else NOTHING

    def checked_size(self, size: int | None) -> int:
        """One of `sizes`, the larger one for None. Raises `VUNetError` for another."""
        live, best = self.sizes
        if size not in (None, live, best):
            raise VUNetError(f"This model renders pictures of {live} or {best} pixels, not of {size}.")
        return size or best

    def require_own(self, look: Appearance) -> Appearance:
        """The look itself, or `VUNetError` where it is of a model with other codes."""
        if [code.shape for code in look.codes] != self.loaded.code_shapes():
            raise VUNetError("This look is of another model: read it again with `studio.reencode(look, maker)`.")
        return look

    def plain_picture(self, look: Appearance) -> np.ndarray:
        """A look where it was read or sampled, all of its limbs seen, at D's size."""
        return self.render(look, look.pose.flat(), self.config.size)

    def copy(self, look: Appearance, pose: Pose, size: int | None = None) -> Copy:
        """c in the pose, of `size` pixels or, left out, of a picture at rest: nothing for looks without a photo, and, for
        models that read a mannequin, nothing of parts whose other side the pose shows."""
        side = size or self.config.best_size
        return carried(look.detail, pose, side, sides=self.config.mannequin) if look.detail else no_copy(side)

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
        if (head := back_of_head(picture, pose, HAIR)) is None:
            return None
        crops = self.reader.cut(at_size(picture, self.config.size), pose)
        crops[HEAD] = at_size(cut_out(head[..., :3], head[..., 3] / np.float32(255)), self.config.crop_size)
        turned = with_parts(look, {HEAD: self.reader.crops(crops, pose)}, self.config.parts)
        return replace(turned, detail=tuple(cutout.only(ALL - {HEAD}) for cutout in look.detail))
