"""Carries a photo's person into another pose: each pixel of the new picture looks up its place in the photo.

Backward skinning: the affine maps of in-plane normalisation (`vunet.person.parts`), from the pose to the photo, weighted by
nearness to the bones (Jacobson and others, "Skinning: Real-time Shape Deformation", SIGGRAPH 2014 courses). In the photo's
own pose it is the photo. Where the maps fold or stretch, opacity ends: the detail network paints there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from vunet.person.cutout import LAYERS, Cutout, layer_of
from vunet.person.ground import BACKGROUND
from vunet.person.layers import Layer, lay
from vunet.person.ownership import distances
from vunet.person.parts import crop_maps, hidden_parts, part_transforms
from vunet.pose.anatomy import PARTS, limb_of, torso_axis
from vunet.pose.body_3d import side_of_trunk
from vunet.pose.mannequin import side_turns, turned_away
from vunet.pose.skeleton import Pose

TORSO = PARTS.index("torso")
REMEMBERED = 64  # poses whose distances are kept
GRID = 64  # places a side at which the maps are mixed
NEAR, POWER = 0.25, 6  # weights are (distance in radii + NEAR) ** -POWER
IN_FRONT = 0.6  # factor of the distance to a leg that the pose puts in front
SMALLEST, LARGEST = 0.4, 2.6  # of the photo for the picture: lengths beyond which a map is no copy
FADE = 0.25  # relative, within which that begins
ASTRAY = (0.2, 0.4)  # torso lengths from which a place that does not lead back fades, and is gone
ASIDE = (20.0, 45.0)  # degrees that a part is turned about itself, from which its copy is less certain, and not at all
BESIDE = 2.5  # radii around an arm's bones beyond which it is not
# A copy is certain where its map hardly differs from a shift: by an angle, a change of size (logarithm), a distortion.
CERTAIN = np.array([12.0, 0.2, 0.1])
UNCERTAIN = np.array([30.0, 0.35, 0.25])
MEMBERS = [np.array([i for i, name in enumerate(PARTS) if layer_of(name) == layer]) for layer in LAYERS]


@dataclass(frozen=True, eq=False)
class Copy:
    """picture: (S, S, 4) uint8, RGB times opacity, and opacity. certain: (GRID, GRID) uint8, 255 where the picture shows
    this and nothing else, 0 where the detail network decides."""

    picture: np.ndarray
    certain: np.ndarray

    def over(self, picture: np.ndarray) -> np.ndarray:
        """The copy, on the plain ground, over a picture (S, S, 3) uint8, where it is certain."""
        size = picture.shape[1::-1]
        there = cv2.resize(self.certain, size, interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
        through = cv2.merge([255 - self.picture[..., 3]] * 3)
        ground = np.full_like(picture, BACKGROUND)
        shown = cv2.add(np.ascontiguousarray(self.picture[..., :3]), cv2.multiply(ground, through, scale=1 / 255))
        return cv2.blendLinear(shown, picture, there, 1 - there)


@dataclass(frozen=True, eq=False)
class _Bones:
    """parts: (B,) numbers in `PARTS`. to_photo: (B, 3, 3), from the new frame to the photo's, in fractions. taken: (B,),
    1 for those that are copied. gone: parts that the photo shows and the pose does not."""

    parts: np.ndarray
    to_photo: np.ndarray
    taken: np.ndarray
    gone: frozenset[int]


@dataclass(frozen=True, eq=False)
class CarriedLayer:
    """One layer of one person in the new frame, (GRID, GRID) each. places: (GRID, GRID, 2), in pixels of the photo's frame.
    opacity, certain: 0 to 1. near: where its bones are, in the new frame or before, 0 to 1."""

    source: Layer
    places: np.ndarray
    opacity: np.ndarray
    certain: np.ndarray
    near: np.ndarray


@dataclass(frozen=True, eq=False)
class CarriedPeople:
    """layers: from behind to the front. certain: as of `Copy`."""

    layers: Sequence[CarriedLayer]
    certain: np.ndarray


NOTHING = CarriedPeople((), np.zeros((GRID, GRID), np.uint8))  # of samples of the prior


def carried(cutouts: Sequence[Cutout], pose: Pose, size: int, sides: bool = True) -> Copy:
    """The layers of cut-out people in a pose, laid over each other; see `carried_layers`."""
    picture, people = np.zeros((size, size, 4), np.uint8), carried_layers(cutouts, pose, sides)
    for layer in people.layers:
        _compose(picture, layer)
    return Copy(picture, people.certain)


def carried_layers(cutouts: Sequence[Cutout], pose: Pose, sides: bool = True) -> CarriedPeople:
    """Where each pixel of a pose's picture lies in the photos of cut-out people.

    sides: whether a pose that is seen from behind shows a person's back, and parts of which it shows the other side than
    that are left out.
    """
    layers, certain = [], np.ones((GRID, GRID), np.float32)
    away = _weighted_distances(pose)
    behind = [sides and bool(turned_away(cutout.pose, pose)[TORSO]) for cutout in cutouts]
    cutouts = [each.from_behind if away else each for each, away in zip(cutouts, behind, strict=True)]
    for layer in _order(pose, any(behind)):
        found = [one for cutout in cutouts if (one := _carry(cutout, layer, pose, away, sides)) is not None]
        layers += found
        certain *= _layer_certainty(found, layer, away)
    return CarriedPeople(layers, (255 * certain).round().astype(np.uint8))


def no_copy(size: int) -> Copy:
    """What samples of the prior have: nothing."""
    return Copy(np.zeros((size, size, 4), np.uint8), NOTHING.certain)


def _order(pose: Pose, from_behind: bool) -> list[int]:
    """Layers from behind to the front: arms before the body unless the pose says otherwise.

    from_behind: whether somebody's back is shown: then the lifted body says it, as what lay before the belly is covered.
    """
    levels = {"front": 2, "behind": -1}
    said = [pose.depth.get(limb) or (side_of_trunk(pose, limb) if from_behind else "") for limb in LAYERS[1:]]
    return sorted(range(len(LAYERS)), key=[0, *(levels.get(side, 1) for side in said)].__getitem__)


def _weighted_distances(pose: Pose) -> np.ndarray:
    """(P, GRID, GRID) in radii; legs that are in front are nearer."""
    factors = [IN_FRONT if pose.depth.get(limb_of(name)) == "front" else 1.0 for name in PARTS]
    return _distances(pose) * np.array(factors, np.float32)[:, None, None]


def _carry(cutout: Cutout, layer: int, pose: Pose, away: np.ndarray, sides: bool) -> CarriedLayer | None:
    """One layer of a cut-out person; None where it has nothing that the pose shows."""
    source, bones = cutout.layers[layer], _bones(cutout, layer, pose, sides)
    if not (source.picture.size and bones.taken.any()):
        return None
    weights, before = _nearness(away[bones.parts]), _distances(cutout.pose)[bones.parts]
    places = _places(weights, bones.to_photo)
    own = _looked_up(_nearness(before), places)
    if layer:  # upper arm or forearm in both poses: no hand stays on the belly that it left. Legs lie too close for that
        weights = np.minimum(weights, own)
    if bones.gone:  # what the pose hides is not shown
        all_before = _nearness(_distances(cutout.pose)[[*bones.parts, *bones.gone]])
        weights = weights * _looked_up(all_before, places)[: len(bones.parts)].sum(axis=0)
    opacity = cutout.strength * np.tensordot(bones.taken, weights, axes=(0, 0)).clip(0, 1)
    opacity = opacity * _returning(own, bones.to_photo, places, torso_axis(pose)[1])
    kept, certain = _faithful(places)
    if sides:
        certain = certain * np.tensordot(_same_side(cutout.pose, pose, bones.parts), weights, axes=(0, 0)).clip(0, 1)
    near = np.minimum(away[bones.parts].min(axis=0), before.min(axis=0))
    return CarriedLayer(source, places * cutout.size, opacity * kept, opacity * certain, (BESIDE - near).clip(0, 1))


def _bones(cutout: Cutout, layer: int, pose: Pose, sides: bool) -> _Bones:
    """A layer's parts that the photo and the pose have."""
    members = MEMBERS[layer]
    seen, shown = (~hidden_parts(each, "body")[members] for each in (cutout.pose, pose))
    parts = members[seen & shown]
    back, there = crop_maps(cutout.pose, "body", cutout.size)[parts], part_transforms(pose, "body")[parts]
    taken = np.isin(parts, [*cutout.parts]).astype(np.float32)
    if sides:
        turned = turned_away(cutout.pose, pose)
        taken *= ~turned[parts] if layer == 0 else not turned[TORSO]  # a raised arm has turned, its sleeve looks alike
    return _Bones(parts, back @ there, taken, frozenset(members[seen & ~shown].tolist()))


