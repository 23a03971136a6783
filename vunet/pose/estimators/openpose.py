"""OpenPose through `controlnet_aux`. Its weights are CMU's, for non-commercial use only; they come from the Hub."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import cv2
import numpy as np

from vunet.errors import HubUnavailable
from vunet.pose.estimators.detection import Detection
from vunet.pose.files.layouts import OPENPOSE_18
from vunet.pose.joints import JOINTS

REPOSITORY, WEIGHTS = "lllyasviel/Annotators", "body_pose_model.pth"
LICENCE = "OpenPose's weights are CMU's and for non-commercial use only: use MediaPipe for anything else."
MAX_SIDE = 768  # it holds 0.8 kB for each pixel


class OpenPoseEstimator:
    """Finds all people of a photo; gives no mask."""

    name = "openpose"

    def __init__(self, body: Any = None) -> None:
        """body: a `controlnet_aux.open_pose.body.Body`; loaded from the Hub if left out, with a word on its licence. Raises
        `HubUnavailable`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from controlnet_aux import OpenposeDetector

            self._detector: Any = OpenposeDetector(body or _load_body())
        if body is None:
            warnings.warn(LICENCE, stacklevel=2)
        self._lock = threading.Lock()

    def detect(self, photo: np.ndarray) -> list[Detection]:
        """See `Estimator.detect`."""
        height, width = photo.shape[:2]
        scale = min(1.0, MAX_SIDE / max(height, width))
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        with self._lock:
            poses = self._detector.detect_poses(small)
        return [_detection(p.body.keypoints, width, height) for p in poses]


def _load_body() -> Any:
    from controlnet_aux.open_pose.body import Body
    from huggingface_hub import hf_hub_download

    try:
        try:  # an unreachable hub takes long to fail
            path = hf_hub_download(REPOSITORY, WEIGHTS, local_files_only=True)
        except OSError:
            path = hf_hub_download(REPOSITORY, WEIGHTS)
    except OSError as error:
        raise HubUnavailable(
            f"OpenPose's weights ({REPOSITORY}) are not cached and the Hub cannot be reached: use MediaPipe instead."
        ) from error
    return Body(path)


def _detection(keypoints: list, width: int, height: int) -> Detection:
    chosen = [keypoints[OPENPOSE_18.joints[name]] for name in JOINTS]
    joints = [(k.x * width, k.y * height) if k is not None else (0.0, 0.0) for k in chosen]
    return Detection(np.array(joints, np.float32), np.array([k is not None for k in chosen]))
