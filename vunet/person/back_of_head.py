"""The back of a head, made from its front: hair where the face is. What else is behind nobody knows."""

from __future__ import annotations

import cv2
import numpy as np

from vunet.person.crops import cut_quad
from vunet.person.ground import lift
from vunet.person.parts import part_quads
from vunet.pose.anatomy import PARTS, torso_axis
from vunet.pose.skeleton import Pose

HEAD = PARTS.index("head")
NOSE = (0.5, 0.55)  # where a head's crop has it
WIDTH, ABOVE, BELOW = 0.45, 0.62, 0.55  # of the face, about the nose, in distances from neck to nose: half its width
CROWN = 0.7  # of a face's upper half: what is higher is the crown
RIM = 1.35  # how far around the face hair is looked for, in its own size
USUAL = 80  # per cent of those pixels that are taken: some are earrings, glasses, collars
FEWEST = 0.001  # of the crop's pixels; with less hair there is nothing to go by
OPAQUE = 200
SKIN = 0.5  # of the face about the nose: skin
SKIN_LIKE = 90  # grey levels, added up over the colours, from which something is not skin
AROUND = 1.6  # in the face's size: forehead, temples and ears, whose skin is covered too
MANY = 0.1  # share of the pixels around a face that are enough hair
STRENGTH = 0.7  # of strands over the face, relative to those above it
SHADE = 0.1  # of the hair's brightness, by which made-up strands differ
FINE, COARSE = 0.008, 0.03  # widths of made-up strands, in crops
SOFT = 0.1  # width of the face's blurred edge, in its own size


def back_of_head(picture: np.ndarray, pose: Pose, size: int) -> np.ndarray | None:
    """The head's crop (size, size, 4) of a rendered person (S, S, 3) uint8, with hair over the face; None without hair."""
    head = cut_quad(lift(picture), part_quads(pose, "body")[HEAD], size)
    hair = without_face(head, pose)
    return None if hair is head else hair


def without_face(head: np.ndarray, pose: Pose) -> np.ndarray:
    """A head's crop (s, s, 4) uint8, RGB and opacity, of layout `body`, with hair over the face; the crop itself where no
    hair is seen. pose: where it was cut."""
    face, below, crown = _face(len(head), pose)
    hair = (face > 1) & (face < RIM) & (head[..., 3] > OPAQUE) & ~below
    if hair.sum() < FEWEST * hair.size:
        return head
    colours = head[..., :3].astype(np.float32)
    like_skin = np.abs(colours - np.median(colours[face < SKIN], axis=0)).sum(axis=2) < SKIN_LIKE
    if (hair & ~like_skin).sum() > MANY * hair.sum():
        hair &= ~like_skin
    elif (hair & crown).sum() > MANY * hair.sum():  # light hair is like skin; above the forehead there is no skin
        hair &= crown
    unlike = np.abs(colours - np.median(colours[hair], axis=0)).sum(axis=2)
    hair &= unlike <= np.percentile(unlike[hair], USUAL)
    cover = _spread(colours, hair) + _strands(colours, hair, face < 1)
    cover *= 1 + SHADE * _streaks(len(head))[..., None]
    beside = cv2.GaussianBlur((like_skin & (face < AROUND)).astype(np.float32), (0, 0), SOFT * len(head) / 8)
    soft = np.maximum(np.clip((1 + SOFT - face) / (2 * SOFT), 0, 1), beside * ~below)[..., None]
    covered = colours + soft * (cover - colours)
    return np.dstack([covered.clip(0, 255).round().astype(np.uint8), head[..., 3]])


def _face(size: int, pose: Pose) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each pixel of a head's crop, (s, s): its distance from the nose in the face's size; whether it is below the nose,
    where hair ends and necks begin; whether it is above the temples."""
    length = float(np.linalg.norm(pose.xy("cnose") - pose.xy("neck"))) / torso_axis(pose)[1]
    y, x = (np.mgrid[:size, :size].astype(np.float32) + 0.5) / size
    across, down = (x - NOSE[0]) / (WIDTH * length), (y - NOSE[1]) / length
    return np.hypot(across, np.where(down < 0, down / ABOVE, down / BELOW)), down > 0.1, down < -CROWN * ABOVE


def _spread(colours: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Smooth colours (s, s, 3) float32 that go on from the known pixels (s, s): means over ever larger squares."""
    size = known.shape[::-1]
    weight = known.astype(np.float32)
    sums = colours * weight[..., None]
    if min(size) <= 2:
        return sums / np.maximum(weight, 1e-6)[..., None]
    half = (size[0] // 2, size[1] // 2)
    coarse, there = (cv2.resize(each, half, interpolation=cv2.INTER_AREA) for each in (sums, weight))
    means = coarse / np.maximum(there, 1e-6)[..., None]
    wide = cv2.resize(_spread(means, there > 0), size, interpolation=cv2.INTER_LINEAR)
    return np.where(known[..., None], colours, wide)


def _streaks(size: int) -> np.ndarray:
    """Made-up strands, (size, size), about 0 with a standard deviation of 1: they fall, and fan out from the crown."""
    rng = np.random.default_rng(0)
    y, x = (np.mgrid[:size, :size].astype(np.float32) + 0.5) / size
    fanned = NOSE[0] + (x - NOSE[0]) / (0.6 + 0.6 * y)
    made = np.zeros((size, size), np.float32)
    for width in (FINE, COARSE):
        noise = cv2.GaussianBlur(rng.normal(size=(size, size)).astype(np.float32), (0, 0), width * size, sigmaY=size / 4)
        strands = cv2.remap(noise, fanned * size - 0.5, y * size - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        made += strands / strands.std()
    return made / made.std()


def _strands(colours: np.ndarray, hair: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The hair's fine structure above the face, drawn down over it: (s, s, 3), zero elsewhere."""
    strands = np.zeros_like(colours)
    left, top, width, height = cv2.boundingRect(face.astype(np.uint8))
    crown = hair[:top, left : left + width]
    rows = np.flatnonzero(crown.mean(axis=1) > 0.5)
    if len(rows):
        fine = (colours - cv2.GaussianBlur(colours, (0, 0), len(colours) / 40))[: len(crown), left : left + width]
        fine = np.where(crown[..., None], fine, 0)[rows]
        strands[top : top + height, left : left + width] = STRENGTH * cv2.resize(fine, (width, height))
    return strands
