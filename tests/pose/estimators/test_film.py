"""Films as motions: read, followed, filled, smoothed; what cannot be used is one sentence."""

import itertools

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
        codec = cv2.VideoWriter_fourcc(*("VP90" if name.endswith("webm") else "MJPG"))
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


@pytest.mark.parametrize("content", [b"", b"no film", b"\x00\x00\x00\x18ftypmp42" + bytes(200)])
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
