"""A visitor's work as one JSON file: the pose on the stage, the looks worn, own and kept, and the motion's keys."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from PIL import Image

from vunet.errors import BadPose, VUNetError
from vunet.person.cutout import ALL, LAYERS, Cutout, Layer, layers_of_crops
from vunet.pose.anatomy import PARTS
from vunet.pose.key_poses import Motion
from vunet.pose.skeleton import Pose
from vunet.studio.appearance import Appearance

FORMAT = "vunet-session-1"
MAX_CHARACTERS = 16_000_000  # a full wardrobe is half of it
MOST = 24  # looks in the wardrobe
MAX_NAME = 200
DETAIL_QUALITY = 90  # of WebP
OLD_CROP = 160  # side of the crops at the photo's own detail that older versions wrote
MOST_PHOTOS = 8  # cut-out people of one look
LARGEST = 4096  # pixels of a picture's side
MAX_CODE = 50.0  # of a code's values: a posterior's lie within 20
BROKEN = "This is no session that can be opened: give a file that was saved on this page."
OTHER = "This session was saved with another model: choose the checkpoint it was made with."


class BadSession(VUNetError):
    """The session file cannot be read or belongs to another model."""


@dataclass(frozen=True, eq=False)
class Saved:
    """What a session file holds. checkpoint: the name of the model that the looks are of, "" where it is not known.
    wardrobe: the looks that were kept, with their names."""

    pose: Pose
    look: Appearance
    own: Appearance
    motion: Motion = field(default_factory=Motion)
    checkpoint: str = ""
    wardrobe: tuple[tuple[str, Appearance], ...] = ()


@dataclass(frozen=True, eq=False)
class LookShape:
    """Expected shapes of a model's looks: `like` is one of them; parts, crop: number and side of its crops; detail: side of
    the frame of what it copies from photos, 0 where the model copies nothing."""

    like: Appearance
    parts: int
    crop: int
    detail: int = 0


def write_session(saved: Saved) -> str:
    """JSON text, some 400 kB, and 200 for each look of the wardrobe."""
    data = {
        "format": FORMAT,
        "checkpoint": saved.checkpoint,
        "pose": saved.pose.to_dict(),
        "look": _look_to_dict(saved.look),
        "own": _look_to_dict(saved.own),
        **saved.motion.to_dict(),
        "wardrobe": [{"name": name} | _look_to_dict(look) for name, look in saved.wardrobe],
    }
    return json.dumps(data)


def read_session(text: str, look_shape_of: Callable[[str], LookShape]) -> Saved:
    """The inverse of `write_session`, checked like any hostile input; raises `BadSession`.

    look_shape_of: what the looks of a checkpoint are like, by its name; "" where the file names none.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadSession(BROKEN)
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise BadSession(BROKEN)
        name = _short(data.get("checkpoint", ""))
        look_shape = look_shape_of(name)
        own = _look_from_dict(data["own"], look_shape)
        look = own if data["look"] == data["own"] else _look_from_dict(data["look"], look_shape)
        kept = data.get("wardrobe", [])[:MOST]
        wardrobe = tuple((_short(each["name"]), _look_from_dict(each, look_shape)) for each in kept)
        return Saved(Pose.from_dict(data["pose"]), look, own, Motion.from_dict(data), name, wardrobe)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, BadPose):
        raise BadSession(BROKEN) from None


_WRITTEN: WeakKeyDictionary[Appearance, dict[str, Any]] = WeakKeyDictionary()  # encoding pictures takes most of the time


def _look_to_dict(look: Appearance) -> dict[str, Any]:
    if look not in _WRITTEN:
        _WRITTEN[look] = _encoded_look(look)
    return _WRITTEN[look]


def _encoded_look(look: Appearance) -> dict[str, Any]:
    codes = [base64.b64encode(code.astype(np.float16).tobytes()).decode() for code in look.codes]
    data = {
        "codes": codes,
        "pose": look.pose.to_dict(),
        "crops": None if look.crops is None else _encoded(look.crops, "PNG"),
    }
    return data | ({"photos": [_cutout_to_dict(cutout) for cutout in look.detail]} if look.detail else {})


def _short(text: Any) -> str:
    if not isinstance(text, str) or len(text) > MAX_NAME:
        raise BadSession(BROKEN)
    return text


