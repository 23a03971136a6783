import cv2
import numpy as np
import pytest
from PIL import Image

from vunet.errors import VUNetError
from vunet.output.film import SIZE, write_film


@pytest.fixture
def pictures():
    """A white square that walks to the right."""
    frames = np.zeros((6, 64, 64, 3), np.uint8)
    for i, frame in enumerate(frames):
        frame[20:40, 8 * i : 8 * i + 16] = 255
    return frames


def test_webm_holds_every_picture(tmp_path, pictures):
    write_film(iter(pictures), tmp_path / "a.webm", 12)
    film = cv2.VideoCapture(str(tmp_path / "a.webm"))
    frames = [film.read()[1] for _ in pictures]
    assert film.read()[0] is False and round(film.get(cv2.CAP_PROP_FPS)) == 12
    for frame, picture in zip(frames, pictures, strict=True):
        assert frame.shape == (SIZE, SIZE, 3)
        small = cv2.resize(frame, (64, 64), interpolation=cv2.INTER_AREA)
        assert np.abs(small.astype(int) - picture).mean() < 12


def test_gif_repeats_for_ever(tmp_path, pictures):
    write_film(pictures, tmp_path / "a.gif", 10)
    with Image.open(tmp_path / "a.gif") as film:
        assert film.n_frames == 6 and film.info["loop"] == 0 and film.info["duration"] == 100


def test_what_cannot_be_written_is_said(tmp_path, pictures):
    with pytest.raises(VUNetError, match="webm, mp4 or gif"):
        write_film(pictures, tmp_path / "a.mov", 10)
    with pytest.raises(VUNetError, match="one picture"):
        write_film([], tmp_path / "a.gif", 10)
