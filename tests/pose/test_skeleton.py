import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vunet import BadPose, Pose
from vunet.pose.joints import INDEX, JOINTS, LIMBS, MIRROR

fractions = arrays(np.float32, (15, 2), elements=st.floats(0, 1, width=32))
flags = arrays(np.bool_, (15,))


@given(fractions, flags)
def test_dict_round_trip(joints, visible):
    pose = Pose(joints, visible)
    again = Pose.from_dict(pose.to_dict())
    assert np.allclose(again.joints, pose.joints, atol=1e-5)
    assert (again.visible == pose.visible).all()


@given(fractions, flags)
def test_mirroring_twice_is_the_identity(joints, visible):
    pose = Pose(joints, visible)
    twice = pose.mirrored().mirrored()
    assert np.allclose(twice.joints, pose.joints, atol=1e-6)
    assert (twice.visible == pose.visible).all()


def test_mirroring_swaps_sides_and_reflects():
    mirrored = Pose.default().mirrored()
    assert mirrored.joints[INDEX["rwrist"]] == pytest.approx(Pose.default().joints[INDEX["lwrist"]] * [-1, 1] + [1, 0])
    assert (MIRROR[MIRROR] == np.arange(15)).all()


def test_limbs_name_known_joints():
    assert {n for limb in LIMBS for n in limb[:2]} <= {*JOINTS, "neck"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 3.0, -1.5])
def test_wild_coordinates_are_refused(value):
    data = Pose.default().to_dict()
    data["joints"]["cnose"]["x"] = value
    with pytest.raises(BadPose):
        Pose.from_dict(data)


@pytest.mark.parametrize(
    "data",
    [
        {}, {"joints": []}, {"joints": {"rankle": {"x": 0, "y": 0}}}, [], None,
        {"joints": {n: {"x": "left", "y": 0} for n in JOINTS}},
        {"joints": {n: {"x": 0, "y": 0, "visible": "yes"} for n in JOINTS}},
        {"joints": dict.fromkeys(JOINTS)},
    ],
)  # fmt: skip
def test_malformed_dicts_are_refused(data):
    with pytest.raises(BadPose):
        Pose.from_dict(data)


def test_a_pose_needs_shoulders_and_hips():
    data = Pose.default().to_dict()
    data["joints"]["lhip"]["visible"] = False
    with pytest.raises(BadPose, match="hips"):
        Pose.from_dict(data).require_usable()


def test_poses_are_values():
    assert Pose.default() == Pose.default()
    assert len({Pose.default(), Pose.default()}) == 1


def test_the_depth_of_limbs_travels_with_a_pose():
    pose = Pose(Pose.default().joints, Pose.default().visible, {"larm": "behind", "rleg": "front"})
    assert Pose.from_dict(pose.to_dict()) == pose != Pose.default()
    assert pose.mirrored().depth == {"rarm": "behind", "lleg": "front"}
    assert "depth" not in Pose.default().to_dict()


@pytest.mark.parametrize("depth", [{"larm": "up"}, {"tail": "front"}, ["larm"], "front", {"larm": None}])
def test_an_unknown_depth_is_refused(depth):
    with pytest.raises(BadPose, match="front or behind"):
        Pose.from_dict(Pose.default().to_dict() | {"depth": depth})
