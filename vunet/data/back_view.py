"""People as seen from behind: no street photo shows one, and a stickman whose sides are swapped asks for one.

From behind, an outline is the mirror image of what it is from the front, with left and right where they were on the body;
and there is hair where the face was. What the back of the clothes looks like nobody knows: it stays as the front is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vunet.person.augmentation_plan import HAIR, WarpPlan
from vunet.person.back_of_head import HEAD, without_face
from vunet.person.crops import cut_quad
from vunet.person.framing import Person
from vunet.person.parts import part_quads
from vunet.pose.joints import INDEX
from vunet.pose.skeleton import Pose

EYES = ("reye", "leye")
MIRROR_IMAGE = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def back_view(plan: WarpPlan, photo: Person, eyes: bool) -> WarpPlan:
    """The person's back, or the same plan where no hair is seen.

    photo: mirrored as the plan says. eyes: whether the pose still says where they would be, as estimators do.
    """
    quad = part_quads(photo.pose, "body")[HEAD]
    if quad is None:
        return plan
    head = cut_quad(np.dstack([photo.backdrop, photo.mask]), quad, HAIR)
    hair = without_face(head, photo.pose)
    if hair is head:
        return plan
    hair[..., 3] = 255 * (hair[..., :3] != head[..., :3]).any(axis=2)
    lowered, neck, _ = plan.bend or (0.0, 0.0, 1.0)
    turned = plan.moved(MIRROR_IMAGE)
    visible = turned.pose.visible.copy()
    visible[[INDEX[name] for name in EYES]] &= eyes
    return replace(turned, pose=Pose(turned.pose.joints, visible), hair=(hair, quad + np.array([0, lowered - neck])))
