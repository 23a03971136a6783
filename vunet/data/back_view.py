"""People as seen from behind: no street photo shows one, and a stickman whose sides are swapped asks for one.

From behind, an outline is the mirror image of what it is from the front, with left and right where they were on the body;
and there is hair where the face was. What the back of the clothes looks like nobody knows: it stays as the front is.
"""

from __future__ import annotations

import cv2
import numpy as np

from vunet.data.framed_person import Framed
from vunet.pose.joints import INDEX
from vunet.pose.skeleton import Pose

# In distances from neck to nose, about the nose.
WIDTH, ABOVE, BELOW = 0.45, 0.62, 0.50  # of the face: half its width, its forehead, its chin
REACH = 1.4  # how far above the nose the crown of a head may be
LEAST = 3  # pixels of hair above the forehead; with less there is nothing to go by
EYES = ("reye", "leye")


def back_view(person: Framed, eyes: bool) -> Framed:
    """The person's back, or the same person where no hair is seen. eyes: whether the pose still says where they would be,
    as estimators do."""
    hair = _hair(person)
    if hair is None:
        return person
    frame = cv2.flip(_without_face(person, hair), 1)
    joints, visible = person.pose.joints.copy(), person.pose.visible.copy()
    joints[:, 0] = 1 - joints[:, 0]
    visible[[INDEX[name] for name in EYES]] &= eyes
    return Framed(frame, cv2.flip(np.ascontiguousarray(person.mask), 1), Pose(joints, visible))


def _hair(person: Framed) -> np.ndarray | None:
    """The crown of the head, (h, w, 3) uint8, w the face's width, near its median colour: highlights would streak."""
    if not person.pose.has("cnose", "lshoulder", "rshoulder"):
        return None
    left, right, forehead, _ = _face(person)
    if not 0 <= left < right <= len(person.mask) or not forehead:
        return None
    reach = int(REACH / ABOVE * (_nose(person)[1] - forehead))
    above = slice(max(0, forehead - reach), forehead)
    seen = cv2.erode(person.mask[above, left:right], np.ones((3, 3), np.uint8)) > 200
    rows = seen.any(axis=1)
    if rows.sum() < LEAST:
        return None
    crown, seen = person.frame[above, left:right][rows], seen[rows]
    usual = np.median(crown[seen], axis=0)
    return np.where(seen[..., None], (crown + usual) / 2, usual).astype(np.uint8)


def _without_face(person: Framed, hair: np.ndarray) -> np.ndarray:
    """The frame with the crown's hair drawn down over the face."""
    left, right, forehead, chin = _face(person)
    frame = np.ascontiguousarray(person.frame)
    chin = min(chin, len(frame))
    cover = frame.copy()
    cover[forehead:chin, left:right] = cv2.resize(hair, (right - left, chin - forehead), interpolation=cv2.INTER_LINEAR)
    ellipse = np.zeros(frame.shape[:2], np.float32)
    middle, half = ((left + right) // 2, (forehead + chin) // 2), ((right - left) // 2, (chin - forehead) // 2)
    cv2.ellipse(ellipse, middle, half, 0, 0, 360, 1.0, cv2.FILLED)
    soft = cv2.GaussianBlur(ellipse, (0, 0), 1.2)[..., None]
    return (frame + soft * (cover.astype(np.float32) - frame)).round().astype(np.uint8)


def _face(person: Framed) -> tuple[int, int, int, int]:
    """Left, right, forehead and chin in pixels; heads of street photos are upright."""
    x, y = _nose(person)
    length = float(np.linalg.norm(person.pose.xy("cnose") - person.pose.xy("neck"))) * len(person.mask)
    left, right = round(x - WIDTH * length), round(x + WIDTH * length)
    return left, right, max(0, round(y - ABOVE * length)), round(y + BELOW * length)


def _nose(person: Framed) -> np.ndarray:
    return person.pose.xy("cnose") * len(person.mask)
