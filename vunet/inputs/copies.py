"""c: what a photo shows of each part, at its own detail, and the way of it into another pose.

Crops (P, s, s, 4) uint8 of layout `body`, RGB and opacity; the same quads as those that F reads.
"""

from __future__ import annotations

import cv2
import numpy as np

from vunet.inputs.ownership import hidden, ownership
from vunet.inputs.parts import OTHER_SIDE, UNIT_SQUARE, Quad, hidden_parts, part_quads
from vunet.pose.skeleton import Pose

SHRINKS = 1.5  # a crop larger than so many times its place is blurred first


def detail_crops(image: np.ndarray, mask: np.ndarray, pose: Pose, size: int) -> np.ndarray:
    """Crops (P, size, size, 4) of a frame (S, S, 3) uint8 with its mask (S, S) uint8.

    What belongs to another part, an arm on the torso or the hip beside a hanging hand, is left out. A hidden limb is the
    mirror image of its other side, as F reads it; what is hidden on both sides is empty.
    """
    quads, shares = part_quads(pose, "body"), ownership(pose, len(image))
    owned = ((mask * share).astype(np.uint8) for share in shares)
    crops = np.stack([cut_part(np.dstack([image, own]), quad, size) for own, quad in zip(owned, quads, strict=True)])
    missing = hidden_parts(pose, "body")
    for part in np.flatnonzero(missing & ~missing[OTHER_SIDE]):
        crops[part] = crops[OTHER_SIDE[part]][:, ::-1]
    return crops


def copies_in_pose(crops: np.ndarray, pose: Pose, size: int) -> np.ndarray:
    """Each part's crop where the pose puts it: (P, size, size, 4) uint8, empty elsewhere and where a limb is in front."""
    copies = no_copies(len(crops), size)
    for copy, crop, quad, share in zip(copies, crops, part_quads(pose, "body"), hidden(pose), strict=True):
        if quad is not None and crop[..., 3].any():
            lay_part(copy, crop, quad, share)
    return copies


def no_copies(parts: int, size: int) -> np.ndarray:
    """What draws have: (P, size, size, 4) uint8, nothing."""
    return np.zeros((parts, size, size, 4), np.uint8)


def cut_part(rgba: np.ndarray, quad: Quad | None, size: int) -> np.ndarray:
    """A part's crop (size, size, 4) of a frame (S, S, 4); empty without a quad."""
    if quad is None:
        return np.zeros((size, size, 4), np.uint8)
    return cv2.warpAffine(rgba, _matrix(quad * len(rgba), UNIT_SQUARE * size), (size, size), flags=cv2.INTER_LINEAR)


def lay_part(copy: np.ndarray, crop: np.ndarray, quad: Quad, share: np.ndarray | None = None) -> None:
    """Draws a crop on an empty copy (S, S, 4), less a share (s, s) in [0, 1] of its opacity, within the quad's box."""
    size = len(copy)
    corners = np.clip(quad * size, 0, size)
    low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int)
    if (low >= high).any():
        return
    width, height = (high - low).tolist()
    shrink = len(crop) / max(float(np.linalg.norm(quad[1] - quad[0])) * size, 1.0)
    if shrink > SHRINKS:
        crop = cv2.GaussianBlur(crop, (0, 0), 0.35 * shrink)
    laid = cv2.warpAffine(crop, _matrix(UNIT_SQUARE * len(crop), quad * size - low), (width, height))
    if share is not None and share.any():
        whole = _matrix(UNIT_SQUARE * len(share), UNIT_SQUARE * size - low)
        seen = cv2.warpAffine(1 - share, whole, (width, height), borderMode=cv2.BORDER_REPLICATE)
        laid[..., 3] = laid[..., 3] * seen
    copy[low[1] : high[1], low[0] : high[0]] = laid


def _matrix(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(2, 3), between pixel centres: corners in pixels from the frame's edge."""
    return cv2.getAffineTransform((source[:3] - 0.5).astype(np.float32), (target[:3] - 0.5).astype(np.float32))
