"""From a photo and a detection to a `Person`: a square frame around the body, cut out on a plain light background."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vunet.inputs.photo import BACKGROUND
from vunet.pose.detection import Detection
from vunet.pose.joints import INDEX, JOINTS, LIMBS
from vunet.pose.skeleton import Pose

MARGIN = 1.10  # frame side over the body's box
TORSOS_IN_FRAME = 3.55  # a standing body with its margin is this many torso lengths high
TOP_MARGIN = 0.06
LIFT = (10, 48)  # grey levels from the background at which a pixel begins, and ceases, to be transparent
EDGE, PLAIN = 4, 4  # pixels of a frame's edge, and grey levels from the background, that are no person
GRAB_CUT_SIDE = 384  # pixels of the longer side that GrabCut works at


@dataclass(frozen=True, eq=False)
class Person:
    """A person in a square frame.

    image: (S, S, 3) uint8 RGB, cut out on the light background. pose: fractions of this frame.
    mask: (S, S) uint8, 255 on the person. backdrop: (S, S, 3) uint8, the frame with its own background.
    people: how many were found in the photo; this is the largest. resolution: pixels of the photo for each of the frame.
    """

    image: np.ndarray
    pose: Pose
    mask: np.ndarray
    backdrop: np.ndarray
    people: int = 1
    resolution: float = 1.0


def frame_person(photo: np.ndarray, detection: Detection, size: int, people: int = 1, whole: bool = False) -> Person:
    """Cuts a detected person out of a photo (H, W, 3) uint8 into a square frame of `size` pixels.

    whole: the frame is the whole photo, centred in a square, instead of the body's own.
    """
    mask = detection.mask if detection.mask is not None else grab_cut_mask(photo, detection)
    left, top, side = whole_frame(photo) if whole else body_frame(detection, mask)
    scale = size / side
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    joints = (detection.joints - [left, top]) / side
    visible = detection.visible & (np.abs(joints - 0.5) <= 0.5).all(axis=1)
    pose = Pose(np.where(visible[:, None], joints, _stand_in(joints)), visible)
    alpha = _warp(_firm(mask), matrix, size, side, 0.0)
    backdrop = _warp(photo, matrix, size, side, (BACKGROUND,) * 3)
    image = cut_out(backdrop, alpha)
    return Person(image, pose, (alpha * 255).round().astype(np.uint8), backdrop, people, side / size)


def cut_out(frame: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lays a frame (S, S, 3) uint8 on the light background by its mask (S, S) in [0, 1]."""
    weight = alpha[..., None].astype(np.float32)
    return (frame * weight + BACKGROUND * (1 - weight)).round().astype(np.uint8)


def body_frame(detection: Detection, mask: np.ndarray) -> tuple[float, float, float]:
    """(left, top, side) of the square frame, in pixels of the photo; it may reach beyond the photo.

    The side fits the body's box, and is never smaller than a standing body of the same torso needs: a half body keeps the
    scale of a whole one, with room below for the legs.
    """
    low, high = _body_box(detection, mask)
    side = max(float((high - low).max()) * MARGIN, TORSOS_IN_FRAME * _torso_length(detection))
    centre = (low + high) / 2
    left, top = centre - side / 2
    legs_missing = not detection.visible[[INDEX["lankle"], INDEX["rankle"]]].any()
    if legs_missing and float(high[1] - low[1]) * MARGIN < side:
        top = float(low[1]) - TOP_MARGIN * side
    return float(left), float(top), side


def whole_frame(photo: np.ndarray) -> tuple[float, float, float]:
    """(left, top, side) of the square that the whole photo is centred in."""
    height, width = photo.shape[:2]
    side = max(height, width)
    return (width - side) / 2, (height - side) / 2, float(side)


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


def lift(picture: np.ndarray) -> np.ndarray:
    """A rendered person without the plain background: (S, S, 4) uint8 RGBA.

    What differs from the background, and what the background does not reach from the frame's edge, is the person.
    """
    distance = np.abs(picture.astype(np.int16) - BACKGROUND).max(axis=2)
    person = (distance > LIFT[0]).astype(np.uint8)
    _, labels = cv2.connectedComponents(1 - person, connectivity=4)
    outside = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    reached = np.isin(labels, outside[outside > 0])
    alpha = np.clip((distance - LIFT[0]) / (LIFT[1] - LIFT[0]), 0, 1)
    alpha = np.where(reached | (distance <= LIFT[1]) & _near(reached), alpha, 1)
    return np.dstack([picture, (255 * alpha).round().astype(np.uint8)])


