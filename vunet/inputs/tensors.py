"""What the model reads of a pose and a picture, as tensors; and its pictures as arrays."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from vunet.inputs.parts import part_transforms, seen_parts
from vunet.model.config import VUNetConfig
from vunet.pose.skeleton import Pose
from vunet.pose.stickman import draw_stickman

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


def pose_inputs(pose: Pose, config: VUNetConfig) -> dict[str, Tensor]:
    """`shape` (3, S, S) in [-1, 1], the stickman, and, for presets that un-normalise parts, `transforms` (P, 3, 3)."""
    shape = to_tensor(draw_stickman(pose, config.size, config.smooth_shape))
    if not config.part_channels:
        return {"shape": shape}
    return {"shape": shape, "transforms": torch.from_numpy(part_transforms(pose, config.layout))}


def part_inputs(image: np.ndarray, pose: Pose, config: VUNetConfig) -> Tensor:
    """(3P, s, s) in [-1, 1]: the crops of a square picture (S, S, 3) uint8, stacked on channels."""
    return stack_crops(seen_parts(image, pose, config.layout, config.crop_size))


def stack_crops(crops: np.ndarray) -> Tensor:
    """(P, s, s, 3) uint8 to (3P, s, s) in [-1, 1]."""
    return to_tensor(np.concatenate(list(crops), axis=-1))
