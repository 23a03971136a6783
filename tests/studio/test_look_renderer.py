"""Which network doubles a look's picture."""

import numpy as np
import pytest

from vunet import Pose
from vunet.runtime.render_queue import RenderQueue


@pytest.fixture
def doubled(studio, monkeypatch):
    """The networks that were used, in turn: "photo" or "sample", and for how many pictures."""
    used = []
    for name, method in (("photo", "double"), ("sample", "double_sample")):
        plain = getattr(studio.engine, method)

        def noted(*inputs, name=name, plain=plain):
            used.append((name, len(inputs[0])))
            return plain(*inputs)

        monkeypatch.setattr(studio.engine, method, noted)
    return used


@pytest.fixture(scope="module")
def looks(studio):
    """A sample, and the same read from its picture."""
    sample = studio.sample(Pose.default(), 1, 3)[0]
    return sample, studio.encode(studio.place(studio.render(sample, sample.pose), sample.pose))


def test_a_look_without_a_photo_has_a_network_of_its_own(studio, looks, doubled):
    for look in looks:
        studio.render(look, Pose.default())
        studio.render(look, Pose.default(), studio.live_size)
    assert doubled == [("sample", 1), ("photo", 1)]


def test_looks_of_both_kinds_wait_in_one_queue(studio, looks, monkeypatch):
    monkeypatch.setattr(studio.renderer, "queue", RenderQueue(most=8))
    poses = [Pose.default(), Pose.default().mirrored(), Pose.default()]
    mixed = [looks[0], looks[1], looks[0]]
    many = studio.render_many(mixed, poses)
    for picture, look, pose in zip(many, mixed, poses, strict=True):
        assert np.array_equal(picture, studio.render(look, pose))
