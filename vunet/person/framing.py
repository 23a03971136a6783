"""From a photo and a detection to a `Person`: picture, mask and pose in a square frame, kept together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from vunet.person.ground import BACKGROUND, cut_out
from vunet.person.masks import person_mask
from vunet.person.resampling import warp, without_aliasing
from vunet.pose.estimators.detection import Detection
from vunet.pose.joints import INDEX, JOINTS
from vunet.pose.skeleton import Pose
from vunet.pose.torso import torso_length

MARGIN = 1.10  # frame side over the body's box
TORSOS_IN_FRAME = 3.55  # a standing body with its margin is this many torso lengths high
TOP_MARGIN = 0.06


@dataclass(frozen=True, eq=False)
class Person:
    """A person in a square frame.

    backdrop: (S, S, 3) uint8 RGB, the frame with its own background. mask: (S, S) uint8, 255 on the person. pose: in
    fractions of this frame. people: how many were found in the photo; this is the largest. resolution: pixels of the photo
    for each of the frame. drawn: whether it is no photo, but a picture on the plain ground.
    """

    backdrop: np.ndarray
    mask: np.ndarray
    pose: Pose
    people: int = 1
    resolution: float = 1.0
    drawn: bool = False

    @cached_property
    def image(self) -> np.ndarray:
        """(S, S, 3) uint8 RGB, cut out on the light background."""
        return self.backdrop if self.drawn else cut_out(self.backdrop, self.mask / np.float32(255))

    @property
    def size(self) -> int:
        """Pixels of the frame's side."""
        return len(self.backdrop)

    def mirrored(self) -> Person:
        """Left and right exchanged."""
        backdrop, mask = (np.ascontiguousarray(each[:, ::-1]) for each in (self.backdrop, self.mask))
        return replace(self, backdrop=backdrop, mask=mask, pose=self.pose.mirrored())

    def resized(self, size: int) -> Person:
        """The same frame with another number of pixels."""
        if size == self.size:
            return self
        to_source, shrink = np.eye(2, 3) * (self.size / size), self.size / size
        smooth = (without_aliasing(np.ascontiguousarray(each), shrink) for each in (self.backdrop, self.mask))
        backdrop, mask = (warp(each, to_source, (size, size), cv2.BORDER_REPLICATE) for each in smooth)
        return replace(self, backdrop=backdrop, mask=mask, resolution=self.resolution * shrink)


def frame_person(
    photo: np.ndarray,
    detection: Detection,
    size: int,
    people: int = 1,
    whole: bool = False,
    drawn: np.ndarray | None = None,
) -> Person:
    """Cuts a detected person out of a photo (H, W, 3) uint8 into a square frame of `size` pixels.

    whole: the frame is the whole photo, centred in a square, instead of the body's own. drawn: a mask by hand, (H, W)
    float32 in [0, 1], which is taken as it is.
    """
    mask = person_mask(photo, detection) if drawn is None else drawn
    left, top, side = whole_frame(photo) if whole else body_frame(detection, mask)
    joints = (detection.joints - [left, top]) / side
    pose = _framed_pose(joints, detection)
    to_photo = np.array([[side / size, 0, left], [0, side / size, top]])
    alpha, backdrop = (
        warp(without_aliasing(each, side / size), to_photo, (size, size), fill=fill)
        for each, fill in ((mask, (0.0,)), (photo, (BACKGROUND,) * 3))
    )
    return Person(backdrop, (alpha * 255).round().astype(np.uint8), pose, people, side / size)


def _framed_pose(joints: np.ndarray, detection: Detection) -> Pose:
    """Joints in fractions of the frame. What is guessed is drawn too; an arm that the body hides lies behind it."""
    inside = (np.abs(joints - 0.5) <= 0.5).all(axis=1)
    seen, guessed = detection.visible & inside, detection.guessed & inside & ~detection.visible
    names = frozenset(JOINTS[i] for i in np.flatnonzero(guessed))
    behind = {f"{name[0]}arm": "behind" for name in names if name[1:] in ("elbow", "wrist")}
    places = np.where((seen | guessed)[:, None], joints, _stand_in(joints))
    return Pose(places, seen | guessed, behind, names)


def body_frame(detection: Detection, mask: np.ndarray) -> tuple[float, float, float]:
    """(left, top, side) of the square frame, in pixels of the photo; it may reach beyond the photo.

    The side fits the body's box, and is never smaller than a standing body of the same torso needs: a half body keeps the
    scale of a whole one, with room below for the legs.
    """
    low, high = _body_box(detection, mask)
    side = max(float((high - low).max()) * MARGIN, TORSOS_IN_FRAME * _torso(detection))
    centre = (low + high) / 2
    left, top = centre - side / 2
    legs_missing = not detection.placed[[INDEX["lankle"], INDEX["rankle"]]].any()
    if legs_missing and float(high[1] - low[1]) * MARGIN < side:
        top = float(low[1]) - TOP_MARGIN * side
    return float(left), float(top), side


def whole_frame(photo: np.ndarray) -> tuple[float, float, float]:
    """(left, top, side) of the square that the whole photo is centred in."""
    height, width = photo.shape[:2]
    side = max(height, width)
    return (width - side) / 2, (height - side) / 2, float(side)


def _body_box(detection: Detection, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the box around the visible joints and the part of the mask that belongs to them."""
    seen = detection.joints[detection.placed]
    reach = 0.5 * _torso(detection)
    low, high = seen.min(axis=0) - reach, seen.max(axis=0) + reach
    rows, columns = np.nonzero(mask > 0.5)
    if len(rows):
        low = np.maximum(low, [columns.min(), rows.min()])
        high = np.minimum(high, [columns.max() + 1, rows.max() + 1])
    return np.minimum(low, seen.min(axis=0)), np.maximum(high, seen.max(axis=0))


def _torso(detection: Detection) -> float:
    """Pixels of the photo."""
    return max(torso_length(detection.joints), 1.0)


def _stand_in(joints: np.ndarray) -> np.ndarray:
    """Where a missing joint is offered for restoring: its estimate if that lies in the frame, else its usual place."""
    inside = (np.abs(joints - 0.5) <= 0.5).all(axis=1, keepdims=True)
    return np.where(inside, joints, Pose.default().joints)
