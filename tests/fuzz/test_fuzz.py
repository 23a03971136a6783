"""Mutations of everything that strangers may hand in: the answer is a result or a `VUNetError`, within two seconds.

Short and seeded here; `python -m pytest tests/fuzz --long 100000` makes it long.
"""

import base64
import io
import json
import random
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.configs import SMALL
from tests.serving import finished
from vunet import Pose, VUNet, VUNetError
from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.person.photo import load_photo
from vunet.pose.files.formats import FORMATS, read_pose_file, write_pose
from vunet.pose.key_poses import Motion
from vunet.ui.panels.motion import plan
from vunet.ui.visitor.live_render import LiveRenderer
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.session_file import LookShape, Saved, read_session, write_session

SLOWEST = 2.0  # seconds: a hang, not a measure of speed
FORMS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PNG16", "PNGA", "CMYK"]
STRANGE = [
    None,
    True,
    -1,
    0,
    1e308,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "x" * 5000,
    "\ud800",
    [],
    {},
    [[[]]],
    {"joints": {}},
]


@pytest.fixture
def count(request):
    return request.config.getoption("--long") or 300


def survives(work, *inputs):
    """Runs it; whatever is not a `VUNetError` goes through, and fails the test."""
    started = time.perf_counter()
    try:
        work(*inputs)
    except VUNetError as error:
        assert str(error) and "\n" not in str(error)
    assert time.perf_counter() - started < SLOWEST


def picture(form):
    rng = np.random.default_rng(1)
    image = Image.fromarray(rng.integers(0, 255, (48, 40, 3), np.uint8))
    buffer = io.BytesIO()
    kinds = {
        "PNG16": lambda: Image.fromarray(rng.integers(0, 65535, (48, 40), np.uint16)),
        "PNGA": lambda: image.convert("RGBA"),
    }
    kinds["CMYK"] = lambda: image.convert("CMYK")
    written = {"PNG16": "PNG", "PNGA": "PNG", "CMYK": "JPEG"}.get(form, form)
    kinds.get(form, lambda: image)().save(buffer, written)
    return buffer.getvalue()


def mutated(data, rng):
    """Bytes flipped, cut, doubled, moved, or overwritten with extremes, as damaged and hostile files are."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(max(len(data), 1))
        kind = rng.randrange(5)
        if kind == 0 and data:
            data[at] = rng.randrange(256)
        elif kind == 1:
            del data[at:]
        elif kind == 2:
            data[at:at] = data[at : at + rng.randint(1, 64)]
        elif kind == 3:
            data[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff"])
        else:
            del data[at : at + rng.randint(1, 16)]
    return bytes(data)


def changed(value, rng):
    """A JSON value with some of its leaves replaced by strange ones, keys lost, lists cut."""
    if rng.random() < 0.04:
        return rng.choice(STRANGE)
    if isinstance(value, dict):
        return {k: changed(v, rng) for k, v in value.items() if rng.random() > 0.01}
    if isinstance(value, list):
        return [changed(v, rng) for v in value if rng.random() > 0.01]
    return rng.choice(STRANGE) if rng.random() < 0.02 else value


@pytest.mark.parametrize("form", FORMS)
def test_photos(form, count):
    rng, whole = random.Random(form), picture(form)
    assert load_photo(whole).shape[2] == 3
    for _ in range(count // len(FORMS)):
        survives(load_photo, mutated(whole, rng))


@pytest.mark.parametrize("form", list(FORMATS))
def test_pose_documents(form, count):
    rng, document = random.Random(form), json.loads(write_pose(Pose.default(), form))
    for _ in range(count // len(FORMATS)):
        survives(read_pose_file, json.dumps(changed(document, rng)))
        survives(read_pose_file, mutated(json.dumps(document).encode(), rng).decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def session(studio, people):
    look = studio.encode(studio.place(people[0]))
    other = replace(look, crops=None)
    text = write_session(
        Saved(Pose.default(), look, other, Motion((Pose.default(),) * 2), "x", (("a", look), ("b", other)))
    )
    return LookShape(look, studio.config.parts, studio.config.crop_size), json.loads(text)


def test_session_files(session, count):
    fitting, document = session
    rng = random.Random(2)
    for _ in range(count // 3):
        survives(read_session, json.dumps(changed(document, rng)), lambda name: fitting)
        damaged = json.loads(json.dumps(document))
        png = base64.b64decode(damaged["look"]["crops"])
        damaged["look"]["crops"] = base64.b64encode(mutated(png, rng)).decode()
        survives(read_session, json.dumps(damaged), lambda name: fitting)


def test_requests_of_a_drag_and_of_the_motion_strip(studio, count):
    line, rng = LiveRenderer(Studios(studio)), random.Random(3)
    token = line.keep(studio.sample(Pose.default(), 1)[0])
    request = {"token": token, "seq": 1, "pose": Pose.default().to_dict(), "language": "en"}
    strip = {"keys": [Pose.default().to_dict()] * 3, "seconds": 0.6, "language": "zh-CN"}
    for _ in range(count):
        answer = finished(line.render(changed(request, rng)))
        assert {"src", "error", "lost", "busy", "late"} & answer.keys()
        assert {"poses", "keys", "error"} & plan(changed(strip, rng)).keys()


def test_checkpoints(tmp_path, count):
    rng, path = random.Random(4), tmp_path / "x.safetensors"
    save_checkpoint(VUNet(SMALL), path)
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    for i in range(count // 3):
        path.write_bytes(mutated(whole[:header], rng) + whole[header:] if i % 2 else mutated(whole, rng))
        survives(load_checkpoint, path)
