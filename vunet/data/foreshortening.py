"""People who lean towards the camera or away: their backs are foreshortened, heads and legs are not.

Street photos show hardly any; in football and gymnastics every fourth back is shorter than its shoulders are wide.
"""

from __future__ import annotations

import cv2
import numpy as np

from vunet.data.framed_person import Framed
from vunet.pose.joints import TORSO
from vunet.pose.skeleton import Pose


def foreshortened(person: Framed, factor: float) -> Framed:
    """An upright person whose rows from neck to hips are `factor` (0 to 1) as high; what is above comes down."""
    if not person.pose.has(*TORSO):
        return person
    size = len(person.mask)
    neck, hips = person.pose.xy("neck")[1], (person.pose.xy("lhip")[1] + person.pose.xy("rhip")[1]) / 2
    if hips - neck < 2 / size:
        return person
    lowered = hips - factor * (hips - neck)
    after, before = np.array([lowered - 1, lowered, hips, hips + 1]), np.array([neck - 1, neck, hips, hips + 1])
    rows = np.interp((np.arange(size) + 0.5) / size, after, before) * size - 0.5
    x, y = np.meshgrid(np.arange(size, dtype=np.float32), rows.astype(np.float32))
    frame = cv2.remap(np.ascontiguousarray(person.frame), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.remap(np.ascontiguousarray(person.mask), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    joints = person.pose.joints.copy()
    joints[:, 1] = np.interp(joints[:, 1], before, after)
    return Framed(frame, mask, Pose(joints, person.pose.visible))
