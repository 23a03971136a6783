"""In-plane normalisation (section 3.2 of the paper): where each body part's upright crop lies in the frame, and back.

A *layout* names the parts. `authors` are the eight perspective crops of the published code. `body` has twelve: shins and
feet are added, hands belong to the forearms, and every crop is a parallelogram whose width follows the body, so that its
transform is affine, stays finite while a joint is dragged, and can be inverted to put a part's map back on the body.
Two more are for ablations, and differ from `body` in what is in the crops: `whole` has the whole picture in each, `blank`
nothing at all.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from vunet.pose.anatomy import LIMBS, OTHER_SIDE, PARTS, direction, normal, torso_axis
from vunet.pose.apparent_size import apparent_limb, foot_ahead, foot_stretch, head_stretch, whole_torso_length
from vunet.pose.axes import head_place
from vunet.pose.joints import TORSO
from vunet.pose.skeleton import Pose

Layout = Literal["authors", "body", "whole", "blank"]
Quad = np.ndarray  # (4, 2): where the crop's corners (0,0) (0,1) (1,1) (1,0) lie in the frame

UNIT_SQUARE = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float32)
# Sends every point of the frame far outside the crop: a missing part contributes nothing.
NOWHERE = np.array([[0, 0, 9], [0, 0, 9], [0, 0, 1]], np.float32)
PART_NAMES: dict[Layout, tuple[str, ...]] = {"authors": PARTS[:8], "body": PARTS, "whole": PARTS, "blank": PARTS}
TOES = 0.06  # torso lengths that a foot's crop lies ahead of the ankle
FLAT = 1e-12  # determinant below which a transform has no inverse
REMEMBERED = 64  # poses whose quads are kept: one picture asks for them several times


@lru_cache(maxsize=REMEMBERED)
def part_quads(pose: Pose, layout: Layout, frame: int = 256) -> tuple[Quad | None, ...]:
    """The corners of each part's crop in frame fractions, None where a joint it needs is missing; not to be changed.

    frame: the frame's size in pixels; only the authors' stand-in for a missing knee depends on it.
    """
    return tuple(_authors_quads(pose, frame) if layout == "authors" else _body_quads(pose))


def part_transforms(pose: Pose, layout: Layout) -> np.ndarray:
    """(P, 3, 3) float32: homographies that take frame coordinates (x, y, 1) in [0, 1] to crop coordinates in [0, 1]."""
    quads = part_quads(pose, layout)
    return np.stack([NOWHERE if q is None else _transform(q, UNIT_SQUARE, layout) for q in quads]).astype(np.float32)


def crop_maps(pose: Pose, layout: Layout, frame: int) -> np.ndarray:
    """(P, 3, 3): from crop coordinates (x, y, 1) in [0, 1] to frame coordinates; `NOWHERE` for missing parts.

    frame: as for `part_quads`.
    """
    quads = _crop_quads(frame, pose, layout)
    return np.stack([NOWHERE if quad is None else _inverse(_transform(quad, UNIT_SQUARE, layout)) for quad in quads])


def hidden_parts(pose: Pose, layout: Layout) -> np.ndarray:
    """(P,) bool: the parts that a joint is missing of."""
    return np.array([quad is None for quad in part_quads(pose, layout)])


def unseen_parts(pose: Pose, layout: Layout) -> np.ndarray:
    """(P,) bool: the parts that are hidden on both sides, so that none can stand in."""
    hidden = hidden_parts(pose, layout)
    return hidden & hidden[OTHER_SIDE[: len(hidden)]]


def stand_ins(hidden: np.ndarray, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """For parts of which some are hidden (P,): the part that each is read from, its other side's being mirrored, and
    whether there is none.

    Sleeves, trouser legs and shoes come in pairs: an arm behind the back looks like the one that is seen.
    """
    chosen = np.arange(len(hidden))
    if layout in ("whole", "blank"):
        return chosen, np.full(len(hidden), layout == "blank")
    if layout == "body":
        other = np.array(OTHER_SIDE)
        chosen = np.where(hidden & ~hidden[other], other, chosen)
    return chosen, hidden[chosen]


def _crop_quads(frame: int, pose: Pose, layout: Layout) -> tuple[Quad | None, ...]:
    if layout == "whole":
        return (UNIT_SQUARE,) * len(PARTS)
    if layout == "blank":
        return (None,) * len(PARTS)
    return part_quads(pose, layout, frame)


def _transform(source: Quad, target: np.ndarray, layout: Layout) -> np.ndarray:
    """Affine to the last digit but for the authors' layout, whose quads may have any shape."""
    source, target = source.astype(np.float32), target.astype(np.float32)
    if layout == "authors":
        matrix = cv2.getPerspectiveTransform(source, target)
    else:
        matrix = np.vstack([cv2.getAffineTransform(source[:3], target[:3]), [0, 0, 1]])
    return matrix if np.isfinite(matrix).all() else NOWHERE


