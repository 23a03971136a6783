"""A person seen by a camera: the picture, and the 15 joints in it with their depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vunet.data.avatars.body import BodyPose, rotation
from vunet.data.avatars.renderer import Light, Renderer
from vunet.data.avatars.rig import Rig
from vunet.person.framing import MARGIN, TORSOS_IN_FRAME
from vunet.pose.joints import INDEX

NEAR, FAR = 0.1, 3.0  # of the depth buffer, in distances of the camera


@dataclass(frozen=True)
class Camera:
    """yaw: degrees that the person is turned to the picture's right, 0 from the front. elevation: of the camera above the
    horizon. roll: of the picture, counter-clockwise. distance: of the camera, in halves of the frame's side."""

    yaw: float = 0.0
    elevation: float = 0.0
    roll: float = 0.0
    distance: float = 6.0

    @property
    def rotation(self) -> np.ndarray:
        """(3, 3): from the person's axes to the picture's, x right, y up, z towards the camera."""
        return rotation("z", self.roll) @ rotation("x", self.elevation) @ rotation("y", self.yaw)


@dataclass(frozen=True, eq=False)
class View:
    """picture: (S, S, 4) uint8, RGB and opacity. joints: (15, 2) fractions of the frame. depths: (15,), towards the camera,
    in sides of the frame, 0 at the middle of the hips."""

    picture: np.ndarray
    joints: np.ndarray
    depths: np.ndarray


def render_view(rig: Rig, renderer: Renderer, pose: BodyPose, camera: Camera, light: Light) -> View:
    """A person in a square frame as `vunet.person.framing` would frame them. The renderer has to have loaded the figure."""
    bones = rig.bones(pose)
    turned = camera.rotation
    meshes = [(p @ turned.T, n @ turned.T) for p, n in rig.vertices(bones)]
    joints = rig.joints(bones) @ turned.T
    centre, half = _frame(np.concatenate([p for p, _ in meshes]), joints)
    away = np.array([*centre, camera.distance * half])
    picture = renderer.draw([(p - away, n) for p, n in meshes], _projection(camera.distance, half), light)
    seen = joints - away
    flat = 0.5 + 0.5 * camera.distance * seen[:, :2] / -seen[:, 2:] * [1, -1]
    hips = joints[[INDEX["lhip"], INDEX["rhip"]], 2].mean()
    return View(picture, flat, (joints[:, 2] - hips) / (2 * half))


def _frame(points: np.ndarray, joints: np.ndarray) -> tuple[np.ndarray, float]:
    """Middle (x, y) and half of the side of the frame."""
    low, high = points.min(axis=0)[:2], points.max(axis=0)[:2]
    shoulders, hips = (joints[[INDEX["l" + n], INDEX["r" + n]], :2] for n in ("shoulder", "hip"))
    torso = np.linalg.norm(shoulders.mean(axis=0) - hips.mean(axis=0))
    torso = max(torso, np.linalg.norm(shoulders[0] - shoulders[1]))
    return (low + high) / 2, max(MARGIN * float((high - low).max()), TORSOS_IN_FRAME * float(torso)) / 2


def _projection(distance: float, half: float) -> np.ndarray:
    """(4, 4) OpenGL perspective: the plane of the person fills the frame."""
    near, far = NEAR * distance * half, FAR * distance * half
    return np.array(
        [
            [distance, 0, 0, 0],
            [0, distance, 0, 0],
            [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
            [0, 0, -1, 0],
        ]
    )
