"""Where heads and feet are in the picture."""

import numpy as np
import pytest

from vunet.pose.anatomy import torso_axis
from vunet.pose.apparent_size import foot_ahead
from vunet.pose.axes import head_place
from vunet.pose.joints import FACE, INDEX
from vunet.pose.skeleton import Pose


def test_a_head_seen_from_the_front_is_about_its_nose():
    pose = Pose.default()
    middle, up = head_place(pose)
    assert np.linalg.norm(middle - pose.xy("cnose")) < 0.05 * torso_axis(pose)[1]
    assert up @ [0, -1] > 0.99


@pytest.mark.parametrize("degrees", [90, -90])
def test_in_profile_a_head_is_behind_its_nose_and_upright(degrees):
    pose = Pose.default().turned(degrees)
    middle, up = head_place(pose)
    nose, neck = pose.xy("cnose"), pose.xy("neck")
    behind = np.sign(neck[0] - nose[0])
    assert behind * (middle[0] - nose[0]) > 0.08 * torso_axis(pose)[1]
    assert up @ [0, -1] > 0.9


def test_a_face_that_looks_aside_does_not_tilt_the_head():
    pose = Pose.default()
    joints = pose.joints.copy()
    joints[[INDEX[name] for name in FACE], 0] += 0.03
    _, up = head_place(Pose(joints, pose.visible))
    nose_from_neck = joints[INDEX["cnose"]] - pose.xy("neck")
    tilt = abs(np.degrees(np.arctan2(up[0], -up[1])))
    assert tilt < 0.6 * np.degrees(np.arctan2(nose_from_neck[0], -nose_from_neck[1]))


def test_without_eyes_a_head_follows_its_nose():
    pose = Pose.default()
    seen = pose.visible.copy()
    seen[[INDEX["leye"], INDEX["reye"]]] = False
    middle, _ = head_place(Pose(pose.joints, seen))
    assert np.array_equal(middle, pose.xy("cnose"))


@pytest.mark.parametrize("degrees", [90, -90])
def test_feet_point_the_way_that_the_nose_does(degrees):
    pose = Pose.default().turned(degrees)
    looks = np.sign(pose.xy("cnose")[0] - pose.xy("neck")[0])
    for side in "lr":
        assert looks * foot_ahead(pose, side)[0] > 0.8