def _inverse(matrix: np.ndarray) -> np.ndarray:
    """`NOWHERE` for a flat quad, which has none."""
    return np.linalg.inv(matrix) if abs(np.linalg.det(matrix)) > FLAT else NOWHERE


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
    up = normal(right - left)
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
    half = aspect / 2 * normal(b - a)
    return np.array([a + half, a - half, b - half, b + half])


# --- the twelve of layout `body` ---------------------------------------------------------------------------------


def _body_quads(pose: Pose) -> list[Quad | None]:
    if not pose.usable():
        return [None] * len(PARTS)
    up, scale = torso_axis(pose)[0], whole_torso_length(pose)
    return [_body_quad(name, pose, up, scale) for name in PARTS]


def _body_quad(name: str, pose: Pose, up: np.ndarray, scale: float) -> Quad | None:
    if name == "torso":
        return _torso_quad(pose, up, scale)
    if name == "head":
        return _head_quad(pose, scale)
    side, kind = name[0], name[1:]
    return _foot_quad(pose, side, up, scale) if kind == "foot" else _limb_quad(pose, side, kind, up, scale)


def _torso_quad(pose: Pose, up: np.ndarray, scale: float) -> Quad:
    centre = np.mean([pose.xy(n) for n in TORSO], axis=0)
    across = (pose.xy("lshoulder") - pose.xy("rshoulder") + pose.xy("lhip") - pose.xy("rhip")) / 2
    width = max(1.55 * float(np.linalg.norm(across)), 0.75 * scale)
    spine = max(float(np.linalg.norm(pose.xy("neck") - centre)) * 2, 0.3 * scale)
    return _parallelogram(centre, _upright(across, up) * width, -up * 1.30 * spine)


def _upright(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """The direction of `across`, kept at 30 degrees or more from the spine: a twisted body must not fold its crop flat."""
    side, along = -normal(up), across @ up
    out = float(across @ side)
    out = np.copysign(max(abs(out), 0.577 * abs(float(along)), 1e-3), out)
    return direction(out * side + along * up, side)


def _head_quad(pose: Pose, scale: float) -> Quad | None:
    """A square of one torso length around the head; hair is in it, and the collar."""
    if not pose.has("cnose"):
        return None
    middle, tilt = head_place(pose)
    centre = middle + 0.05 * scale * tilt
    deeper = head_stretch(pose) * scale
    return _parallelogram(centre, deeper @ -normal(tilt), deeper @ -tilt)


def _limb_quad(pose: Pose, side: str, kind: str, up: np.ndarray, scale: float) -> Quad | None:
    limb = LIMBS[kind]
    if not pose.has(side + limb.start, side + limb.end):
        return None
    a, b = pose.xy(side + limb.start), pose.xy(side + limb.end)
    width, before, after = (length * scale for length in limb.crop)
    along = direction(b - a, -up)
    seen = apparent_limb(pose, side + kind, along)
    a, b = (end + far * along + scale * seen.shift for end, far in ((a, -before), (b, after)))
    return _parallelogram((a + b) / 2, -normal(-along) * width * seen.width, b - a)


def _foot_quad(pose: Pose, side: str, up: np.ndarray, scale: float) -> Quad | None:
    if not pose.has(side + "ankle"):
        return None
    ankle = pose.xy(side + "ankle")
    along = direction(ankle - pose.xy(side + "knee"), -up) if pose.has(side + "knee") else -up
    centre = ankle + 0.14 * scale * along + TOES * scale * foot_ahead(pose, side)
    longer = foot_stretch(pose, side) * 0.5 * scale
    return _parallelogram(centre, longer @ -normal(-along), longer @ along)


def _parallelogram(centre: np.ndarray, across: np.ndarray, down: np.ndarray) -> Quad:
    """Corners of a crop whose x axis is `across` and whose y axis is `down`, both full lengths."""
    origin = centre - across / 2 - down / 2
    return np.array([origin, origin + down, origin + down + across, origin + across])
