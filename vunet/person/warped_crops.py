"""c: what a photo shows of each part, at its own detail, and its warp into another pose.

Crops (P, s, s, 4) uint8 of layout `body`, RGB and opacity; the same quads as those that F reads.
"""

from __future__ import annotations

import cv2
import numpy as np

from vunet.person.crops import cut_quad
from vunet.person.ownership import hidden, ownership
from vunet.person.parts import UNIT_SQUARE, Quad, hidden_parts, part_quads
from vunet.person.resampling import warp, without_aliasing
from vunet.pose.anatomy import OTHER_SIDE
from vunet.pose.skeleton import Pose


def detail_crops(image: np.ndarray, mask: np.ndarray, pose: Pose, size: int) -> np.ndarray:
    """Crops (P, size, size, 4) of a frame (S, S, 3) uint8 with its mask (S, S) uint8.

    What belongs to another part, an arm on the torso or the hip beside a hanging hand, is left out. A hidden limb is the
    mirror image of its other side, as F reads it; what is hidden on both sides is empty.
    """
    quads, shares = part_quads(pose, "body"), ownership(pose, len(image))
    owned = ((mask * share).astype(np.uint8) for share in shares)
    crops = np.stack([cut_quad(np.dstack([image, own]), quad, size) for own, quad in zip(owned, quads, strict=True)])
    missing = hidden_parts(pose, "body")
    for part in np.flatnonzero(missing & ~missing[OTHER_SIDE]):
        crops[part] = crops[OTHER_SIDE[part]][:, ::-1]
    return crops


def warped_crops(crops: np.ndarray, pose: Pose, size: int) -> np.ndarray:
    """Each part's crop where the pose puts it: (P, size, size, 4) uint8, empty elsewhere and where a limb is in front."""
    warped = no_crops(len(crops), size)
    for layer, crop, quad, share in zip(warped, crops, part_quads(pose, "body"), hidden(pose), strict=True):
        if quad is not None and crop[..., 3].any():
            _lay(layer, crop, quad, share)
    return warped


def no_crops(parts: int, size: int) -> np.ndarray:
    """What samples of the prior have: (P, size, size, 4) uint8, nothing."""
    return np.zeros((parts, size, size, 4), np.uint8)


def _lay(layer: np.ndarray, crop: np.ndarray, quad: Quad, share: np.ndarray) -> None:
    """Puts a crop on an empty layer (S, S, 4), less a share (s, s) in [0, 1] of its opacity, within the quad's box."""
    size = len(layer)
    corners = np.clip(quad * size, 0, size)
    low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    if (low >= high).any():
        return
    box = (int(high[0] - low[0]), int(high[1] - low[1]))
    shrink = len(crop) / max(float(np.linalg.norm(quad[1] - quad[0])) * size, 1.0)
    place, whole = (quad * size - low)[:3].astype(np.float32), (UNIT_SQUARE * len(crop))[:3]
    laid = warp(without_aliasing(crop, shrink), cv2.getAffineTransform(place, whole), box)
    if share.any():
        scale = len(share) / size
        to_share = np.array([[scale, 0, scale * low[0]], [0, scale, scale * low[1]]])
        laid[..., 3] = laid[..., 3] * warp(1 - share, to_share, box, cv2.BORDER_REPLICATE)
    layer[low[1] : high[1], low[0] : high[0]] = laid
