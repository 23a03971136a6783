"""The colours that a picture of a person has in places: what is compared, and what samples can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from vunet.person.crops import crop_parts
from vunet.person.parts import part_quads
from vunet.pose.anatomy import PARTS
from vunet.pose.skeleton import Pose

CROP = 32  # pixels of the crops whose colours are read
PATCH = slice(8, 24)  # the middle of a crop: mostly garment, little background
# What `vunet.model.prior.colours` reads of a latent: L, a and b of each.
PLACES: dict[str, tuple[str, ...]] = {
    "head": ("head",),
    "top": ("torso",),
    "bottom": ("lthigh", "rthigh"),
    "shoes": ("lfoot", "rfoot"),
    "forearms": ("lforearm", "rforearm"),
}


def colours_in(picture: np.ndarray, pose: Pose, groups: Mapping[str, Sequence[str]]) -> np.ndarray:
    """(len(groups), 3) mean CIELAB colours of groups of parts of a picture (S, S, 3) uint8; NaN where no part of a group is
    in the pose. A part that is in it and was not drawn has the background's colour."""
    crops = crop_parts(picture, pose, "body", CROP)
    there = dict(zip(PARTS, (quad is not None for quad in part_quads(pose, "body")), strict=True))
    rows = []
    for group in groups.values():
        patches = [crops[PARTS.index(name), PATCH, PATCH] for name in group if there[name]]
        rows.append(to_lab(np.concatenate(patches)).mean(axis=(0, 1)) if patches else np.full(3, np.nan))
    return np.array(rows)


def to_lab(picture: np.ndarray) -> np.ndarray:
    """sRGB (H, W, 3) uint8 to CIELAB, L from 0 to 100."""
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