def _look_from_dict(data: Mapping[str, Any], look_shape: LookShape) -> Appearance:
    shapes = [code.shape for code in look_shape.like.codes]
    if len(data["codes"]) != len(shapes):
        raise BadSession(OTHER)
    codes = tuple(_code(text, shape) for text, shape in zip(data["codes"], shapes, strict=True))
    stored = data.get("crops")
    crops = None if stored is None else _crops(stored, (look_shape.parts, look_shape.crop), "RGB")
    pose = Pose.from_dict(data["pose"]).require_usable()
    return Appearance(codes, pose, crops, _detail(data, pose, look_shape.detail))


def _detail(data: Mapping[str, Any], pose: Pose, size: int) -> tuple[Cutout, ...]:
    if not size:
        return ()
    if isinstance(data.get("detail"), str):  # of older versions
        return (layers_of_crops(_crops(data["detail"], (len(PARTS), OLD_CROP), "RGBA"), pose, size),)
    return tuple(_cutout(each, size) for each in data.get("photos", [])[:MOST_PHOTOS])


def _cutout_to_dict(cutout: Cutout) -> dict[str, Any]:
    layers = [{"at": list(layer.corner), "picture": _layer_text(layer)} for layer in cutout.layers]
    return {
        "layers": layers, "pose": cutout.pose.to_dict(), "size": cutout.size, "parts": sorted(cutout.parts),
        "strength": cutout.strength,
    }  # fmt: skip


_TEXTS: WeakKeyDictionary[Layer, str] = WeakKeyDictionary()  # looks share layers


def _layer_text(layer: Layer) -> str:
    if layer not in _TEXTS:
        _TEXTS[layer] = _encoded([layer.picture], "WEBP") if layer.picture.size else ""
    return _TEXTS[layer]


def _cutout(data: Mapping[str, Any], size: int) -> Cutout:
    parts, strength = data["parts"], float(data["strength"])
    if data["size"] != size or len(data["layers"]) != len(LAYERS) or not 0 <= strength <= 1:
        raise BadSession(BROKEN)
    if not ALL.issuperset(parts):
        raise BadSession(BROKEN)
    pose = Pose.from_dict(data["pose"]).require_usable()
    return Cutout(tuple(_layer(each, size) for each in data["layers"]), pose, size, frozenset(parts), strength)


def _layer(data: Mapping[str, Any], size: int) -> Layer:
    left, top = (int(value) for value in data["at"])
    picture = _picture(data["picture"], "RGBA") if data["picture"] else np.zeros((0, 0, 4), np.uint8)
    height, width = picture.shape[:2]
    if min(left, top) < 0 or left + width > size or top + height > size:
        raise BadSession(BROKEN)
    return Layer(picture, (left, top))


def _code(text: str, shape: tuple[int, ...]) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(text, validate=True), np.float16).astype(np.float32)
    if values.size != np.prod(shape):
        raise BadSession(OTHER)
    if not (np.abs(values) <= MAX_CODE).all():  # NaN fails too
        raise BadSession(BROKEN)
    return values.reshape(shape)


def _encoded(crops: Sequence[np.ndarray] | np.ndarray, kind: str) -> str:
    """(P, s, s, C) uint8, one below the other."""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(list(crops))).save(buffer, kind, quality=DETAIL_QUALITY)
    return base64.b64encode(buffer.getvalue()).decode()


def _crops(text: str, crops: tuple[int, int], mode: str) -> np.ndarray:
    """The inverse of `_encoded`, in a mode of Pillow's."""
    parts, size = crops
    picture = _picture(text, mode)
    if picture.shape[:2] != (parts * size, size):
        raise BadSession(BROKEN)
    return picture.reshape(parts, size, size, -1)


def _picture(text: str, mode: str) -> np.ndarray:
    """(H, W, C) uint8; WebP leaves out an opacity that is full everywhere."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG", "WEBP"]) as image:
            if max(image.size) > LARGEST or image.mode not in {"RGB", mode}:
                raise BadSession(BROKEN)
            return np.array(image.convert(mode))
    except BadSession:
        raise
    except Exception:  # Pillow's decoders raise nearly anything on damaged files
        raise BadSession(BROKEN) from None
