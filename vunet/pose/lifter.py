"""How far each joint is towards the camera, from where all are in the picture plane.

Bone lengths say how far, up to the sign; a small network, trained on projected natural poses (`python -m vunet
train-lifter`), has learned the signs. Martinez and others, "A simple yet effective baseline for 3d human pose estimation",
ICCV 2017. It gives a likely place for joints that are not seen as well.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from vunet.pose.torso import pelvis_of, unit_of

FILE = Path(__file__).with_name("lifter.npz")
JOINTS = 15


def lifter_input(joints: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """(45,) float32: places about the middle of the hips in `unit_of`, 0 where not seen, and what is seen."""
    places = (joints - pelvis_of(joints)) / unit_of(joints, visible) * visible[:, None]
    return np.concatenate([places.ravel(), visible]).astype(np.float32)


def lifted(joints: np.ndarray, visible: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of joints (15, 2): depths (15,) towards the camera, 0 at the middle of the hips, and likely places (15, 2), both in
    the joints' unit."""
    made, unit = _network()(lifter_input(joints, visible)), unit_of(joints, visible)
    return made[:JOINTS] * unit, made[JOINTS:].reshape(JOINTS, 2) * unit + pelvis_of(joints)


class _Network:
    """A perceptron with SiLU between its layers, in NumPy: a tenth of a millisecond."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as data:
            count = len(data.files) // 2
            arrays = {name: data[name].astype(np.float32) for name in data.files}
        self.layers = [(arrays[f"weight_{i}"], arrays[f"bias_{i}"]) for i in range(count)]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        for i, (weight, bias) in enumerate(self.layers):
            x = weight @ x + bias
            if i < len(self.layers) - 1:
                x = x / (1 + np.exp(-x))
        return x


@lru_cache(maxsize=1)
def _network() -> _Network:
    return _Network(FILE)
