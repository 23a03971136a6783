"""`prepare` with masks, names and folders as they come."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from tests.prepared import Known, drawing
from vunet import BadImage, VUNetError
from vunet.data.index import read_index
from vunet.data.prepare import Framing, drawn_mask, prepare

ORIENTATION = 0x0112


def saved(path, seed=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(drawing(seed)).save(path)
    return path


def half_mask(size, mode):
    """The left half is the person."""
    values = np.zeros((size[1], size[0]), np.uint8)
    values[:, : size[0] // 2] = 255
    if mode == "RGBA":
        return Image.fromarray(np.dstack([np.full((*values.shape, 3), 128, np.uint8), values]))
    palette = Image.fromarray((values > 0).astype(np.uint8), "P")
    palette.putpalette([0, 0, 0, 200, 0, 0])
    return palette if mode == "P" else Image.fromarray(values).convert(mode)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(240, 240), (480, 480)], ids=["own", "larger"])
def test_drawn_masks_of_every_kind_and_size_are_used(tmp_path, mode, size):
    photo = saved(tmp_path / "photos" / "a.png")
    half_mask(size, mode).save(tmp_path / "a.png")
    mask = drawn_mask(tmp_path, photo, (240, 240))
    assert mask.shape == (240, 240) and mask[:, :110].min() > 0.9 and mask[:, 130:].max() < 0.1


def test_a_mask_drawn_on_a_photo_as_the_file_holds_it_is_turned_with_it(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # a phone held upright: the file has to be turned clockwise
    Image.new("RGB", (160, 80), "white").save(tmp_path / "a.jpg", exif=exif)
    half_mask((160, 80), "L").save(tmp_path / "a.png")
    mask = drawn_mask(tmp_path, tmp_path / "a.jpg", (160, 80))  # upright: 80 wide, 160 high
    assert mask[:70].mean() > 0.9 and mask[90:].mean() < 0.1  # the file's left is at the top


@pytest.mark.parametrize("content", ["broken", "wide"])
def test_a_mask_that_cannot_be_used_refuses_its_photo_alone(tmp_path, content):
    saved(tmp_path / "photos" / "a.png"), saved(tmp_path / "photos" / "b.png", 2)
    (tmp_path / "masks").mkdir()
    if content == "broken":
        (tmp_path / "masks" / "a.png").write_bytes(b"no picture")
    else:
        half_mask((300, 100), "L").save(tmp_path / "masks" / "a.png")
    counts = prepare(tmp_path / "photos", tmp_path / "out", Known(), framing=Framing(masks=tmp_path / "masks"))
    assert counts == {"accepted": 1, "BadImage": 1}
    with pytest.raises(BadImage, match=r"mask a\.png"):
        drawn_mask(tmp_path / "masks", tmp_path / "photos" / "a.png", (240, 240))


@pytest.mark.parametrize("file", ["index.jsonl", "refused.jsonl"])
def test_a_last_line_that_was_cut_is_written_again(tmp_path, file):
    saved(tmp_path / "photos" / "a.png")
    Image.fromarray(np.zeros((240, 240, 3), np.uint8)).save(tmp_path / "photos" / "nobody.png")
    assert prepare(tmp_path / "photos", tmp_path / "out", Known()) == {"accepted": 1, "NoPersonFound": 1}
    whole = (tmp_path / "out" / file).read_text()
    (tmp_path / "out" / file).write_text(whole[: len(whole) // 2])
    again = prepare(tmp_path / "photos", tmp_path / "out", Known())
    assert again["accepted"] == 1 and len(read_index(tmp_path / "out")) == 1
    assert [json.loads(line)["photo"] for line in (tmp_path / "out" / "refused.jsonl").read_text().splitlines()] == [
        "nobody.png"
    ]


def test_a_refused_photo_is_tried_again_when_another_takes_its_place(tmp_path):
    path = saved(tmp_path / "photos" / "a.png")
    path.write_bytes(b"broken")
    saved(tmp_path / "photos" / "b.png")
    assert prepare(tmp_path / "photos", tmp_path / "out", Known()) == {"accepted": 1, "BadImage": 1}
    saved(path, 3)
    assert prepare(tmp_path / "photos", tmp_path / "out", Known())["accepted"] == 2


@pytest.mark.parametrize("other", [Framing(size=64), Framing(masks=None, size=128)])
def test_a_folder_that_was_prepared_in_another_way_is_refused(tmp_path, other):
    saved(tmp_path / "photos" / "a.png")
    prepare(tmp_path / "photos", tmp_path / "out", Known())
    with pytest.raises(VUNetError, match="another --frame"):
        prepare(tmp_path / "photos", tmp_path / "out", Known(), framing=other)


def test_names_that_are_no_text_too_long_or_of_folders_stop_nobody(tmp_path):
    photos = tmp_path / "photos"
    saved(photos / "good.png")
    (photos / "folder.jpg").mkdir()
    content = (photos / "good.png").read_bytes()
    for name in (b"caf\xe9.png", b"x" * 250 + b".png"):
        (photos / os.fsdecode(name)).write_bytes(content)
    counts = prepare(photos, tmp_path / "out", Known())
    assert counts == {"accepted": 1, "BadImage": 2}
    assert len(read_index(tmp_path / "out")) == 1
