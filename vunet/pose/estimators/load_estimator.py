"""Pose estimation ŷ = e(x): which estimator there is. Each is heavy and imported when first used."""

from __future__ import annotations

import importlib.util
from typing import Literal

from vunet.errors import VUNetError
from vunet.pose.estimators.detection import Estimator

EstimatorName = Literal["auto", "mediapipe", "openpose"]


def load_estimator(name: EstimatorName = "auto") -> Estimator:
    """The named estimator; `auto` is MediaPipe: OpenPose's weights are for non-commercial use only, so it has to be named.

    Raises `VUNetError` where it is not installed.
    """
    if name in ("auto", "mediapipe") and importlib.util.find_spec("openvino"):
        from vunet.pose.estimators.mediapipe import MediaPipeEstimator
        from vunet.pose.estimators.second_pass import SecondPassEstimator

        return SecondPassEstimator(MediaPipeEstimator())
    if name == "openpose" and importlib.util.find_spec("controlnet_aux"):
        from vunet.pose.estimators.openpose import OpenPoseEstimator

        return OpenPoseEstimator()
    raise VUNetError("This pose estimator is not installed: run `pip install -r requirements.txt`.")