def _same_side(seen: Pose, pose: Pose, parts: np.ndarray) -> np.ndarray:
    """(B,) in [0, 1]: 0 for parts of which the photo shows the front and the pose a profile, or the other way round."""
    turns = side_turns(seen, pose)[parts]
    return ((ASIDE[1] - turns) / (ASIDE[1] - ASIDE[0])).clip(0, 1).astype(np.float32)


def _layer_certainty(found: Sequence[CarriedLayer], layer: int, away: np.ndarray) -> np.ndarray:
    """(GRID, GRID): of the body everywhere; of an arm, which may be anywhere near its bones, only there."""
    certain = sum((one.certain for one in found), np.zeros((GRID, GRID), np.float32)).clip(0, 1)
    if layer == 0:
        return certain
    near = (BESIDE - away[MEMBERS[layer]].min(axis=0)).clip(0, 1)
    near = np.max([near, *(one.near for one in found)], axis=0)
    return 1 - near * (1 - certain)


def _nearness(away: np.ndarray) -> np.ndarray:
    """Distances (B, GRID, GRID) to weights that add up to 1."""
    weights = (away + NEAR) ** -POWER
    return weights / weights.sum(axis=0)


@lru_cache(maxsize=REMEMBERED)
def _distances(pose: Pose) -> np.ndarray:
    """(P, GRID, GRID) in radii; not to be changed."""
    return distances(pose, GRID)


