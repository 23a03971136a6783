"""A look: what the model knows of a person's appearance, apart from the pose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vunet.person.cutout import ALL, Cutout
from vunet.pose.skeleton import Pose


@dataclass(frozen=True, eq=False)
class Appearance:
    """A point in the space of p(z|ŷ). Small, on the CPU, picklable.

    codes: one float32 array (C, h, w) for each latent scale, coarse first. pose: where the look was seen or sampled.
    crops: (P, s, s, 3) uint8, the body-part crops that it was encoded from; None for looks that were sampled or blended.
    detail: what pictures copy from at the photo's own detail, each cut-out person for some parts; empty without a photo.
    """

    codes: tuple[np.ndarray, ...]
    pose: Pose
    crops: np.ndarray | None = None
    detail: tuple[Cutout, ...] = ()


def codes_of_parts(look: Appearance, parts: int) -> list[np.ndarray]:
    """Views of the codes of all latents but the coarsest, which is of the whole body: (P, C, h, w) each.

    Only for models with codes of parts (`VUNetConfig.part_codes`), as `with_parts`.
    """
    return [code.reshape(parts, -1, *code.shape[1:]) for code in look.codes[1:]]


def with_parts(look: Appearance, sources: Mapping[int, Appearance], parts: int) -> Appearance:
    """The look, the codes of some of its parts (index: source) taken from other looks."""
    own = [codes.copy() for codes in codes_of_parts(look, parts)]
    for part, other in sources.items():
        for mine, others in zip(own, codes_of_parts(other, parts), strict=True):
            mine[part] = others[part]
    finer = [codes.reshape(code.shape) for codes, code in zip(own, look.codes[1:], strict=True)]
    return replace(look, codes=(look.codes[0], *finer))


def mixed_detail(look: Appearance, sources: Mapping[int, Appearance]) -> tuple[Cutout, ...]:
    """The detail of a look, that of some parts (index: source) taken from others."""
    kept = [cutout.only(ALL - sources.keys()) for cutout in look.detail]
    for other in dict.fromkeys(sources.values()):
        parts = frozenset(part for part, source in sources.items() if source is other)
        kept += [cutout.only(parts) for cutout in other.detail]
    return tuple(cutout for cutout in kept if cutout.parts)


def faded_detail(a: Appearance, b: Appearance, weight: float) -> tuple[Cutout, ...]:
    """The detail of the nearer of two looks, as opaque as it is near: gone half way between them."""
    detail, strength = (a.detail, 1 - 2 * weight) if weight < 0.5 else (b.detail, 2 * weight - 1)
    if strength <= 0:
        return ()
    return tuple(replace(cutout, strength=strength * cutout.strength) for cutout in detail)
