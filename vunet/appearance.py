"""A look: what the model knows of a person's appearance, apart from the pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vunet.pose.skeleton import Pose


@dataclass(frozen=True, eq=False)
class Appearance:
    """A point in the space of p(z|ŷ). Small, on the CPU, picklable.

    codes: one float32 array (C, h, w) for each latent scale, coarse first. pose: where the look was seen or drawn.
    crops: (P, s, s, 3) uint8, the body-part crops that it was encoded from; None for looks that were drawn or blended.
    """

    codes: tuple[np.ndarray, ...]
    pose: Pose
    crops: np.ndarray | None = None
