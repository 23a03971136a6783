"""People who lean towards the camera or away: their backs are foreshortened, heads and legs are not.

Street photos show hardly any; in football and gymnastics every fourth back is shorter than its shoulders are wide.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vunet.person.augmentation_plan import WarpPlan
from vunet.pose.joints import TORSO
from vunet.pose.skeleton import Pose

LEAST = 0.01  # height of a back in frames, below which it is not upright


def foreshortened(plan: WarpPlan, factor: float) -> WarpPlan:
    """An upright person whose rows from neck to hips are `factor` (0 to 1) as high; what is above comes down.

    Of a photo whose limbs have not been turned and whose frame has not been moved.
    """
    pose = plan.pose
    if not pose.has(*TORSO):
        return plan
    neck, hips = float(pose.xy("neck")[1]), float(pose.xy("lhip")[1] + pose.xy("rhip")[1]) / 2
    if hips - neck < LEAST:
        return plan
    lowered = hips - factor * (hips - neck)
    joints = pose.joints.copy()
    joints[:, 1] = np.interp(joints[:, 1], [neck - 1, neck, hips, hips + 1], [lowered - 1, lowered, hips, hips + 1])
    bent = Pose(joints, pose.visible)
    return replace(plan, pose=bent, body=bent, bend=(lowered, neck, hips))