def on_plain_ground(picture: np.ndarray) -> np.ndarray:
    """A rendered person whose ground is plain to the last grey level, and without the line that zero padding draws along
    the frame: (S, S, 3) uint8."""
    inner = picture[EDGE:-EDGE, EDGE:-EDGE]
    picture = cv2.copyMakeBorder(inner, EDGE, EDGE, EDGE, EDGE, cv2.BORDER_REPLICATE)
    distance = np.abs(picture.astype(np.int16) - BACKGROUND).max(axis=2).astype(np.float32)
    person = cv2.dilate((cv2.blur(distance, (5, 5)) > PLAIN).astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.where(person[..., None] > 0, picture, np.uint8(BACKGROUND))


def _near(area: np.ndarray) -> np.ndarray:
    """The area and a rim of two pixels."""
    return cv2.dilate(area.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _body_box(detection: Detection, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the box around the visible joints and the part of the mask that belongs to them."""
    seen = detection.joints[detection.visible]
    reach = 0.5 * _torso_length(detection)
    low, high = seen.min(axis=0) - reach, seen.max(axis=0) + reach
    rows, columns = np.nonzero(mask > 0.5)
    if len(rows):
        low = np.maximum(low, [columns.min(), rows.min()])
        high = np.minimum(high, [columns.max() + 1, rows.max() + 1])
    return np.minimum(low, seen.min(axis=0)), np.maximum(high, seen.max(axis=0))


def _torso_length(detection: Detection) -> float:
    at = {n: detection.joints[INDEX[n]] for n in ("lshoulder", "rshoulder", "lhip", "rhip")}
    spine = float(np.linalg.norm((at["lshoulder"] + at["rshoulder"] - at["lhip"] - at["rhip"]) / 2))
    return max(spine, float(np.linalg.norm(at["lshoulder"] - at["rshoulder"])), 1.0)


def _stand_in(joints: np.ndarray) -> np.ndarray:
    """Where a missing joint is offered for restoring: its estimate if that lies in the frame, else its usual place."""
    inside = (np.abs(joints - 0.5) <= 0.5).all(axis=1, keepdims=True)
    return np.where(inside, joints, Pose.default().joints)


def _firm(mask: np.ndarray) -> np.ndarray:
    """Soft estimates pulled towards 0 and 1: half-transparent rims carry the street's colours."""
    return np.clip((mask - 0.3) / 0.45, 0, 1).astype(np.float32)


def _warp(picture: np.ndarray, matrix: np.ndarray, size: int, side: float, fill: float | tuple) -> np.ndarray:
    smooth = without_aliasing(picture, side / size)
    return cv2.warpAffine(smooth, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=fill)


def without_aliasing(picture: np.ndarray, shrink: float) -> np.ndarray:
    """A picture, blurred where it is to be shrunk so many times: `warpAffine` samples points."""
    return cv2.GaussianBlur(picture, (0, 0), 0.35 * shrink) if shrink > 1.5 else picture


def at_size(picture: np.ndarray, size: int) -> np.ndarray:
    """A square picture, shrunk or grown to a side."""
    if len(picture) == size:
        return picture
    way = cv2.INTER_AREA if len(picture) > size else cv2.INTER_LINEAR
    return cv2.resize(picture, (size, size), interpolation=way)


def _thick_skeleton(shape: tuple[int, ...], detection: Detection, width: float) -> np.ndarray:
    canvas = np.zeros(shape, np.uint8)
    points = {n: tuple(map(int, detection.joints[i])) for i, n in enumerate(JOINTS) if detection.visible[i]}
    if "lshoulder" in points and "rshoulder" in points:
        points["neck"] = tuple((a + b) // 2 for a, b in zip(points["lshoulder"], points["rshoulder"], strict=True))
    thickness = max(1, int(width * _torso_length(detection)))
    for a, b, _ in LIMBS:
        if a in points and b in points:
            cv2.line(canvas, points[a], points[b], 255, thickness)
    return canvas
