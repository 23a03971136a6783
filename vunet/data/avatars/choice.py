"""Which views of a figure are rendered: what the benchmark of pairs compares, then any others for training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vunet.data.avatars.body import BodyPose, rotation, world_rotations
from vunet.data.avatars.poses import random_pose, sitting, standing
from vunet.data.avatars.renderer import Light
from vunet.data.avatars.views import Camera

SOURCE, THREE_QUARTER = "source", "three-quarter"
ROWS = ("front", "side", "back", "sitting", "lying")
# The benchmark's views of each figure, the look's own first; then training's, over and over.
BENCHMARK = (SOURCE, "front", "front", "side", "side", "back", "back", "sitting", "lying")
TRAINING = (
    SOURCE,
    "front",
    THREE_QUARTER,
    "side",
    "back",
    "front",
    "sitting",
    "side",
    "lying",
    "back",
    THREE_QUARTER,
    "front",
)
FROM_MOTIONS = 0.55  # share of poses that come from motions, where any pose will do
TRIES = 200
LEANS = 55.0  # degrees from upright beyond which somebody lies
SITS = 55.0  # degrees that both thighs are raised
FRONT, BACK, PROFILE = 0.85, -0.75, 0.8  # of the trunk's forward direction: towards the camera, and across


@dataclass(frozen=True, eq=False)
class Chosen:
    """One view. kind: `SOURCE`, or one of `ROWS`, or `THREE_QUARTER`."""

    kind: str
    pose: BodyPose
    camera: Camera
    light: Light


def chosen_views(count: int, motions: Sequence[BodyPose], seed: int) -> list[Chosen]:
    """`count` views; they depend on the seed alone."""
    rng = np.random.default_rng(seed)
    kinds = [*BENCHMARK, *(TRAINING[i % len(TRAINING)] for i in range(count))][:count]
    return [_chosen(kind, motions, rng, plain=i == 0) for i, kind in enumerate(kinds)]


def kind_of(pose: BodyPose, camera: Camera) -> str:
    """What a view shows, by the trunk: which side, or that the person sits or lies."""
    chest = camera.rotation @ world_rotations(pose)["chest"]
    up, forward = chest[:, 1], chest[:, 2]
    if np.degrees(np.arccos(np.clip(up[1], -1, 1))) > LEANS:
        return "lying"
    raised = [pose.get(f"{side}thigh", np.eye(3)) @ [0, -1, 0] for side in "lr"]
    if all(np.degrees(np.arctan2(thigh[2], -thigh[1])) > SITS for thigh in raised):
        return "sitting"
    if forward[2] > FRONT:
        return "front"
    if forward[2] < BACK:
        return "back"
    return "side" if abs(forward[0]) > PROFILE else THREE_QUARTER


def _chosen(kind: str, motions: Sequence[BodyPose], rng: np.random.Generator, plain: bool) -> Chosen:
    """A view of a kind. plain: straight from the front, in even light."""
    for _ in range(TRIES):
        pose = _pose(kind, motions, rng)
        camera = Camera() if plain else _camera(kind, rng)
        if kind_of(pose, camera) == ("front" if kind == SOURCE else kind):
            break
    return Chosen(kind, pose, camera, Light() if plain else _light(rng))


def _pose(kind: str, motions: Sequence[BodyPose], rng: np.random.Generator) -> BodyPose:
    if kind == SOURCE:
        return standing(rng)
    if kind == "sitting":
        return sitting(rng)
    own: Callable[[np.random.Generator], BodyPose] = random_pose
    if motions and rng.random() < FROM_MOTIONS:
        return facing_forward(motions[int(rng.integers(len(motions)))])
    if kind == "lying" and rng.random() < 0.5:  # on a bed or the floor, not merely a turned picture
        pose = dict(own(rng))
        pose["root"] = rotation("x", rng.choice([-90, 90]) + rng.normal(0, 10)) @ rotation("y", rng.uniform(-90, 90))
        return pose
    return own(rng)


def facing_forward(pose: BodyPose) -> BodyPose:
    """A pose without the direction that its root happens to head in; somebody upside down keeps it."""
    root = pose.get("root", np.eye(3))
    ahead = root[:, 2]
    heading = np.degrees(np.arctan2(ahead[0], ahead[2]))
    return {**pose, "root": rotation("y", -heading) @ root}


def _camera(kind: str, rng: np.random.Generator) -> Camera:
    yaw = {
        SOURCE: rng.normal(0, 12),
        "front": rng.normal(0, 15),
        THREE_QUARTER: rng.choice([-1, 1]) * rng.choice([rng.uniform(30, 60), rng.uniform(115, 145)]),
        "side": rng.choice([-1, 1]) * rng.normal(88, 14),
        "back": 180 + rng.normal(0, 18),
        "sitting": rng.uniform(-70, 70),
    }.get(kind, rng.uniform(-180, 180))
    roll = rng.normal(0, 3)
    if kind == "lying":
        roll = rng.choice([-1, 1]) * rng.normal(90, 20) if rng.random() < 0.5 else roll
    return Camera(float(yaw), float(rng.normal(4, 7)), float(roll), float(rng.uniform(4, 9)))


def _light(rng: np.random.Generator) -> Light:
    direction = np.array([rng.normal(0, 0.6), abs(rng.normal(0.5, 0.4)), 1.0])
    x, y, z = (direction / np.linalg.norm(direction)).tolist()
    r, g, b = (1 + rng.normal(0, 0.03, 3)).tolist()
    return Light((x, y, z), float(rng.uniform(0.4, 0.75)), (r, g, b))
