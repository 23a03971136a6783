"""Masks of people: where no estimator gives one, and how a soft one is made firm."""

from __future__ import annotations

import cv2
import numpy as np

from vunet.pose.estimators.detection import Detection
from vunet.pose.joints import JOINTS, LIMBS
from vunet.pose.torso import torso_length

GRAB_CUT_SIDE = 384  # pixels of the longer side that GrabCut works at


def grab_cut_mask(photo: np.ndarray, detection: Detection, iterations: int = 4) -> np.ndarray:
    """(H, W) float32 mask from the skeleton alone, by OpenCV's GrabCut: sure along the limbs, probable around them."""
    height, width = photo.shape[:2]
    scale = min(1.0, GRAB_CUT_SIDE / max(height, width))  # its graph cut takes minutes on a large, noisy photo
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    seen = Detection(detection.joints * np.float32(scale), detection.visible)
    sure, probable = (_thick_skeleton(small.shape[:2], seen, f) for f in (0.10, 0.75))
    labels = np.where(probable > 0, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    labels[sure > 0] = cv2.GC_FGD
    if labels.any() and not labels.all():  # it needs some of either
        models = np.zeros((2, 1, 65))
        cv2.grabCut(small, labels, (0, 0, 1, 1), models[0], models[1], iterations, cv2.GC_INIT_WITH_MASK)
    person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    return cv2.resize(cv2.GaussianBlur(person, (0, 0), 1.0), (width, height), interpolation=cv2.INTER_LINEAR)


def firm(mask: np.ndarray) -> np.ndarray:
    """Soft estimates pulled towards 0 and 1: half-transparent rims carry the street's colours."""
    return np.clip((mask - 0.3) / 0.45, 0, 1).astype(np.float32)


def _thick_skeleton(shape: tuple[int, ...], detection: Detection, width: float) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    points = {n: tuple(map(int, detection.joints[i])) for i, n in enumerate(JOINTS) if detection.visible[i]}
    if "lshoulder" in points and "rshoulder" in points:
        points["neck"] = tuple((a + b) // 2 for a, b in zip(points["lshoulder"], points["rshoulder"], strict=True))
    thickness = max(1, int(width * torso_length(detection.joints)))
    for a, b, _ in LIMBS:
        if a in points and b in points:
            cv2.line(canvas, points[a], points[b], 255, thickness)
    return canvas
