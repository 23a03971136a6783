"""In-plane normalisation: every body part brought into its own upright crop (section 3.2 of the paper), and back.

A *layout* names the parts. `authors` are the eight perspective crops of the published code. `body` has twelve: shins and
feet are added, hands belong to the forearms, and every crop is a parallelogram whose width follows the body, so that its
transform is affine, stays finite while a joint is dragged, and can be inverted to put a part's map back on the body.
Two more are for ablations, and differ from `body` in what is in the crops: `whole` has the whole picture in each, `blank`
nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import cv2
import numpy as np

from vunet.pose.joints import other_side
from vunet.pose.skeleton import Pose

Layout = Literal["authors", "body", "whole", "blank"]
Quad = np.ndarray  # (4, 2): where the crop's corners (0,0) (0,1) (1,1) (1,0) lie in the frame

UNIT_SQUARE = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32)
# Sends every point of the frame far outside the crop: a missing part contributes nothing.
NOWHERE = np.array([[0, 0, 9], [0, 0, 9], [0, 0, 1]], np.float32)

_AUTHORS = ("torso", "head", "lupperarm", "lforearm", "rupperarm", "rforearm", "lthigh", "rthigh")
_BODY = (*_AUTHORS, "lshin", "rshin", "lfoot", "rfoot")
PART_NAMES: dict[Layout, tuple[str, ...]] = {"authors": _AUTHORS, "body": _BODY, "whole": _BODY, "blank": _BODY}
# The index of each part's counterpart; head and torso are their own.
OTHER_SIDE = [_BODY.index(other_side(name)) for name in _BODY]
PART_GROUPS = {
    "head": ("head",),
    "torso": ("torso", "lupperarm", "lforearm", "rupperarm", "rforearm"),
    "legs": ("lthigh", "rthigh", "lshin", "rshin"),
    "shoes": ("lfoot", "rfoot"),
}


def part_quads(pose: Pose, layout: Layout, frame: int = 256) -> list[Quad | None]:
    """The corners of each part's crop in frame fractions, None where a joint it needs is missing.

    frame: the frame's size in pixels; only the authors' stand-in for a missing knee depends on it.
    """
    return _authors_quads(pose, frame) if layout == "authors" else _body_quads(pose)


def part_transforms(pose: Pose, layout: Layout) -> np.ndarray:
    """(P, 3, 3) float32: homographies that take frame coordinates (x, y, 1) in [0, 1] to crop coordinates in [0, 1]."""
    return np.stack([NOWHERE if q is None else _transform(q, UNIT_SQUARE, layout) for q in part_quads(pose, layout)])


def crop_parts(image: np.ndarray, pose: Pose, layout: Layout, size: int) -> np.ndarray:
    """The body-part crops of a square picture, (P, size, size, 3), in the picture's dtype and range.

    image: (S, S, 3) uint8, or float in [-1, 1]. A missing part is middle grey, 0 on the [-1, 1] scale, as in the published
    code.
    """
    blank = np.full((size, size, 3), _grey(image), image.dtype)
    return np.stack([blank if q is None else _crop(image, q, size, layout) for q in _crop_quads(len(image), pose, layout)])


def seen_parts(image: np.ndarray, pose: Pose, layout: Layout, size: int) -> np.ndarray:
    """What F reads of a picture: `crop_parts`, and hidden limbs as their other side has them (`completed`)."""
    return completed(crop_parts(image, pose, layout, size), hidden_parts(pose, layout), layout)


def hidden_parts(pose: Pose, layout: Layout) -> np.ndarray:
    """(P,) bool: the parts that a joint is missing of."""
    return np.array([quad is None for quad in part_quads(pose, layout)])


def unseen_parts(pose: Pose, layout: Layout) -> np.ndarray:
    """(P,) bool: the parts that are hidden on both sides, so that none can stand in."""
    hidden = hidden_parts(pose, layout)
    return hidden & hidden[OTHER_SIDE[: len(hidden)]]


def completed(crops: np.ndarray, hidden: np.ndarray, layout: Layout) -> np.ndarray:
    """A copy of crops (P, s, s, 3) whose hidden parts (P,) are grey or, in layout `body`, their other side's mirror images.

    Sleeves, trouser legs and shoes come in pairs: an arm behind the back looks like the one that is seen.
    """
    chosen, missing = stand_ins(hidden, layout)
    crops, seen = crops[chosen], crops
    for part in np.flatnonzero(chosen != np.arange(len(chosen))):
        crops[part] = seen[chosen[part]][:, ::-1]
    crops[missing] = _grey(crops)
    return crops


def stand_ins(hidden: np.ndarray, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """For parts of which some are hidden (P,): the part that each is read from, its other side's being mirrored, and
    whether there is none."""
    chosen = np.arange(len(hidden))
    if layout in ("whole", "blank"):
        return chosen, np.full(len(hidden), layout == "blank")
    if layout == "body":
        other = np.array(OTHER_SIDE)
        chosen = np.where(hidden & ~hidden[other], other, chosen)
    return chosen, hidden[chosen]


def crop_maps(pose: Pose, layout: Layout, frame: int) -> np.ndarray:
    """(P, 3, 3) float32: from crop coordinates (x, y, 1) in [0, 1] to frame coordinates; `NOWHERE` for missing parts.

    frame: as for `part_quads`.
    """
    quads = _crop_quads(frame, pose, layout)
    return np.stack([NOWHERE if quad is None else _transform(UNIT_SQUARE, quad, layout) for quad in quads])


def _grey(image: np.ndarray) -> int:
    return 128 if image.dtype == np.uint8 else 0


def _crop_quads(frame: int, pose: Pose, layout: Layout) -> list[Quad | None]:
    if layout == "whole":
        return [UNIT_SQUARE] * len(_BODY)
    if layout == "blank":
        return [None] * len(_BODY)
    return part_quads(pose, layout, frame)


def _crop(image: np.ndarray, quad: Quad, size: int, layout: Layout) -> np.ndarray:
    matrix = _transform(quad * image.shape[0], UNIT_SQUARE * size, layout)
    return cv2.warpPerspective(image, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE)


def _transform(source: Quad, target: np.ndarray, layout: Layout) -> np.ndarray:
    """Affine to the last digit but for the authors' layout, whose quads may have any shape."""
    source, target = source.astype(np.float32), target.astype(np.float32)
    if layout == "authors":
        matrix = cv2.getPerspectiveTransform(source, target)
    else:
        matrix = np.vstack([cv2.getAffineTransform(source[:3], target[:3]), [0, 0, 1]])
    return matrix.astype(np.float32) if np.isfinite(matrix).all() else NOWHERE


