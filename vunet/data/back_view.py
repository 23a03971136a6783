"""People as seen from behind: no street photo shows one, and a stickman whose sides are swapped asks for one.

From behind, an outline is the mirror image of what it is from the front, with left and right where they were on the body;
and there is hair where the face was. What the back of the clothes looks like nobody knows: it stays as the front is.
"""

from __future__ import annotations

import cv2
import numpy as np

from vunet.data.framed_person import Framed
from vunet.inputs.back_of_head import HEAD, without_face
from vunet.inputs.copies import cut_part, lay_part
from vunet.inputs.parts import part_quads
from vunet.pose.joints import INDEX
from vunet.pose.skeleton import Pose

EYES = ("reye", "leye")


def back_view(person: Framed, eyes: bool) -> Framed:
    """The person's back, or the same person where no hair is seen. eyes: whether the pose still says where they would be,
    as estimators do."""
    quad = part_quads(person.pose, "body")[HEAD]
    if quad is None:
        return person
    side = max(8, round(float(np.linalg.norm(quad[1] - quad[0])) * len(person.mask)))
    head = cut_part(np.dstack([person.frame, person.mask]), quad, side)
    hair = without_face(head, person.pose)
    if hair is head:
        return person
    hair[..., 3] = 255 * (hair[..., :3] != head[..., :3]).any(axis=2)
    cover = np.zeros((*person.mask.shape, 4), np.uint8)
    lay_part(cover, hair, quad)
    opacity = cover[..., 3:] / np.float32(255)
    frame = (person.frame + opacity * (cover[..., :3].astype(np.float32) - person.frame)).round().astype(np.uint8)
    joints, visible = person.pose.joints.copy(), person.pose.visible.copy()
    joints[:, 0] = 1 - joints[:, 0]
    visible[[INDEX[name] for name in EYES]] &= eyes
    return Framed(cv2.flip(frame, 1), cv2.flip(np.ascontiguousarray(person.mask), 1), Pose(joints, visible))
