"""The authors' own layout of DeepFashion, COCO and Market: pictures beside an `index.p` that knows their joints.

A pickled dictionary: `imgs`, paths beside it; `joints`, (N, J, 2) fractions, negative where missing; `joint_order`, names;
`train`, booleans. https://github.com/CompVis/vunet, "Other Datasets".
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from vunet.errors import NoPersonFound, VUNetError
from vunet.pose.estimators.detection import Detection
from vunet.pose.joints import JOINTS

KEYS = ("imgs", "joints", "joint_order", "train")
# A pickle may call anything it can name. An index needs to name no more than what rebuilds NumPy's arrays.
ARRAYS = {"_reconstruct", "ndarray", "dtype", "scalar", "_frombuffer", "encode"}


@dataclass(frozen=True)
class AuthorsIndex:
    """joints: (N, 15, 2) float32 fractions in the order of `JOINTS`, negative where missing. train: (N,) bool."""

    names: list[str]
    joints: np.ndarray
    train: np.ndarray

    def row(self, name: str) -> int:
        """Where a picture stands."""
        return self._rows[name]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}

    def detection(self, row: int, photo: np.ndarray) -> Detection:
        """The known pose, in pixels of the picture, which is kept with its background. Raises `NoPersonFound`."""
        height, width = photo.shape[:2]
        joints = self.joints[row]
        visible = (joints >= 0).all(axis=1) & (joints <= 1).all(axis=1)
        found = Detection((joints * [width, height]).astype(np.float32), visible, np.ones((height, width), np.float32))
        if not found.usable:
            raise NoPersonFound("The index knows no shoulders and hips of this picture.")
        return found


def read_authors_index(path: Path) -> AuthorsIndex:
    """Reads an `index.p`; raises `VUNetError` when it is none, or names anything but arrays."""
    try:
        with path.open("rb") as file:
            data = _ArraysOnly(file, encoding="latin1").load()
        order = [_text(name) for name in data["joint_order"]]
        joints = np.asarray(data["joints"], np.float32)[:, [order.index(name) for name in JOINTS]]
        names, train = [_text(name) for name in data["imgs"]], np.asarray(data["train"], bool)
    except (pickle.UnpicklingError, EOFError, KeyError, ValueError, TypeError, IndexError, AttributeError, ImportError):
        raise VUNetError(f"{path} is not an index of the authors' layout: it needs {', '.join(KEYS)}.") from None
    if joints.shape != (len(names), len(JOINTS), 2) or len(train) != len(names):
        raise VUNetError(f"{path} has lists of different lengths.")
    if any(name.startswith("/") or ".." in Path(name).parts for name in names):
        raise VUNetError(f"{path} is an index with pictures outside of its folder.")
    return AuthorsIndex(names, joints, train)


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] in ("numpy", "_codecs") and name in ARRAYS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name}")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
