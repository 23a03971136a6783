"""The 15 joints of the skeleton: names, limbs, colours and a standing pose, declared once for the whole project."""

from __future__ import annotations

import numpy as np

JOINTS = (
    "rankle", "rknee", "rhip", "rshoulder", "relbow", "rwrist", "reye",
    "lankle", "lknee", "lhip", "lshoulder", "lelbow", "lwrist", "leye", "cnose",
)  # fmt: skip
INDEX = {name: i for i, name in enumerate(JOINTS)}

RIGHT, LEFT, CENTRE = "#ff6b4a", "#3d9bff", "#9d7bff"

# (from, to, colour). "neck" stands for the middle of the shoulders.
LIMBS = (
    ("rankle", "rknee", RIGHT), ("rknee", "rhip", RIGHT), ("rhip", "rshoulder", RIGHT),
    ("rshoulder", "relbow", RIGHT), ("relbow", "rwrist", RIGHT),
    ("lankle", "lknee", LEFT), ("lknee", "lhip", LEFT), ("lhip", "lshoulder", LEFT),
    ("lshoulder", "lelbow", LEFT), ("lelbow", "lwrist", LEFT),
    ("rshoulder", "lshoulder", CENTRE), ("rhip", "lhip", CENTRE), ("neck", "cnose", CENTRE),
    ("cnose", "reye", RIGHT), ("cnose", "leye", LEFT),
)  # fmt: skip


def other_side(name: str) -> str:
    """The left counterpart of what is named right, and the other way round; what has no sides is its own."""
    return {"l": "r", "r": "l"}.get(name[0], name[0]) + name[1:]


# Limbs that bend in the middle: what hangs on a joint follows it when lengths are locked.
ARMS = (("rshoulder", "relbow", "rwrist"), ("lshoulder", "lelbow", "lwrist"))
LEGS = (("rhip", "rknee", "rankle"), ("lhip", "lknee", "lankle"))
EXTREMITIES = ("rarm", "larm", "rleg", "lleg")  # names of ARMS, then of LEGS
# Where the middle of a straight limb goes when it bends: outwards, down.
BENDS = ((0.5, 1.0), (0.5, 1.0), (1.0, 0.0), (1.0, 0.0))
FACE = ("cnose", "reye", "leye")

REACH = 1.5  # how far from the frame's middle a joint may lie, in frames
TORSO = ("lshoulder", "rshoulder", "lhip", "rhip")
MIRROR = np.array([INDEX[other_side(n)] for n in JOINTS])

# A standing adult in the frame that `prepare` would give them.
_STANDING = {
    "rankle": (0.46, 0.87), "rknee": (0.46, 0.68), "rhip": (0.456, 0.48), "rshoulder": (0.425, 0.23),
    "relbow": (0.392, 0.365), "rwrist": (0.38, 0.48), "reye": (0.485, 0.117),
    "lankle": (0.54, 0.87), "lknee": (0.54, 0.68), "lhip": (0.544, 0.48), "lshoulder": (0.575, 0.23),
    "lelbow": (0.608, 0.365), "lwrist": (0.62, 0.48), "leye": (0.515, 0.117), "cnose": (0.5, 0.135),
}  # fmt: skip
DEFAULT_JOINTS = np.array([_STANDING[name] for name in JOINTS], np.float32)  # (15, 2)
