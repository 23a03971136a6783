"""Trains the lifter (`vunet.pose.lifter`) on endless natural poses of rigged figures, seen by random cameras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from vunet.data.avatars.body import BodyPose, rotation
from vunet.data.avatars.choice import facing_forward
from vunet.data.avatars.gltf import read_figure
from vunet.data.avatars.poses import random_pose, read_motions, sitting, standing
from vunet.data.avatars.rig import Rig
from vunet.errors import VUNetError
from vunet.pose.joints import ARMS, FACE, INDEX, LEGS
from vunet.pose.lifter import lifter_input
from vunet.pose.torso import unit_of

WIDTH = 256
CAMERAS = 12  # of each pose
NOISE = 0.015  # standard deviation of a seen joint's place, in torso lengths
HIDDEN = (*(limb[1:] for limb in (*ARMS, *LEGS)), *((name,) for limb in (*ARMS, *LEGS) for name in limb[1:]), FACE)
HIDE = 0.06  # chance of each of these groups to be hidden
BATCH, RATE = 1024, 2e-3
HELD_OUT = 0.05
KINDS = ((standing, 0.2), (random_pose, 0.35), (sitting, 0.1))  # the rest are frames of motions


def train_lifter(figures: Path, motions: Path, out: Path, poses: int = 12000, steps: int = 6000, seed: int = 0) -> dict:
    """Writes the weights; returns the mean error of held-out depths and that of no depths at all, in torso lengths.

    figures: a folder of .glb files, for proportions. motions: a folder of motion files. Raises `VUNetError`.
    """
    files = sorted(figures.glob("*.glb"))
    if not files:
        raise VUNetError(f"There are no .glb files in {figures}: give a folder of rigged figures.")
    rigs, frames = [Rig(read_figure(path)) for path in files[:: max(1, len(files) // 12)]], read_motions(motions)
    rng = np.random.default_rng(seed)
    bodies = np.stack([_joints(rigs, frames, rng) for _ in tqdm(range(poses), desc="pose", unit="pose")])
    held = max(1, int(HELD_OUT * poses))
    inputs, targets, _ = _projected(bodies[held:], rng)
    torch.manual_seed(seed)
    network = _trained(inputs, targets, steps)
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    named = {f"weight_{i}": layer.weight for i, layer in enumerate(layers)} | {
        f"bias_{i}": layer.bias for i, layer in enumerate(layers)
    }
    arrays: dict[str, Any] = {name: value.detach().half().numpy() for name, value in named.items()}
    np.savez_compressed(out, **arrays)
    return _errors(network, bodies[:held], rng)


def _joints(rigs: list[Rig], frames: list[BodyPose], rng: np.random.Generator) -> np.ndarray:
    """(15, 3): x right, y up, z towards the viewer, metres."""
    rig, chance = rigs[int(rng.integers(len(rigs)))], rng.random()
    for kind, share in KINDS:
        if chance < share:
            return rig.joints(rig.bones(kind(rng)))
        chance -= share
    return rig.joints(rig.bones(facing_forward(frames[int(rng.integers(len(frames)))])))


def _projected(bodies: np.ndarray, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs (M, 45), targets (M, 45), depths then places, in the inputs' unit, and what is seen (M, 15)."""
    rows = [_view(body, rng) for body in bodies for _ in range(CAMERAS)]
    return tuple(torch.from_numpy(np.stack(column)) for column in zip(*rows, strict=True))  # type: ignore[return-value]


def _view(body: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    roll = rng.uniform(-180, 180) if rng.random() < 0.2 else rng.normal(0, 10)
    turned = rotation("z", roll) @ rotation("x", rng.normal(4, 10)) @ rotation("y", rng.uniform(-180, 180))
    points = (body - body[[INDEX["lhip"], INDEX["rhip"]]].mean(axis=0)) @ turned.T
    away = rng.uniform(3, 8)  # metres
    flat = points[:, :2] * [1, -1] * away / (away - points[:, 2:])
    visible = np.ones(15, bool)
    for group in HIDDEN:
        if rng.random() < HIDE:
            visible[[INDEX[name] for name in group]] = False
    clean = lifter_input(flat, np.ones(15, bool))[:30]
    unit = unit_of(flat, visible)
    shift = flat + rng.normal(0, NOISE * unit, flat.shape)
    ratio = unit_of(flat, np.ones(15, bool)) / unit
    target = np.concatenate([points[:, 2] / unit, clean * ratio])
    return lifter_input(shift, visible), target.astype(np.float32), visible.astype(np.float32)


def _trained(inputs: Tensor, targets: Tensor, steps: int) -> nn.Sequential:
    network = nn.Sequential(
        nn.Linear(45, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(),
        nn.Linear(WIDTH, 45),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in tqdm(range(steps), desc="train lifter", unit="step"):
        rows = torch.randint(len(inputs), (BATCH,))
        loss = nn.functional.smooth_l1_loss(network(inputs[rows]), targets[rows], beta=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


@torch.no_grad()
def _errors(network: nn.Sequential, bodies: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    inputs, targets, seen = _projected(bodies, rng)
    made, wanted = network(inputs)[:, :15], targets[:, :15]
    return {
        "depth_error": float(((made - wanted).abs() * seen).sum() / seen.sum()),
        "without": float((wanted.abs() * seen).sum() / seen.sum()),
        "poses": len(bodies),
    }
