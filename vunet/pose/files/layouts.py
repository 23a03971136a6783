"""Where our 15 joints lie in the keypoint lists of other programs: one table for reading, writing and the documents.

Sources: OpenPose, "Output format"; COCO, the keypoint task; COCO-WholeBody (Jin and others, ECCV 2020); Halpe Full-Body
(AlphaPose); MediaPipe, "Pose landmark model".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """count: keypoints a person. joints: index of each of our 15. middles: points that lie between two joints."""

    name: str
    count: int
    joints: Mapping[str, int]
    middles: Mapping[int, tuple[str, str]]


_COCO = {
    "cnose": 0, "leye": 1, "reye": 2, "lshoulder": 5, "rshoulder": 6, "lelbow": 7, "relbow": 8, "lwrist": 9, "rwrist": 10,
    "lhip": 11, "rhip": 12, "lknee": 13, "rknee": 14, "lankle": 15, "rankle": 16,
}  # fmt: skip
_OPENPOSE_18 = {
    "cnose": 0, "rshoulder": 2, "relbow": 3, "rwrist": 4, "lshoulder": 5, "lelbow": 6, "lwrist": 7,
    "rhip": 8, "rknee": 9, "rankle": 10, "lhip": 11, "lknee": 12, "lankle": 13, "reye": 14, "leye": 15,
}  # fmt: skip
_OPENPOSE_25 = {
    "cnose": 0, "rshoulder": 2, "relbow": 3, "rwrist": 4, "lshoulder": 5, "lelbow": 6, "lwrist": 7,
    "rhip": 9, "rknee": 10, "rankle": 11, "lhip": 12, "lknee": 13, "lankle": 14, "reye": 15, "leye": 16,
}  # fmt: skip
_MEDIAPIPE = {
    "cnose": 0, "leye": 2, "reye": 5, "lshoulder": 11, "rshoulder": 12, "lelbow": 13, "relbow": 14, "lwrist": 15,
    "rwrist": 16, "lhip": 23, "rhip": 24, "lknee": 25, "rknee": 26, "lankle": 27, "rankle": 28,
}  # fmt: skip
_NECK, _MID_HIP = ("lshoulder", "rshoulder"), ("lhip", "rhip")

OPENPOSE_18 = Layout("OpenPose, 18 joints", 18, _OPENPOSE_18, {1: _NECK})
OPENPOSE_25 = Layout("OpenPose, 25 joints", 25, _OPENPOSE_25, {1: _NECK, 8: _MID_HIP})
COCO_17 = Layout("COCO, 17 keypoints", 17, _COCO, {})
HALPE_26 = Layout("Halpe, 26 keypoints", 26, _COCO, {18: _NECK, 19: _MID_HIP})
MEDIAPIPE_33 = Layout("MediaPipe, 33 landmarks", 33, _MEDIAPIPE, {})
WHOLEBODY_133 = Layout("WholeBody, 133 keypoints", 133, _COCO, {})
HALPE_136 = Layout("Halpe, 136 keypoints", 136, _COCO, {18: _NECK, 19: _MID_HIP})

# A list of keypoints is told by its length.
LAYOUTS: dict[int, Layout] = {
    layout.count: layout for layout in (COCO_17, OPENPOSE_18, OPENPOSE_25, HALPE_26, MEDIAPIPE_33, WHOLEBODY_133, HALPE_136)
}
