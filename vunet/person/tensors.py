"""What the model reads of a pose and a picture, as tensors; and its pictures as arrays."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vunet.model.config import VUNetConfig
from vunet.person.crops import seen_parts
from vunet.person.framing import Person
from vunet.person.parts import part_transforms
from vunet.person.regions import face_of, hands_of
from vunet.pose.mannequin import mannequin, out_of_plane
from vunet.pose.skeleton import Pose
from vunet.pose.stickman import draw_stickman

Batch = dict[str, Tensor]
ROTATED = (20.0, 45.0)  # degrees out of the picture plane from which a part is another one to see, and wholly so

# Arithmetic on arrays, not on tensors: PyTorch would wake all its threads for a millisecond's work, and they spin on.


def to_tensor(image: np.ndarray) -> Tensor:
    """(H, W, C) uint8 to (C, H, W) float32 in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)) / np.float32(127.5) - np.float32(1))


def to_image(tensor: Tensor) -> np.ndarray:
    """(3, H, W) in [-1, 1] to (H, W, 3) uint8, clipped; raises `FloatingPointError` for what is not a number."""
    scaled = np.rint((tensor.float().cpu().numpy() + 1) * np.float32(127.5))
    if not np.isfinite(scaled).all():
        raise FloatingPointError
    return np.ascontiguousarray(np.clip(scaled, 0, 255).astype(np.uint8).transpose(1, 2, 0))


def condition(pose: Pose, config: VUNetConfig, stickman_bytes: bool = False) -> Batch:
    """What the model renders a pose by: `shape` (3, S, S) in [-1, 1], the stickman; for presets that un-normalise parts
    `transforms` (P, 3, 3); for those that read a mannequin its maps `mannequin` and `facing` (P, 2).

    stickman_bytes: `stickman` (S, S, 3) uint8 instead of `shape`, as batches are sent.
    """
    picture = draw_stickman(pose, config.size, config.smooth_shape)
    inputs = {"stickman": torch.from_numpy(picture)} if stickman_bytes else {"shape": to_tensor(picture)}
    if config.part_channels:
        inputs["transforms"] = torch.from_numpy(part_transforms(pose, config.layout))
    if config.mannequin:
        maps, facing = mannequin(pose)
        inputs |= {"mannequin": torch.from_numpy(maps), "facing": torch.from_numpy(facing)}
    return inputs


def rotated_parts(seen: Pose, pose: Pose) -> Tensor:
    """(P,) in [0, 1]: how far a pose shows each part from another direction than the pose that a look was read in."""
    degrees = out_of_plane(seen, pose)
    return torch.from_numpy(((degrees - ROTATED[0]) / (ROTATED[1] - ROTATED[0])).clip(0, 1).astype(np.float32))


def targets(person: Person) -> Batch:
    """What the losses compare a picture with: image (3, S, S) in [-1, 1], mask, face and hands (1, S, S) in [0, 1]."""
    size = person.size
    return {
        "image": to_tensor(person.image),
        "mask": torch.from_numpy(person.mask)[None].float() / 255,
        "face": torch.from_numpy(face_of(person.pose, size))[None].float(),
        "hands": torch.from_numpy(hands_of(person.pose, size))[None].float(),
    }


def part_inputs(image: np.ndarray, pose: Pose, config: VUNetConfig) -> Tensor:
    """(3P, s, s) in [-1, 1]: the crops of a square picture (S, S, 3) uint8, stacked on channels."""
    return stack_crops(seen_parts(image, pose, config.layout, config.crop_size))


def stack_crops(crops: np.ndarray) -> Tensor:
    """(P, s, s, 3) uint8 to (3P, s, s) in [-1, 1]."""
    return to_tensor(np.concatenate(list(crops), axis=-1))
