"""A look: what the model knows of a person's appearance, apart from the pose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from vunet.pose.skeleton import Pose


@dataclass(frozen=True, eq=False)
class Appearance:
    """A point in the space of p(z|ŷ). Small, on the CPU, picklable.

    codes: one float32 array (C, h, w) for each latent scale, coarse first. pose: where the look was seen or drawn.
    crops: (P, s, s, 3) uint8, the body-part crops that it was encoded from; None for looks that were drawn or blended.
    detail: (P, t, t, 4) uint8, the same crops at the photo's own detail, RGB and opacity, for models that copy from them;
    None where there is no photo.
    """

    codes: tuple[np.ndarray, ...]
    pose: Pose
    crops: np.ndarray | None = None
    detail: np.ndarray | None = None


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


def mixed_detail(look: Appearance, sources: Mapping[int, Appearance]) -> np.ndarray | None:
    """The detail of a look, that of some parts (index: source) taken from others; drawn looks have none."""
    known = next((each.detail for each in (look, *sources.values()) if each.detail is not None), None)
    if known is None:
        return None
    mixed = np.zeros_like(known) if look.detail is None else look.detail.copy()
    for part, other in sources.items():
        mixed[part] = 0 if other.detail is None else other.detail[part]
    return mixed


def with_crop(detail: np.ndarray, part: int, crop: np.ndarray) -> np.ndarray:
    """A copy of a look's detail, one part's crop exchanged."""
    changed = detail.copy()
    changed[part] = crop
    return changed


def faded_detail(a: Appearance, b: Appearance, weight: float) -> np.ndarray | None:
    """The detail of the nearer of two looks, as opaque as it is near: gone half way between them."""
    detail, opacity = (a.detail, 1 - 2 * weight) if weight < 0.5 else (b.detail, 2 * weight - 1)
    if detail is None or opacity <= 0:
        return None
    faded = detail.copy()
    faded[..., 3] = (opacity * detail[..., 3]).round()
    return faded