# --- the authors' eight -------------------------------------------------------------------------------------------------


def _authors_quads(pose: Pose, frame: int) -> list[Quad | None]:
    limbs = [("lshoulder", "lelbow"), ("lelbow", "lwrist"), ("rshoulder", "relbow"), ("relbow", "rwrist")]
    arms = [_strip(pose.xy(a), pose.xy(b), 0.5) if pose.has(a, b) else None for a, b in limbs]
    return [_authors_torso(pose), _authors_head(pose), *arms, *(_authors_thigh(pose, s, frame) for s in "lr")]


def _authors_torso(pose: Pose) -> Quad | None:
    names = ("lshoulder", "lhip", "rhip", "rshoulder")
    return np.array([pose.xy(n) for n in names]) if pose.has(*names) else None


def _authors_head(pose: Pose) -> Quad | None:
    """From the neck to twice the way to the nose; without a nose, a square on top of the shoulders."""
    if not pose.has("lshoulder", "rshoulder"):
        return None
    left, right, neck = pose.xy("lshoulder"), pose.xy("rshoulder"), pose.xy("neck")
    if pose.has("cnose"):
        return np.roll(_strip(neck + 2 * (pose.xy("cnose") - neck), neck, 1.0), -1, axis=0)
    up = _normal(right - left)
    up = -up if up[1] > 0 else up
    return np.array([left + up, left, right, right + up])


def _authors_thigh(pose: Pose, side: str, frame: int) -> Quad | None:
    """Hip to knee; without a knee, from the hip straight down to the last row of the frame."""
    hip, knee = side + "hip", side + "knee"
    if not pose.has(hip):
        return None
    end = pose.xy(knee) if pose.has(knee) else np.array([pose.xy(hip)[0], 1 - 1 / frame])
    return _strip(pose.xy(hip), end, 0.5)


def _strip(a: np.ndarray, b: np.ndarray, aspect: float) -> Quad:
    half = aspect / 2 * _normal(b - a)
    return np.array([a + half, a - half, b - half, b + half])


def _normal(segment: np.ndarray) -> np.ndarray:
    return np.array([-segment[1], segment[0]])


# --- the twelve of layout `body` ---------------------------------------------------------------------------------

