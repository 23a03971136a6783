"""The two networks: one finds a person, the other the 33 points and the mask within the square about them."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from vunet.pose.estimators.blazepose.detector import Region, best_region, letterboxed
from vunet.pose.estimators.blazepose.landmarks import Landmarks, cut_region, read_landmarks
from vunet.telemetry import openvino

BUNDLE = Path(__file__).with_name("pose_landmarker_full.task")
DETECTOR, LANDMARKS = "pose_detector.tflite", "pose_landmarks_detector.tflite"
# In single precision: half of it moves joints by a pixel.
OPTIONS = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}


class BlazePose:
    """Finds the clearest person of a picture. Not for several threads at once."""

    def __init__(self) -> None:
        """Compiles the networks, half a second. Raises `ImportError` or `RuntimeError` where OpenVINO cannot."""
        core = openvino().Core()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, zipfile.ZipFile(BUNDLE) as bundle:
            paths = [bundle.extract(name, folder) for name in (DETECTOR, LANDMARKS)]  # it reads files alone
            self._detector, self._landmarks = (_request(core, path) for path in paths)

    def find(self, picture: np.ndarray) -> Landmarks | None:
        """The person of a picture (H, W, 3) uint8 RGB; None where nobody is."""
        boxes, scores = _run(self._detector, letterboxed(picture))[:2]
        region = best_region(boxes[0], scores[0, :, 0], picture.shape)
        return None if region is None else self._within(picture, region)

    def _within(self, picture: np.ndarray, region: Region) -> Landmarks | None:
        points, presence, mask, heatmaps, _ = _run(self._landmarks, cut_region(picture, region))
        return read_landmarks(points[0], float(presence[0, 0]), mask[0, :, :, 0], heatmaps[0], region, picture.shape)


def _request(core: Any, path: str) -> Any:
    return core.compile_model(core.read_model(path), "CPU", OPTIONS).create_infer_request()


def _run(request: Any, picture: np.ndarray) -> list[np.ndarray]:
    """Views of the outputs, good until the next run."""
    return list(request.infer([picture[None]], share_inputs=True, share_outputs=True).to_tuple())
