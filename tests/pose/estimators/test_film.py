"""Films as motions: read, followed, filled, smoothed; what cannot be used is one sentence."""

import io
import itertools
import struct
import wave

import cv2
import numpy as np
import pytest
from PIL import Image

from vunet import Pose, VUNetError
from vunet.pose.estimators.detection import Detection
from vunet.pose.estimators.film import read_film


class Known:
    """Finds people whose joints move to the right with every picture, except where it is told to see nobody."""

    name = "known"

    def __init__(self, blind=(), twins=False):
        self.blind, self.twins, self.calls = set(blind), twins, 0

    def detect(self, picture):
        number, self.calls = self.calls, self.calls + 1
        if number in self.blind:
            return []
        joints = Pose.default().joints * 80 + [number, 10]
        everything = np.ones(15, bool)
        people = [Detection(joints.astype(np.float32), everything)]
        if self.twins:  # somebody larger comes later, elsewhere
            other = Pose.default().joints * (60 if number < 3 else 110) + [90, 0]
            people.insert(0, Detection(other.astype(np.float32), everything))
        return people


@pytest.fixture
def film(tmp_path):
    def write(name="film.webm", count=20, rate=25, size=(160, 120)):
        codec = cv2.VideoWriter_fourcc(*({"webm": "VP90", "mp4": "mp4v"}[name.split(".")[1]]))
        writer = cv2.VideoWriter(str(tmp_path / name), codec, rate, size)
        for i in range(count):
            writer.write(np.full((size[1], size[0], 3), 20 + 5 * i, np.uint8))
        writer.release()
        return tmp_path / name

    return write


def test_every_second_picture_of_a_film_is_read_and_the_person_followed(film):
    motion = read_film(film(), Known())
    assert len(motion.poses) == 10 and motion.rate == 12.5
    ways = [pose.xy("cnose")[0] for pose in motion.poses]
    assert all(a < b for a, b in itertools.pairwise(ways)) and motion.poses[0].visible.all()


def test_gaps_are_filled(film):
    whole, gappy = read_film(film(), Known()), read_film(film(), Known(blind={0, 4, 5}))
    assert len(gappy.poses) == len(whole.poses)
    assert max(np.abs(a.joints - b.joints).max() for a, b in zip(whole.poses, gappy.poses, strict=True)) < 0.05


def test_the_largest_at_first_is_followed_even_if_another_grows(film):
    ways = [pose.xy("cnose")[0] for pose in read_film(film(), Known(twins=True)).poses]
    assert np.ptp(ways) < 0.2


def test_gifs_are_films(tmp_path):
    pictures = [Image.fromarray(np.full((64, 64, 3), 40 * i, np.uint8)) for i in range(6)]
    pictures[0].save(tmp_path / "film.gif", save_all=True, append_images=pictures[1:], duration=80)
    assert len(read_film(tmp_path / "film.gif", Known()).poses) >= 3


def test_a_rate_that_varies_is_read_evenly_in_time(tmp_path):
    """Six pictures in the first half second, two in the last second and a half; the person moves by one pixel in each."""
    pictures = [Image.fromarray(np.full((64, 64, 3), 30 * i, np.uint8)) for i in range(8)]
    lasts = [80] * 6 + [700, 700]
    pictures[0].save(tmp_path / "film.gif", save_all=True, append_images=pictures[1:], duration=lasts)
    motion = read_film(tmp_path / "film.gif", Known())
    ways = np.diff([pose.xy("cnose")[0] for pose in motion.poses])
    assert len(motion.poses) == pytest.approx(motion.rate * (0.48 + 0.7), abs=1)
    assert ways[1:4].mean() > 4 * ways[-5:-1].mean() > 0


def test_a_film_that_is_turned_in_its_file_is_read_upright(film):
    path = film("film.mp4", size=(160, 120))
    content = path.read_bytes()
    at = content.index(b"tkhd") + 4 + 40  # the matrix, behind version, times, track, lasting, layer and volume
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 120 << 16, 0, 1 << 30)
    path.write_bytes(content[:at] + turned + content[at + 36 :])
    shapes = []

    class Watching(Known):
        def detect(self, picture):
            shapes.append(picture.shape)
            return super().detect(picture)

    read_film(path, Watching())
    assert set(shapes) == {(160, 120, 3)}


def sound():
    """A tenth of a second of silence."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setparams((1, 2, 8000, 800, "NONE", ""))
        file.writeframes(bytes(1600))
    return content.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"no film", b"\x00\x00\x00\x18ftypmp42" + bytes(200), sound()], ids=["empty", "text", "cut", "sound"]
)
def test_what_is_no_film_is_one_sentence(tmp_path, content):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(VUNetError, match="no film that can be read"):
        read_film(path, Known())


def test_nobody_too_long_and_too_large_are_one_sentence(film, tmp_path, monkeypatch):
    with pytest.raises(VUNetError, match="Nobody with visible"):
        read_film(film(), Known(blind=range(99)))
    monkeypatch.setattr("vunet.pose.estimators.film.LONGEST", 0.3)
    with pytest.raises(VUNetError, match="seconds: cut it"):
        read_film(film(), Known())
    monkeypatch.setattr("vunet.pose.estimators.film.LARGEST", 100)
    with pytest.raises(VUNetError, match="MB: cut it"):
        read_film(film(), Known())