# part: (from, to, width, length added before and after), all in torso lengths
_LIMBS: dict[str, tuple[str, str, float, float, float]] = {
    "upperarm": ("shoulder", "elbow", 0.50, 0.14, 0.10),
    "forearm": ("elbow", "wrist", 0.46, 0.10, 0.38),
    "thigh": ("hip", "knee", 0.72, 0.16, 0.08),
    "shin": ("knee", "ankle", 0.52, 0.08, 0.10),
}


def _body_quads(pose: Pose) -> list[Quad | None]:
    if not pose.usable():
        return [None] * len(PART_NAMES["body"])
    up, scale = torso_axis(pose)
    special: dict[str, Callable[[], Quad | None]] = {
        "torso": lambda: _torso_quad(pose, up, scale),
        "head": lambda: _head_quad(pose, up, scale),
    }
    return [
        special[name]() if name in special else _limb_quad(pose, name[0], name[1:], up, scale)
        for name in PART_NAMES["body"]
    ]


def torso_axis(pose: Pose) -> tuple[np.ndarray, float]:
    """Unit vector from the hips to the neck, and the torso length that all widths are measured in."""
    spine = pose.xy("neck") - (pose.xy("lhip") + pose.xy("rhip")) / 2
    shoulders = float(np.linalg.norm(pose.xy("lshoulder") - pose.xy("rshoulder")))
    # A body bent towards the viewer has a short spine but keeps its shoulders' width.
    scale = max(float(np.linalg.norm(spine)), 1.2 * shoulders, 0.02)
    return _direction(spine, np.array([0.0, -1.0])), scale


def facing(pose: Pose) -> float:
    """The torso's width in torso lengths: 0.3 to 0.5 from the front, 0 in profile, negative from behind."""
    up, scale = torso_axis(pose)
    across = pose.xy("lshoulder") - pose.xy("rshoulder") + pose.xy("lhip") - pose.xy("rhip")
    return float(across @ _normal(up)) / (2 * scale)


def _torso_quad(pose: Pose, up: np.ndarray, scale: float) -> Quad:
    centre = np.mean([pose.xy(n) for n in ("lshoulder", "rshoulder", "lhip", "rhip")], axis=0)
    across = (pose.xy("lshoulder") - pose.xy("rshoulder") + pose.xy("lhip") - pose.xy("rhip")) / 2
    width = max(1.55 * float(np.linalg.norm(across)), 0.75 * scale)
    spine = max(float(np.linalg.norm(pose.xy("neck") - centre)) * 2, 0.3 * scale)
    return _parallelogram(centre, _upright(across, up) * width, -up * 1.30 * spine)


def _upright(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """The direction of `across`, kept at 30 degrees or more from the spine: a twisted body must not fold its crop flat."""
    side, along = -_normal(up), across @ up
    out = float(across @ side)
    out = np.copysign(max(abs(out), 0.577 * abs(float(along)), 1e-3), out)
    return _direction(out * side + along * up, side)


def _head_quad(pose: Pose, up: np.ndarray, scale: float) -> Quad | None:
    """A square of one torso length around the nose; hair is in it, and the collar."""
    if not pose.has("cnose"):
        return None
    tilt = _direction(pose.xy("cnose") - pose.xy("neck") + 0.4 * scale * up, up)
    centre = pose.xy("cnose") + 0.05 * scale * tilt
    return _parallelogram(centre, -_normal(tilt) * scale, -tilt * scale)


def _limb_quad(pose: Pose, side: str, part: str, up: np.ndarray, scale: float) -> Quad | None:
    if part == "foot":
        return _foot_quad(pose, side, up, scale)
    start, end, width, before, after = _LIMBS[part]
    if not pose.has(side + start, side + end):
        return None
    a, b = pose.xy(side + start), pose.xy(side + end)
    along = _direction(b - a, -up)
    a, b = a - before * scale * along, b + after * scale * along
    return _parallelogram((a + b) / 2, -_normal(-along) * width * scale, b - a)


def _foot_quad(pose: Pose, side: str, up: np.ndarray, scale: float) -> Quad | None:
    if not pose.has(side + "ankle"):
        return None
    ankle = pose.xy(side + "ankle")
    along = _direction(ankle - pose.xy(side + "knee"), -up) if pose.has(side + "knee") else -up
    return _parallelogram(ankle + 0.14 * scale * along, -_normal(-along) * 0.5 * scale, along * 0.5 * scale)


def _parallelogram(centre: np.ndarray, across: np.ndarray, down: np.ndarray) -> Quad:
    """Corners of a crop whose x axis is `across` and whose y axis is `down`, both full lengths."""
    origin = centre - across / 2 - down / 2
    return np.array([origin, origin + down, origin + down + across, origin + across])


def _direction(vector: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-4 else fallback
