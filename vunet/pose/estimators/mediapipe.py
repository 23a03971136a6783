"""MediaPipe's pose estimator: the networks come with this package, run on a CPU and give the person's mask too."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from vunet.pose.estimators.blazepose import BlazePose
from vunet.pose.estimators.detection import Detection
from vunet.pose.files.layouts import MEDIAPIPE_33
from vunet.pose.joints import JOINTS

ORDER = [MEDIAPIPE_33.joints[name] for name in JOINTS]
MIN_VISIBILITY = 0.35
MAX_PEOPLE = 3
FILL = 128
PAINTED_SHARE = 0.5  # a further person has at most this share of joints where others have been painted over


class MediaPipeEstimator:
    """Finds one person at a time; others are looked for after the found one has been painted over."""

    name = "mediapipe"

    def __init__(self, max_people: int = MAX_PEOPLE) -> None:
        self._lock = threading.Lock()
        self._networks = BlazePose()
        self._max_people = max_people

    def detect(self, photo: np.ndarray) -> list[Detection]:
        """See `Estimator.detect`."""
        people: list[Detection] = []
        remaining = np.ascontiguousarray(photo)
        painted = np.zeros(photo.shape[:2], bool)
        while len(people) < self._max_people and (person := self._detect_one(remaining)) is not None:
            if _share_within(person, painted) > PAINTED_SHARE:  # the painted silhouette itself, seen as somebody
                break
            people.append(person)
            assert person.mask is not None
            painted |= _grown(person.mask)
            remaining = np.where(painted[..., None], FILL, remaining).astype(np.uint8)
        return people

    def _detect_one(self, photo: np.ndarray) -> Detection | None:
        with self._lock:
            found = self._networks.find(photo)
        if found is None:
            return None
        height, width = photo.shape[:2]
        joints = found.points[ORDER]
        inside = ((joints >= 0) & (joints < [width, height])).all(axis=1)
        visible = inside & (found.visibility[ORDER] >= MIN_VISIBILITY)
        if visible.sum() < 5:  # a pattern, not a person
            return None
        return Detection(joints, visible, found.mask, inside & ~visible)


def _share_within(person: Detection, area: np.ndarray) -> float:
    """Share of a person's visible joints that lie in an area (H, W)."""
    columns, rows = person.joints[person.visible].astype(int).T
    return float(area[rows, columns].mean())


def _grown(mask: np.ndarray) -> np.ndarray:
    radius = max(3, mask.shape[0] // 40)
    return cv2.dilate(mask, np.ones((radius, radius), np.uint8)) > 0.3