def _looked_up(grids: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Values of grids (B, GRID, GRID) at places (GRID, GRID, 2) in fractions of the frame."""
    at = places * np.float32(GRID) - np.float32(0.5)
    return np.stack([_sampled(grid, at, cv2.BORDER_REPLICATE) for grid in grids])


def _sampled(picture: np.ndarray, at: np.ndarray, border: int) -> np.ndarray:
    """A picture at places (h, w, 2) in its pixels."""
    return cv2.remap(picture, at, None, cv2.INTER_LINEAR, borderMode=border)  # type: ignore[call-overload, unused-ignore]


def _places(weights: np.ndarray, to_photo: np.ndarray) -> np.ndarray:
    """(GRID, GRID, 2): where each place of the new frame lies in the photo's, in fractions."""
    line = (np.arange(GRID, dtype=np.float32) + np.float32(0.5)) / GRID
    own = np.stack(np.meshgrid(line, line), axis=-1)
    return _mixed(weights, to_photo[:, :2].astype(np.float32), own)


def _returning(weights: np.ndarray, to_photo: np.ndarray, places: np.ndarray, scale: float) -> np.ndarray:
    """(GRID, GRID) in [0, 1]: how far what lies at a place of the photo is carried, by its own bones, to where it is shown.

    A leg of the photo is found from beside the new leg as well: it would be there twice.
    weights: of the photo's own bones at the places. scale: torso length.
    """
    forth = np.linalg.inv(to_photo)[:, :2].astype(np.float32)
    back_again = _mixed(weights, forth, places)
    line = (np.arange(GRID, dtype=np.float32) + np.float32(0.5)) / GRID
    away = np.hypot(back_again[..., 0] - line, back_again[..., 1] - line[:, None]) / scale
    return ((ASTRAY[1] - away) / (ASTRAY[1] - ASTRAY[0])).clip(0, 1)


def _mixed(weights: np.ndarray, maps: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Places (GRID, GRID, 2) through a mean of affine maps (B, 2, 3) by weights (B, GRID, GRID)."""
    mixed = np.tensordot(weights, maps, axes=(0, 0))
    return mixed[..., 0] * places[..., :1] + mixed[..., 1] * places[..., 1:] + mixed[..., 2]


def _faithful(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Opacity and certainty of a copy by its map, (GRID, GRID) in [0, 1]: no opacity where it folds, stretches or shrinks
    too much; certain where it is nearly a shift."""
    (down_x, across_x), (down_y, across_y) = (np.gradient(places[..., i], 1 / GRID) for i in (0, 1))
    # A map is a turn with a change of size, and a distortion: singular values are their sum and difference.
    size = np.hypot(across_x + down_y, across_y - down_x) / 2
    distortion = np.hypot(across_x - down_y, across_y + down_x) / 2
    largest, smallest = size + distortion, size - distortion
    kept = np.minimum((LARGEST - largest) / (FADE * LARGEST), (smallest - SMALLEST) / (FADE * SMALLEST))
    angle = np.abs(np.degrees(np.arctan2(across_y - down_x, across_x + down_y)))
    safe = np.maximum(size, 1e-3)
    measures = np.stack([angle, np.abs(np.log(safe)), distortion / safe], axis=-1)
    certain = ((UNCERTAIN - measures) / (UNCERTAIN - CERTAIN)).clip(0, 1).prod(axis=-1)
    return kept.clip(0, 1).astype(np.float32), certain.astype(np.float32)


def _compose(picture: np.ndarray, one: CarriedLayer) -> None:
    """Lays a layer over the picture, in the box where it is seen."""
    size = len(picture)
    places = one.places - np.array(one.source.corner, np.float32)  # in the layer's pixels
    height, width = one.source.picture.shape[:2]
    seen = ((places > -1) & (places < [width + 1, height + 1])).all(axis=-1) & (one.opacity > 0)
    if not seen.any():
        return
    scale = size // GRID
    left, top, across, down = (scale * n for n in cv2.boundingRect(cv2.dilate(seen.astype(np.uint8), np.ones((3, 3)))))
    box = slice(top, top + down), slice(left, left + across)
    looked_up = _enlarged(places, size)[box] - np.float32(0.5)
    found = _sampled(one.source.picture, looked_up, cv2.BORDER_CONSTANT)
    if one.opacity[seen].min() < 1:
        share = (_enlarged(one.opacity, size)[box] * 255).round().astype(np.uint8)
        found = cv2.multiply(found, cv2.merge([share] * 4), scale=1 / 255)
    lay(picture[box], found)


def _enlarged(grid: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(grid, (size, size), interpolation=cv2.INTER_LINEAR)
