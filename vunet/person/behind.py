"""A person's front, covered as their back would look: hair where the face is, the flanks' cloth over the chest.

Sleeves, trousers and shoes look much alike from both sides. Ties, collars, buttons and open jackets are in front alone.
"""

from __future__ import annotations

import cv2
import numpy as np

from vunet.person.back_of_head import HEAD, OPAQUE, without_face
from vunet.person.crops import cut_quad
from vunet.person.layers import Layer, boxed, lay, premultiplied
from vunet.person.parts import UNIT_SQUARE, Quad, part_quads
from vunet.person.resampling import warp
from vunet.pose.anatomy import PARTS
from vunet.pose.skeleton import Pose

TORSO = PARTS.index("torso")
HEAD_CROP, TORSO_CROP = 160, 256  # pixels of the crops that are changed
EDGE, FLANK = 0.2, 0.3  # of a torso's crop: where the torso begins, and how far in the cloth is that of the back
LEAST = 1 / 255  # opacity
SEAM = 0.04  # half the width of the middle, where both flanks meet


def covered_front(body: Layer, pose: Pose, size: int) -> tuple[Layer, frozenset[int]]:
    """A body's layer with its front covered, and the parts of it that can be shown: no head where no hair is seen.

    pose: where the layer is; its sides do not matter. size: pixels of the frame's side.
    """
    shown = frozenset(range(len(PARTS)))
    if not body.picture.size:
        return body, shown
    frame, quads = body.on_frame(size), part_quads(pose, "body")
    for part, side, covered in ((TORSO, TORSO_CROP, _flanks), (HEAD, HEAD_CROP, lambda head: _hair(head, pose))):
        quad = quads[part]
        cover = None if quad is None else covered(cut_quad(frame, quad, side))
        if quad is None or cover is None:
            shown -= {part}
        else:
            _lay_crop(frame, cover, quad)
    return boxed(frame), shown


def _hair(head: np.ndarray, pose: Pose) -> np.ndarray | None:
    """What is laid over a head's crop (s, s, 4), both colours times opacity; None without hair."""
    plain = head.copy()
    plain[..., :3] = (head[..., :3] / np.maximum(head[..., 3:] / np.float32(255), LEAST)).clip(0, 255).round()
    hair = without_face(plain, pose)
    if hair is plain:
        return None
    changed = (hair[..., :3] != plain[..., :3]).any(axis=2) & (head[..., 3] > OPAQUE)
    return premultiplied(hair[..., :3], changed * head[..., 3] / np.float32(255))


def _flanks(front: np.ndarray) -> np.ndarray:
    """What is laid over a torso's crop (s, s, 4): the cloth of its flanks, drawn to the middle."""
    across = (np.arange(len(front), dtype=np.float32) + np.float32(0.5)) / len(front)
    stretched = EDGE + (across - EDGE) * (FLANK - EDGE) / (0.5 - EDGE)
    left, right = _columns(front, stretched), _columns(front, 1 - stretched[::-1])
    share = ((0.5 + SEAM - across) / (2 * SEAM)).clip(0, 1)[:, None]
    inside = ((across > EDGE) & (across < 1 - EDGE))[:, None]
    return (inside * (share * left + (1 - share) * right)).round().astype(np.uint8)


def _columns(picture: np.ndarray, across: np.ndarray) -> np.ndarray:
    """The picture, its columns looked up at (s,) places in [0, 1]."""
    side = len(picture)
    x, y = np.meshgrid(across * side - 0.5, np.arange(side))
    return cv2.remap(picture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)


def _lay_crop(frame: np.ndarray, crop: np.ndarray, quad: Quad) -> None:
    """Lays a part's crop over a frame, in place."""
    corners = (quad * len(frame))[:3].astype(np.float32), (UNIT_SQUARE * len(crop))[:3].astype(np.float32)
    lay(frame, warp(crop, cv2.getAffineTransform(*corners), frame.shape[1::-1]))
