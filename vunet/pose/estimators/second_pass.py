"""Looks again where an estimator finds nobody, or somebody tiny: in squares of the photo, with more contrast, turned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vunet.pose.estimators.detection import Detection, Estimator
from vunet.pose.joints import INDEX, TORSO

TINY = 0.2  # of the photo's shorter side: estimators see a photo at about 220 pixels
LONG = 1.5  # longer side over shorter: beyond it squares of the shorter side are looked at
VERY_LONG = 2.5  # beyond it they are looked at even if the whole photo shows somebody
RIM = 0.25  # of the shorter side, added around a photo whose person fills it
SMALLEST = 120  # pixels of a square's side
AROUND = 1.6  # side of the square in which a found person is looked at once more, over the person's extent
CLIP, TILES = 3.0, (8, 8)  # of the contrast-limited histogram equalisation (CLAHE)


@dataclass(frozen=True)
class View:
    """A picture made of a photo. matrix: (2, 3), takes its (x, y) pixels to those of the photo."""

    picture: np.ndarray
    matrix: np.ndarray

    def to_photo(self, person: Detection, shape: tuple[int, ...]) -> Detection:
        """A detection in this view as one in the photo of (H, W)."""
        joints = person.joints @ self.matrix[:, :2].T + self.matrix[:, 2]
        mask = person.mask
        if mask is not None:
            mask = cv2.warpAffine(mask, self.matrix, (shape[1], shape[0]), flags=cv2.INTER_LINEAR)
        return replace(person, joints=joints.astype(np.float32), mask=mask)


class SecondPassEstimator:
    """An estimator that looks again, a pass after the other, until somebody usable is found."""

    def __init__(self, estimator: Estimator) -> None:
        self.name, self._estimator = estimator.name, estimator

    def detect(self, photo: np.ndarray) -> list[Detection]:
        """See `Estimator.detect`. What a later pass finds is preferred to somebody tiny or cut off of the first."""
        first = self._estimator.detect(photo)
        usable = [p for p in first if p.usable]
        if not _very_long(photo) and any(p.extent >= TINY * min(photo.shape[:2]) for p in usable):
            return first
        for views in _passes(photo):
            found = [p for view in views for p in self._in(view, photo)]
            confirmed = [q for p in _apart(found + usable) if (q := self._closer(photo, p)) is not None]
            if confirmed:
                return confirmed
        return first

    def _in(self, view: View, photo: np.ndarray) -> list[Detection]:
        people = [view.to_photo(p, photo.shape) for p in self._estimator.detect(view.picture)]
        return [p for p in people if p.usable]

    def _closer(self, photo: np.ndarray, person: Detection) -> Detection | None:
        """The person once more, seen in a square of its own; None if nobody is found there: it was a pattern."""
        centre, side = _middle(person), int(AROUND * person.extent)
        if side >= min(photo.shape[:2]):
            return person
        left, top = (int(np.clip(c - side / 2, 0, n - side)) for c, n in zip(centre, photo.shape[1::-1], strict=True))
        again = [p for p in self._in(_square(photo, left, top, side), photo) if _same(p, person)]
        return max(again, key=_clarity, default=None)


def _very_long(photo: np.ndarray) -> bool:
    return max(photo.shape[:2]) >= VERY_LONG * min(photo.shape[:2])


def _passes(photo: np.ndarray) -> Iterator[list[View]]:
    """Views to look at, what helps most often first."""
    short, long = sorted(photo.shape[:2])
    if long >= LONG * short and short >= SMALLEST:
        yield _squares(photo, short)
    yield [_with_contrast(photo), _tinted(photo), _with_rim(photo)]
    for divisor in (2, 3):
        if short // divisor >= SMALLEST:
            yield _squares(photo, short // divisor)
    yield [_turned(photo, quarters) for quarters in (2, 1, 3)]


def _squares(photo: np.ndarray, side: int) -> list[View]:
    """Squares that overlap by half and reach all edges."""
    tops, lefts = (_starts(length, side) for length in photo.shape[:2])
    return [_square(photo, left, top, side) for top in tops for left in lefts]


def _starts(length: int, side: int) -> list[int]:
    count = max(1, int(np.ceil((length - side) / (side / 2))) + 1)
    return np.linspace(0, length - side, count).round().astype(int).tolist()


def _square(photo: np.ndarray, left: int, top: int, side: int) -> View:
    return View(photo[top : top + side, left : left + side], np.array([[1.0, 0, left], [0, 1.0, top]]))


def _with_contrast(photo: np.ndarray) -> View:
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(CLIP, TILES).apply(np.ascontiguousarray(lab[..., 0]))
    return View(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.eye(2, 3))


def _tinted(photo: np.ndarray) -> View:
    """Grey from black through skin colours to white: estimators have seen few people in grey."""
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    return View(cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_PINK), cv2.COLOR_BGR2RGB), np.eye(2, 3))


def _with_rim(photo: np.ndarray) -> View:
    rim = int(RIM * min(photo.shape[:2]))
    wider = cv2.copyMakeBorder(photo, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
    return View(wider, np.array([[1.0, 0, -rim], [0, 1.0, -rim]]))


def _turned(photo: np.ndarray, quarters: int) -> View:
    """The photo, turned by quarters of a circle, anticlockwise."""
    height, width = photo.shape[:2]
    back = {
        1: [[0.0, -1, width - 1], [1, 0, 0]],
        2: [[-1.0, 0, width - 1], [0, -1, height - 1]],
        3: [[0.0, 1, 0], [-1, 0, height - 1]],
    }
    return View(np.ascontiguousarray(np.rot90(photo, quarters)), np.array(back[quarters]))


def _apart(people: list[Detection]) -> list[Detection]:
    """Each person once, the clearest first: overlapping squares find the same one several times."""
    kept: list[Detection] = []
    for person in sorted(people, key=_clarity, reverse=True):
        if not any(_same(person, other) for other in kept):
            kept.append(person)
    return kept


def _same(person: Detection, other: Detection) -> bool:
    """Their torsos are in the same place."""
    return bool(np.linalg.norm(_middle(person) - _middle(other)) <= 0.3 * other.extent)


def _clarity(person: Detection) -> tuple[int, float]:
    """Somebody whole is clearer than somebody whom a square cuts off."""
    return int(person.visible.sum()), person.extent


def _middle(person: Detection) -> np.ndarray:
    """Middle of the torso, (x, y)."""
    return person.joints[[INDEX[name] for name in TORSO]].mean(axis=0)
