"""BlazePose, MediaPipe's pose estimator, computed by OpenVINO: no package of MediaPipe's is needed.

Bazarevsky and others, "BlazePose: On-device Real-time Body Pose Tracking", 2020. `pose_landmarker_full.task` (Apache-2.0,
Google) is a zip of its two networks; a browser reads the same file.
"""

from vunet.pose.estimators.blazepose.networks import BlazePose

__all__ = ["BlazePose"]
