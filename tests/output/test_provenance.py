"""A saved picture says that a model made it."""

import io

import numpy as np
import pytest
from PIL import Image

from vunet.output.files import write_picture
from vunet.output.provenance import marked, png_bytes

PICTURE = np.full((8, 8, 3), 99, np.uint8)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_files_name_what_made_them(tmp_path, ending):
    write_picture(tmp_path / f"x.{ending}", PICTURE)
    image = Image.open(tmp_path / f"x.{ending}")
    image.load()
    xmp = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
    assert "trainedAlgorithmicMedia" in (xmp if isinstance(xmp, str) else xmp.decode())
    assert ending != "png" or "not a photograph" in image.info["Comment"]


def test_formats_without_such_words_are_written_all_the_same(tmp_path):
    write_picture(tmp_path / "x.bmp", PICTURE)
    assert Image.open(tmp_path / "x.bmp").size == (8, 8)


def test_cut_outs_keep_their_opacity():
    image = Image.open(io.BytesIO(png_bytes(np.dstack([PICTURE, np.full((8, 8), 7, np.uint8)]))))
    assert image.mode == "RGBA" and image.getpixel((0, 0)) == (99, 99, 99, 7) and "vunet" in image.info["Software"]


def test_what_gradio_saves_is_marked_too():
    assert "generative" in marked(PICTURE).info["Comment"]
