"""Codes of parts: exchanged between looks, and made up where a photo shows a part on neither side.

Only for models with such codes (`VUNetConfig.part_codes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from vunet.appearance import Appearance


def of_parts(look: Appearance, parts: int) -> list[np.ndarray]:
    """Views of the codes of all latents but the coarsest, which is of the whole body: (P, C, h, w) each."""
    return [code.reshape(parts, -1, *code.shape[1:]) for code in look.codes[1:]]


def with_parts(look: Appearance, sources: Mapping[int, Appearance], parts: int) -> Appearance:
    """The look, the codes of some of its parts (index: source) taken from other looks."""
    own = [codes.copy() for codes in of_parts(look, parts)]
    for part, other in sources.items():
        for mine, others in zip(own, of_parts(other, parts), strict=True):
            mine[part] = others[part]
    finer = [codes.reshape(code.shape) for codes, code in zip(own, look.codes[1:], strict=True)]
    return replace(look, codes=(look.codes[0], *finer))


def nearest(look: Appearance, seen: np.ndarray, draws: Sequence[Appearance]) -> Appearance:
    """The draw of the prior whose seen parts (P,) are most like the look's.

    The best of many draws is nearly one of p(z_unseen | z_seen, ŷ). The posterior's own mean for a part that it has no
    crop of is the mean of all clothes, which is a grey ghost.
    """

    def distance(draw: Appearance) -> float:
        pairs = zip(of_parts(look, len(seen)), of_parts(draw, len(seen)), strict=True)
        return sum(float(np.square(a[seen] - b[seen]).sum()) for a, b in pairs)

    return min(draws, key=distance)
