import base64
import dataclasses
import io
import json
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vunet import Appearance, Pose
from vunet.errors import VUNetError
from vunet.person.cutout import Cutout, Layer
from vunet.pose.key_poses import Motion
from vunet.ui.visitor import session_file
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


def cutout():
    picture = np.zeros((16, 16, 4), np.uint8)
    picture[2:14, 2:14] = (200, 80, 40, 255)
    empty = Layer(np.zeros((0, 0, 4), np.uint8))
    return Cutout((Layer(picture, (5, 9)), empty, empty), Pose.default(), 64, frozenset({0, 1}), 0.5)


def test_what_is_copied_from_photos_comes_back_nearly_as_it_was_and_odd_ones_are_refused():
    fine, shape = dataclasses.replace(LOOK, detail=(cutout(),)), LookShape(LOOK, 12, 8, 64)
    text = write_session(dataclasses.replace(SAVED, look=fine))
    saved = read_session(text, lambda name: shape)
    (back,) = saved.look.detail
    assert (back.layers[0].picture[..., 3] == cutout().layers[0].picture[..., 3]).all() and not saved.own.detail
    assert np.abs(back.layers[0].picture[4:12, 4:12].astype(int) - cutout().layers[0].picture[4:12, 4:12]).max() < 16
    assert (back.layers[0].corner, back.parts, back.strength, back.size) == ((5, 9), {0, 1}, 0.5, 64)
    assert not read_session(text, lambda name: LookShape(LOOK, 12, 8)).look.detail  # another model reads none
    for change in ({"at": [60, 9]}, {"at": [-1, 0]}, {"picture": "AAAA"}):
        data = json.loads(text)
        data["look"]["photos"][0]["layers"][0] |= change
        with pytest.raises(BadSession):
            read_session(json.dumps(data), lambda name: shape)


def test_crops_that_older_versions_wrote_are_read():
    crops = np.full((12, 160, 160, 4), 255, np.uint8)
    data = json.loads(write_session(SAVED))
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(list(crops))).save(buffer, "WEBP", quality=90)
    data["look"]["detail"] = base64.b64encode(buffer.getvalue()).decode()
    (old,) = read_session(json.dumps(data), lambda name: LookShape(LOOK, 12, 8, 128)).look.detail
    assert old.size == 128 and old.layers[0].picture[..., 3].max() == 255


def test_a_look_is_encoded_once_however_often_a_session_is_written(monkeypatch):
    encoded = []
    real = session_file._encoded_look
    monkeypatch.setattr(session_file, "_encoded_look", lambda look: encoded.append(look) or real(look))
    worn, blended = dataclasses.replace(LOOK), dataclasses.replace(LOOK, crops=None)
    for look in (worn, blended, worn, blended):
        write_session(dataclasses.replace(SAVED, own=worn, look=look, wardrobe=()))
    assert encoded == [worn, blended]
