import base64
import dataclasses
import json
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vunet import Appearance, Pose
from vunet.errors import VUNetError
from vunet.ui.components.motion_strip import Motion
from vunet.ui.visitor.session_file import BadSession, LookShape, Saved, read_session, write_session

rng = np.random.default_rng(0)
CODES = tuple(rng.normal(size=(3, n, n)).astype(np.float32) for n in (2, 4))
LOOK = Appearance(CODES, Pose.default(), rng.integers(0, 255, (12, 8, 8, 3), np.uint8))
SAVED = Saved(
    Pose.default().mirrored(), LOOK, dataclasses.replace(LOOK, crops=None), Motion((Pose.default(),), 0.5),
    "parts-256", (("outfit 1", LOOK), ("3/2", LOOK)),
)  # fmt: skip


def read(text):
    return read_session(text, lambda name: LookShape(LOOK, 12, 8))


def test_round_trip():
    back = read(write_session(SAVED))
    assert (
        back.pose.to_dict() == SAVED.pose.to_dict() and back.motion.keys == SAVED.motion.keys and back.motion.seconds == 0.5
    )
    assert np.array_equal(back.look.crops, LOOK.crops) and back.own.crops is None
    assert back.checkpoint == "parts-256" and [name for name, _ in back.wardrobe] == ["outfit 1", "3/2"]
    assert np.array_equal(back.wardrobe[1][1].crops, LOOK.crops)
    assert all(np.allclose(a, b, atol=2e-3) for a, b in zip(back.look.codes, CODES, strict=True))


def test_the_file_says_whose_looks_they_are_and_old_files_do_not():
    asked = []

    def fitting(name):
        asked.append(name)
        return LookShape(LOOK, 12, 8)

    text = write_session(SAVED)
    read_session(text, fitting)
    old = json.loads(text)
    del old["checkpoint"], old["wardrobe"]
    assert read_session(json.dumps(old), fitting).wardrobe == () and asked == ["parts-256", ""]


def test_the_own_look_is_worn_as_the_own_one():
    back = read(write_session(dataclasses.replace(SAVED, look=SAVED.own)))
    assert back.look is back.own and read(write_session(SAVED)).look is not back.own


def test_a_session_of_another_model_is_said_to_be_one():
    other = Appearance((CODES[0], CODES[1][:2]), Pose.default())
    with pytest.raises(BadSession, match="another model"):
        read(write_session(dataclasses.replace(SAVED, look=other)))
    with pytest.raises(BadSession, match="another model"):
        read(write_session(dataclasses.replace(SAVED, own=Appearance(CODES[:1], Pose.default()))))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1000.0])
def test_codes_out_of_bounds_are_refused(value):
    codes = (np.full_like(CODES[0], value), CODES[1])
    with pytest.raises(BadSession):
        read(write_session(dataclasses.replace(SAVED, look=Appearance(codes, Pose.default()))))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["format", "pose", "look", "own", "keys", "seconds", "checkpoint", "wardrobe"]), JSON)
def test_any_damage_is_one_sentence(field, value):
    data = json.loads(write_session(SAVED)) | {field: value}
    try:
        read(json.dumps(data))
    except VUNetError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize("chunk", [b"fcTL", b"tRNS", b"zTXt", b"gAMA"])
def test_a_damaged_picture_is_one_sentence(chunk):
    data = json.loads(write_session(SAVED))
    png = base64.b64decode(data["look"]["crops"])
    at = png.index(b"IEND") - 4
    bad = png[:at] + struct.pack(">I", 1) + chunk + b"x" + struct.pack(">I", zlib.crc32(chunk + b"x")) + png[at:]
    data["look"]["crops"] = base64.b64encode(bad).decode()
    try:
        read(json.dumps(data))
    except VUNetError as error:
        assert str(error).endswith(".")


def test_numbers_beyond_floats_are_one_sentence():
    data = json.loads(write_session(SAVED)) | {"seconds": 10**400}
    with pytest.raises(VUNetError):
        read(json.dumps(data))


@given(st.integers(0, 2000), st.text(max_size=3))
def test_mutated_text_is_one_sentence(place, text):
    whole = write_session(SAVED)
    place %= len(whole)
    try:
        read(whole[:place] + text + whole[place + 1 :])
    except VUNetError as error:
        assert str(error).endswith(".")


def test_crops_at_the_photos_own_detail_come_back_nearly_as_they_were_and_odd_ones_are_refused():
    detail = np.zeros((12, 16, 16, 4), np.uint8)
    detail[:6, 2:14, 2:14] = (200, 80, 40, 255)
    fine = dataclasses.replace(LOOK, detail=detail)
    shape = LookShape(LOOK, 12, 8, 16)
    text = write_session(dataclasses.replace(SAVED, look=fine))
    back = read_session(text, lambda name: shape)
    assert (back.look.detail[..., 3] == detail[..., 3]).all() and back.own.detail is None
    assert np.abs(back.look.detail[0, 4:12, 4:12].astype(int) - detail[0, 4:12, 4:12]).max() < 12
    opaque = write_session(dataclasses.replace(SAVED, look=dataclasses.replace(LOOK, detail=np.full_like(detail, 255))))
    assert read_session(opaque, lambda name: shape).look.detail.shape == (12, 16, 16, 4)  # WebP leaves full opacity out
    assert read_session(text, lambda name: LookShape(LOOK, 12, 8)).look.detail is None  # another model reads none
    data = json.loads(text)
    data["look"]["crops"] = data["look"]["detail"]
    with pytest.raises(BadSession):
        read_session(json.dumps(data), lambda name: shape)
