"""Ranges of the inputs of convolutions, measured once, by which renders can be in integers of eight bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Range = tuple[float, float]
Ranges = Mapping[str, Sequence[Range]]  # by the name of a compiled graph, "picture", "detail" or "sample_detail"
