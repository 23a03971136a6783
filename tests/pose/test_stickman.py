import numpy as np
import pytest

from tests.conftest import DATA
from vunet import Pose
from vunet.pose import draw_stickman
from vunet.pose.joints import JOINTS


def reference_poses():
    data = np.load(DATA / "preprocess.npz")
    assert tuple(data["joint_order"]) == JOINTS
    return [Pose(np.where(j < 0, 0, j), (j >= 0).all(axis=1)) for j in data["joints"]], data


@pytest.mark.parametrize("i", range(6))
def test_equals_the_authors_drawing(i):
    poses, data = reference_poses()
    assert (draw_stickman(poses[i], 64, smooth=False) == data["stickmen"][i]).all()


def test_smooth_drawing_follows_small_moves():
    pose = Pose.default()
    moved = Pose(pose.joints + 0.3 / 256, pose.visible)
    assert (draw_stickman(pose, 256) != draw_stickman(moved, 256)).any()
    assert (draw_stickman(pose, 256) != draw_stickman(moved, 256)).sum() > 2 * (
        draw_stickman(pose, 256, smooth=False) != draw_stickman(moved, 256, smooth=False)
    ).sum()


def test_sides_have_their_own_channels():
    drawn = draw_stickman(Pose.default(), 128)
    right, left = drawn[:, :60, 0].sum(), drawn[:, :60, 1].sum()
    assert right > 0 and left == 0  # the person's right is the viewer's left
    assert drawn[45, 64, 2] == 255


def test_hidden_joints_are_not_drawn():
    pose = Pose(Pose.default().joints, np.zeros(15, bool))
    assert not draw_stickman(pose, 64).any()
