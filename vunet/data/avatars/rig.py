"""A figure in a pose: where its bones and vertices are, and the 15 joints of the skeleton in three dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from vunet.data.avatars.body import BodyPose, world_rotations
from vunet.data.avatars.gltf import Figure

# The rig's bones at which segments begin. Between them bones keep their place in the segment.
STARTS = {"Hips": "root", "Spine2": "chest", "Neck": "head"} | {
    f"{word}{bone}": letter + segment
    for word, letter in (("Left", "l"), ("Right", "r"))
    for bone, segment in (
        ("Arm", "upperarm"), ("ForeArm", "forearm"), ("UpLeg", "thigh"), ("Leg", "shin"), ("Foot", "foot"),
    )
}  # fmt: skip
# Bones that follow a share of the way between two segments.
BETWEEN = {"Spine": ("root", "chest", 0.33), "Spine1": ("root", "chest", 0.67)}
# What hangs down in the reference pose, from bone to bone; the rest pose of the rig has the arms stretched out.
HANGING = {
    f"{letter}{segment}": (f"{word}{a}", f"{word}{b}")
    for word, letter in (("Left", "l"), ("Right", "r"))
    for segment, a, b in (
        ("upperarm", "Arm", "ForeArm"), ("forearm", "ForeArm", "Hand"), ("thigh", "UpLeg", "Leg"), ("shin", "Leg", "Foot"),
    )
}  # fmt: skip
JOINT_BONES = {
    f"{letter}{joint}": f"{word}{bone}"
    for word, letter in (("Right", "r"), ("Left", "l"))
    for joint, bone in (
        ("ankle", "Foot"), ("knee", "Leg"), ("hip", "UpLeg"), ("shoulder", "Arm"), ("elbow", "ForeArm"), ("wrist", "Hand"),
        ("eye", "Eye"),
    )
}  # fmt: skip
NOSE = (0.35, 0.6)  # ahead of the middle of the eyes and below it, in distances between the eyes
SHRUG = 0.35  # share of an arm's rise above the horizontal that the collar bone makes


@dataclass(frozen=True, eq=False)
class Rig:
    """A figure whose bones can be turned as a body is."""

    figure: Figure

    @cached_property
    def _aligned(self) -> dict[str, np.ndarray]:
        """Segment: (3, 3), from the figure's rest pose to the reference."""
        place = self.figure.rest_world[:, :3, 3]
        turns = {}
        for segment, (a, b) in HANGING.items():
            along = place[self.figure.index(b)] - place[self.figure.index(a)]
            turns[segment] = Rotation.align_vectors([[0, -1, 0]], [along])[0].as_matrix()
        return turns

    def bones(self, pose: BodyPose) -> np.ndarray:
        """(nodes, 4, 4): where the bones are in a body's pose; the hips stay where they are."""
        figure, targets = self.figure, dict(self._targets(pose))
        world = figure.rest_world.copy()
        for i in figure.order:
            parent = figure.parents[i]
            if parent >= 0:
                world[i] = world[parent] @ figure.rest[i]
            if figure.names[i] in targets:
                scale = np.linalg.norm(figure.rest_world[i, :3, :3], axis=0)
                world[i, :3, :3] = targets[figure.names[i]] @ (figure.rest_world[i, :3, :3] / scale) * scale
        return world

    def _targets(self, pose: BodyPose) -> Iterator[tuple[str, np.ndarray]]:
        """Bones whose rotation against the rest pose is given, (3, 3)."""
        world = world_rotations(pose)
        for bone, segment in STARTS.items():
            yield bone, world[segment] @ self._aligned.get(segment, np.eye(3))
        for bone, (a, b, share) in BETWEEN.items():
            ends = Rotation.from_matrix(np.stack([world[a], world[b]]))
            yield bone, Slerp([0, 1], ends)(share).as_matrix()
        for word, letter in (("Left", "l"), ("Right", "r")):
            yield f"{word}Shoulder", _collar_bone(world["chest"], world[f"{letter}upperarm"], letter)

    def vertices(self, bones: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Positions and normals (V, 3) of each mesh, by linear blend skinning."""
        placed = []
        for mesh in self.figure.meshes:
            matrices = (bones @ mesh.inverse_bind).astype(np.float32)
            blend = np.einsum("vk,vkij->vij", mesh.weights, matrices[mesh.bones])
            positions = np.einsum("vij,vj->vi", blend[:, :3, :3], mesh.positions) + blend[:, :3, 3]
            placed.append((positions, np.einsum("vij,vj->vi", blend[:, :3, :3], mesh.normals)))
        return placed

    def joints(self, bones: np.ndarray) -> np.ndarray:
        """(15, 3) in the order of `JOINTS`, metres."""
        from vunet.pose.joints import JOINTS

        at = {joint: bones[self.figure.index(bone), :3, 3] for joint, bone in JOINT_BONES.items()}
        at["cnose"] = _nose(at["reye"], at["leye"], bones[self.figure.index("Neck"), :3, 3])
        return np.stack([at[name] for name in JOINTS])


def _collar_bone(chest: np.ndarray, arm: np.ndarray, side: str) -> np.ndarray:
    """(3, 3): with the chest, and up with an arm that is raised above the horizontal."""
    hand = chest.T @ arm @ [0, -1, 0]
    rise = SHRUG * np.arcsin(np.clip(hand[1], 0, 1))
    return chest @ Rotation.from_euler("z", rise if side == "l" else -rise).as_matrix()


def _nose(right: np.ndarray, left: np.ndarray, neck: np.ndarray) -> np.ndarray:
    """The rig has no nose: ahead of the eyes' middle and below it."""
    middle, apart = (right + left) / 2, float(np.linalg.norm(left - right))
    across = (left - right) / apart
    up = middle - neck
    up = up - across * (up @ across)
    up /= np.linalg.norm(up)
    return middle + NOSE[0] * apart * np.cross(across, up) - NOSE[1] * apart * up
