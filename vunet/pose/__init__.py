"""Poses: the skeleton, its drawing, its file formats and the estimators that find it in a photo."""

from vunet.pose.joints import JOINTS
from vunet.pose.skeleton import Pose
from vunet.pose.stickman import draw_stickman

__all__ = ["JOINTS", "Pose", "draw_stickman"]
