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
