"""A visitor's work as one JSON file: the pose on the stage, the look worn, the own look, and the motion's keys."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from vunet.appearance import Appearance
from vunet.errors import BadPose, VUNetError
from vunet.pose.skeleton import Pose
from vunet.ui.motion_strip import Motion

FORMAT = "vunet-session-1"
MAX_CHARACTERS = 4_000_000
MAX_CODE = 50.0  # of a code's values: a posterior's lie within 20
BROKEN = "This is no session that can be opened: give a file that was saved on this page."


class BadSession(VUNetError):
    """The session file cannot be read or belongs to another model."""


@dataclass(frozen=True, eq=False)
class Saved:
    """What a session file holds."""

    pose: Pose
    look: Appearance
    own: Appearance
    motion: Motion = field(default_factory=Motion)


def write_session(saved: Saved) -> str:
    """JSON text, some 300 kB."""
    data = {
        "format": FORMAT,
        "pose": saved.pose.to_dict(),
        "look": _look_to_dict(saved.look),
        "own": _look_to_dict(saved.own),
        "keys": [key.to_dict() for key in saved.motion.keys],
        "seconds": saved.motion.seconds,
    }
    return json.dumps(data)


def read_session(text: str, like: Appearance, parts: int, crop: int) -> Saved:
    """The inverse of `write_session`, checked like any hostile input; raises `BadSession`.

    like: a look of the model at work, whose codes the file's have to fit. parts, crop: number and side of its crops.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadSession(BROKEN)
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise BadSession(BROKEN)
        shapes = [code.shape for code in like.codes]
        look, own = (_look_from_dict(data[name], shapes, (parts, crop)) for name in ("look", "own"))
        return Saved(Pose.from_dict(data["pose"]), look, own, Motion.from_dict(data))
    except (ValueError, KeyError, TypeError, RecursionError, BadPose):
        raise BadSession(BROKEN) from None


def _look_to_dict(look: Appearance) -> dict[str, Any]:
    codes = [base64.b64encode(code.astype(np.float16).tobytes()).decode() for code in look.codes]
    return {"codes": codes, "pose": look.pose.to_dict(), "crops": None if look.crops is None else _png(look.crops)}


def _look_from_dict(data: Mapping[str, Any], shapes: Sequence[tuple[int, ...]], crops: tuple[int, int]) -> Appearance:
    if len(data["codes"]) != len(shapes):
        raise BadSession("This session was saved with another model: choose the checkpoint it was made with.")
    codes = tuple(_code(text, shape) for text, shape in zip(data["codes"], shapes, strict=True))
    stored = data.get("crops")
    return Appearance(
        codes, Pose.from_dict(data["pose"]).require_usable(), None if stored is None else _crops(stored, crops)
    )


def _code(text: str, shape: tuple[int, ...]) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(text, validate=True), np.float16).astype(np.float32)
    if values.size != np.prod(shape):
        raise BadSession("This session was saved with another model: choose the checkpoint it was made with.")
    if not (np.abs(values) <= MAX_CODE).all():  # NaN fails too
        raise BadSession(BROKEN)
    return values.reshape(shape)


def _png(crops: np.ndarray) -> str:
    """(P, s, s, 3) uint8, one below the other."""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(list(crops))).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _crops(text: str, crops: tuple[int, int]) -> np.ndarray:
    parts, size = crops
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"]) as image:
            if image.size != (size, parts * size) or image.mode != "RGB":
                raise BadSession(BROKEN)
            return np.asarray(image).reshape(parts, size, size, 3).copy()
    except BadSession:
        raise
    except Exception:  # Pillow's decoders raise nearly anything on damaged files
        raise BadSession(BROKEN) from None
