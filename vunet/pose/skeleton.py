"""A body pose: 15 joints in a square frame, and its forms in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vunet.errors import BadPose
from vunet.pose.files.documents import read_people
from vunet.pose.files.keypoints import from_joints
from vunet.pose.files.layouts import OPENPOSE_18
from vunet.pose.joints import DEFAULT_JOINTS, EXTREMITIES, INDEX, JOINTS, MIRROR, REACH, TORSO, other_side
from vunet.pose.stance import upright_depths
from vunet.pose.torso import pelvis_of

DEPTHS = ("front", "behind")


@dataclass(frozen=True, eq=False)
class Pose:
    """A body pose in a square frame.

    joints: (15, 2) float32, x right and y down, fractions of the frame, in the order of `JOINTS`. In [0, 1] for all that
    lies in the frame; a limb that leaves it may end up to one frame outside.
    visible: (15,) bool. What is not visible counts as missing; its coordinates are only a place to restore it at.
    depth: "front" or "behind" for some of `EXTREMITIES`: where it crosses the body; the others lie as the model sees fit.
    guessed: names of visible joints that the photo hides, in wide trousers or behind the body; the estimator's guess.
    """

    joints: np.ndarray
    visible: np.ndarray
    depth: Mapping[str, str] = field(default_factory=dict)
    guessed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        joints = np.asarray(self.joints, dtype=np.float32)
        visible = np.asarray(self.visible, dtype=bool)
        if joints.shape != (15, 2) or visible.shape != (15,):
            raise BadPose("A pose needs 15 joints with x and y, and 15 visibility flags.")
        if not (np.abs(joints - 0.5) <= REACH).all():  # NaN fails too
            raise BadPose("Joints are fractions of the frame: 0 is its left or upper edge, 1 the right or lower one.")
        object.__setattr__(self, "joints", joints.copy())
        object.__setattr__(self, "visible", visible.copy())
        object.__setattr__(self, "depth", _checked_depth(self.depth))
        object.__setattr__(self, "guessed", frozenset(name for name in self.guessed if visible[INDEX[name]]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pose):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        places = (self.joints + 0.0).tobytes()  # -0.0 is 0.0
        return places, self.visible.tobytes(), tuple(sorted(self.depth.items())), self.guessed

    @classmethod
    def default(cls) -> Pose:
        """A person standing upright, arms down, facing the viewer."""
        return cls(DEFAULT_JOINTS, np.ones(15, bool))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Pose:
        """Reads `{"joints": {"rankle": {"x": 0.42, "y": 0.93, "visible": true}, ... all 15}}`; raises `BadPose`.

        A key "depth" may hold `{"larm": "front"}` or "behind", for rarm, larm, rleg and lleg. A joint may be
        "guessed": true.
        """
        joints = data.get("joints") if isinstance(data, Mapping) else None
        if not isinstance(joints, Mapping) or set(joints) != set(JOINTS):
            raise BadPose("A pose needs exactly these 15 joints: " + ", ".join(JOINTS) + ".")
        rows = [_joint_from_dict(name, joints[name]) for name in JOINTS]
        guessed = frozenset(name for name in JOINTS if joints[name].get("guessed") is True)
        return cls(np.array([r[:2] for r in rows]), np.array([r[2] for r in rows]), data.get("depth") or {}, guessed)

    def to_dict(self) -> dict[str, Any]:
        """The inverse of `from_dict`, plain Python numbers, ready for JSON."""
        joints = {
            name: {"x": round(float(x), 5), "y": round(float(y), 5), "visible": bool(v)} | self._mark(name)
            for name, (x, y), v in zip(JOINTS, self.joints, self.visible, strict=True)
        }
        return {"joints": joints} | ({"depth": dict(self.depth)} if self.depth else {})

    def _mark(self, name: str) -> dict[str, Any]:
        return {"guessed": True} if name in self.guessed else {}

    def seen(self) -> Pose:
        """Without what is guessed: what a photo shows, to read a look from."""
        if not self.guessed:
            return self
        hidden = [INDEX[name] for name in self.guessed]
        return Pose(self.joints, self.visible & ~np.isin(np.arange(len(JOINTS)), hidden), self.depth)

    @classmethod
    def from_openpose(cls, data: Mapping[str, Any], person: int | None = None) -> Pose:
        """One person of an OpenPose document (18 or 25 joints, pixels or fractions), or of any other that is known.

        person: a number from 0; the largest, in the file's own units, if left out. Raises `BadPose`.
        """
        people = read_people(data)
        if person is not None and not 0 <= person < len(people.joints):
            raise BadPose(f"The file holds {len(people.joints)} people, there is no number {person + 1}.")
        chosen = people.largest if person is None else person
        return cls(people.joints[chosen], people.visible[chosen])

    def to_openpose(self, size: int = 512) -> dict[str, Any]:
        """OpenPose JSON with 18 joints in pixels of a `size` x `size` canvas; missing joints are 0, 0, 0."""
        points = from_joints(self.joints, self.visible, OPENPOSE_18, size, 1)
        flat = [round(float(value), 3) for value in points.ravel()]
        return {"canvas_width": size, "canvas_height": size, "people": [{"pose_keypoints_2d": flat}]}

    def has(self, *names: str) -> bool:
        """True when all the named joints are visible."""
        return bool(self.visible[[INDEX[n] for n in names]].all())

    def xy(self, name: str) -> np.ndarray:
        """(2,) coordinates of a joint, or of "neck", the middle of the shoulders."""
        if name == "neck":
            return (self.xy("lshoulder") + self.xy("rshoulder")) / 2
        return self.joints[INDEX[name]]

    def usable(self) -> bool:
        """True when the model can work with it: both shoulders and both hips are visible."""
        return self.has(*TORSO)

    def require_usable(self) -> Pose:
        """Itself, or `BadPose` when a shoulder or a hip is missing."""
        if not self.usable():
            raise BadPose("Both shoulders and both hips have to be visible: restore the hidden ones first.")
        return self

    def head_length(self) -> float:
        """From neck to nose in fractions of the frame, PCKh's head size; at least two fifths of the shoulders' width."""
        shoulders = float(np.linalg.norm(self.xy("lshoulder") - self.xy("rshoulder")))
        nose = float(np.linalg.norm(self.xy("neck") - self.xy("cnose"))) if self.has("cnose") else 0.0
        return max(nose, 0.4 * shoulders, 0.02)

    def turned(self, degrees: float) -> Pose:
        """The body turned about the vertical axis, by the lifter's depths: its front goes to the picture's right.

        What was in front or behind is as the lifter sees it then. Raises `BadPose` when a shoulder or a hip is missing.
        """
        self.require_usable()
        return self._turned(upright_depths(self.joints, self.visible), degrees)

    def _turned(self, depths: np.ndarray, degrees: float) -> Pose:
        axis, angle = float(pelvis_of(self.joints)[0]), np.deg2rad(degrees)
        joints = self.joints.copy()
        joints[:, 0] = axis + (joints[:, 0] - axis) * np.cos(angle) + depths * self.visible * np.sin(angle)
        return Pose(np.clip(joints, 0.5 - REACH, 0.5 + REACH), self.visible, guessed=self.guessed)

    def flat(self) -> Pose:
        """Without limbs in front or behind: to read a look, all of it has to be seen."""
        return Pose(self.joints, self.visible, guessed=self.guessed)

    def mirrored(self) -> Pose:
        """Reflected left to right, with left and right joints swapped: what a mirror shows."""
        joints = self.joints[MIRROR] * [-1, 1] + [1, 0]
        depth = {other_side(name): value for name, value in self.depth.items()}
        return Pose(joints, self.visible[MIRROR], depth, frozenset(other_side(name) for name in self.guessed))

    def from_behind(self) -> Pose:
        """As somebody behind the person sees it: reflected left to right, left and right being what they are."""
        depth = {name: DEPTHS[value == "front"] for name, value in self.depth.items()}
        return Pose(self.joints * [-1, 1] + [1, 0], self.visible, depth, self.guessed)


def _checked_depth(depth: Any) -> dict[str, str]:
    if not isinstance(depth, Mapping) or not all(k in EXTREMITIES and v in DEPTHS for k, v in depth.items()):
        raise BadPose("A pose's depth names rarm, larm, rleg or lleg, each with front or behind.")
    return dict(depth)


def _joint_from_dict(name: str, joint: Any) -> tuple[float, float, bool]:
    try:
        x, y, visible = float(joint["x"]), float(joint["y"]), joint.get("visible", True)
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
        raise BadPose(f"Joint {name} needs numbers x and y.") from None
    if not (np.isfinite([x, y]).all() and isinstance(visible, bool)):
        raise BadPose(f"Joint {name} needs finite x and y, and visible true or false.")
    return x, y, visible
