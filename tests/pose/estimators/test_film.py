"""Films as motions: read, followed, filled, smoothed; what cannot be used is one sentence."""

import io
import itertools
import struct
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from vunet import Motion, Pose, VUNetError
from vunet.pose.estimators.detection import Detection
from vunet.pose.estimators.film_poses import RATE, read_film


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
    poses = read_film(film(), Known())
    assert len(poses) == 10
    ways = [pose.xy("cnose")[0] for pose in poses]
    assert all(a < b for a, b in itertools.pairwise(ways)) and poses[0].visible.all()


def test_what_is_read_until_somebody_has_had_enough_counts(film):
    told = []
    assert len(read_film(film(), Known(), told.append, lambda: len(told) > 3)) == 4


def test_gaps_are_filled(film):
    whole, gappy = read_film(film(), Known()), read_film(film(), Known(blind={0, 4, 5}))
    assert len(gappy) == len(whole)
    assert max(np.abs(a.joints - b.joints).max() for a, b in zip(whole, gappy, strict=True)) < 0.05


def test_the_largest_at_first_is_followed_even_if_another_grows(film):
    ways = [pose.xy("cnose")[0] for pose in read_film(film(), Known(twins=True))]
    assert np.ptp(ways) < 0.2


def test_gifs_are_films(tmp_path):
    pictures = [Image.fromarray(np.full((64, 64, 3), 40 * i, np.uint8)) for i in range(6)]
    pictures[0].save(tmp_path / "film.gif", save_all=True, append_images=pictures[1:], duration=80)
    assert len(read_film(tmp_path / "film.gif", Known())) >= 3


def test_a_rate_that_varies_is_read_evenly_in_time(tmp_path):
    """Six pictures in the first half second, two in the last second and a half; the person moves by one pixel in each."""
    pictures = [Image.fromarray(np.full((64, 64, 3), 30 * i, np.uint8)) for i in range(8)]
    lasts = [80] * 6 + [700, 700]
    pictures[0].save(tmp_path / "film.gif", save_all=True, append_images=pictures[1:], duration=lasts)
    poses = read_film(tmp_path / "film.gif", Known())
    ways = np.diff([pose.xy("cnose")[0] for pose in poses])
    assert len(poses) == pytest.approx(RATE * (0.48 + 0.7), abs=1)
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


@pytest.mark.parametrize("name", ["telephone-hlg.mov", "pq.webm"])
def test_films_of_a_high_dynamic_range_are_read(name):
    """HEVC as telephones film, and VP9, ten bits each, made by FFmpeg's test source."""
    pictures = []

    class Watching(Known):
        def detect(self, picture):
            pictures.append(picture)
            return super().detect(picture)

    assert len(read_film(Path(__file__).parent / "films" / name, Watching())) == 5
    assert {picture.dtype for picture in pictures} == {np.dtype(np.uint8)}
    assert all(20 < picture.mean() < 220 and picture.std() > 30 for picture in pictures)


def test_a_motion_is_read_from_a_film_in_one_line(film, monkeypatch):
    monkeypatch.setattr("vunet.pose.estimators.load_estimator.load_estimator", Known)
    plain, kept = Motion.from_video(film()), Motion.from_video(film(), Pose.default())
    assert [len(each.keys) for each in (plain, kept)] == [2, 2] and len(plain.poses(25)) > 20
    legs = [np.linalg.norm(each.keys[1].xy("lknee") - each.keys[1].xy("lhip")) for each in (plain, kept)]
    assert legs[0] != pytest.approx(legs[1], rel=0.1)
    assert legs[1] == pytest.approx(np.linalg.norm(Pose.default().xy("lknee") - Pose.default().xy("lhip")), rel=0.01)


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
    monkeypatch.setattr("vunet.pose.estimators.film_poses.LONGEST", 0.3)
    with pytest.raises(VUNetError, match="seconds: cut it"):
        read_film(film(), Known())
    monkeypatch.setattr("vunet.pose.estimators.film_poses.LARGEST", 100)
    with pytest.raises(VUNetError, match="MB: cut it"):
        read_film(film(), Known())
