"""What the public API refuses, in one sentence, before anything is computed."""

import numpy as np
import pytest
import torch

from vunet import Pose, Studio, VUNet, VUNetError
from vunet.model import VUNetConfig


@pytest.fixture(scope="module")
def other():
    """A model with other codes, untrained."""
    return Studio(VUNet(VUNetConfig.preset("paper-128")), torch.device("cpu"), engine="eager")


@pytest.fixture
def looks(studio):
    return studio.sample(Pose.default(), 2)


@pytest.mark.parametrize("share", [-0.25, 1.5, float("nan")])
def test_a_blend_is_between_the_two(studio, looks, share):
    with pytest.raises(VUNetError):
        studio.blend(*looks, share)


def test_looks_of_another_model_are_refused(studio, looks, other):
    for work in (
        lambda: other.render(looks[0], Pose.default()),
        lambda: other.blend(*looks, 0.5),
        lambda: other.outfit(looks[0], legs=looks[1]),
        lambda: other.render_many(looks, [Pose.default()] * 2),
    ):
        with pytest.raises(VUNetError):
            work()


@pytest.mark.parametrize("count", [0, 2.5, 1000, "many"])
def test_counts_are_whole_and_in_range(studio, count):
    with pytest.raises(VUNetError):
        studio.sample(Pose.default(), count)


def test_nothing_to_render_gives_no_pictures(studio):
    assert len(list(studio.render_many([], []))) == 0


def test_the_same_model_on_a_device_keeps_its_engine_queue_and_weights(studio):
    eager = Studio.load(device="cpu", engine="eager", precision="float32")
    again = eager.on("cpu")
    assert again.engine.name == eager.engine.name and again.render_queue is eager.render_queue
    look = eager.sample(Pose.default(), 1)[0]
    assert np.array_equal(eager.render(look, Pose.default()), again.render(look, Pose.default()))
