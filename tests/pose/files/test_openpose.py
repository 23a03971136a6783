import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vunet import BadPose, Pose
from vunet.pose.joints import INDEX

inner = arrays(np.float32, (15, 2), elements=st.floats(0.03125, 0.96875, width=32))


@given(inner, arrays(np.bool_, (15,)).filter(np.any))
@settings(deadline=None)
def test_round_trip(joints, visible):
    again = Pose.from_openpose(Pose(joints, visible).to_openpose())
    assert (again.visible == visible).all()
    assert np.allclose(again.joints[visible], joints[visible], atol=1e-4)


def test_fractions_equal_pixels():
    pixels = Pose.default().to_openpose(640)
    points = np.array(pixels["people"][0]["pose_keypoints_2d"]).reshape(18, 3)
    points[:, :2] /= 640
    fractions = {"people": [{"pose_keypoints_2d": points.ravel().tolist()}]}
    assert np.allclose(Pose.from_openpose(fractions).joints, Pose.default().joints, atol=1e-4)


def test_confidence_never_scales_coordinates():
    data = Pose.default().to_openpose()
    flat = data["people"][0]["pose_keypoints_2d"]
    flat[2::3] = [0.31 if c else 0 for c in flat[2::3]]
    assert np.allclose(Pose.from_openpose(data).joints, Pose.default().joints, atol=1e-4)


def test_minus_one_and_zero_are_missing():
    data = Pose.default().to_openpose()
    data["people"][0]["pose_keypoints_2d"][0:3] = [-1, -1, 0]
    data["people"][0]["pose_keypoints_2d"][12:15] = [0, 0, 0]
    pose = Pose.from_openpose(data)
    assert not pose.has("cnose") and not pose.has("rwrist") and pose.has("rshoulder")


def test_body_25_skips_the_mid_hip():
    eighteen = np.array(Pose.default().to_openpose(100)["people"][0]["pose_keypoints_2d"]).reshape(18, 3)
    body = np.zeros((25, 3))
    body[:8], body[8], body[9:19] = eighteen[:8], (50, 48, 1), eighteen[8:]
    data = {"canvas_width": 100, "canvas_height": 100, "people": [{"pose_keypoints_2d": body.ravel().tolist()}]}
    assert np.allclose(Pose.from_openpose(data).joints, Pose.default().joints, atol=1e-4)


def test_a_wide_canvas_is_padded_to_a_square():
    data = Pose.default().to_openpose(100) | {"canvas_width": 300}
    pose = Pose.from_openpose(data)
    x, y = pose.joints[INDEX["cnose"]]
    assert (x, y) == pytest.approx((50 / 300, (13.5 + 100) / 300), abs=1e-4)


def test_without_a_canvas_the_body_fills_the_frame():
    data = {"people": Pose.default().to_openpose(2000)["people"]}
    joints = Pose.from_openpose(data).joints
    assert 0 < joints.min() < 0.1 and 0.9 < joints.max() < 1


def test_the_largest_person_is_the_default_and_others_can_be_chosen():
    small, large = Pose.default().to_openpose(100)["people"][0], Pose.default().to_openpose(400)["people"][0]
    data = {"canvas_width": 400, "canvas_height": 400, "people": [small, large]}
    assert np.allclose(Pose.from_openpose(data).joints, Pose.default().joints, atol=1e-4)
    assert np.allclose(Pose.from_openpose(data, person=0).joints, Pose.default().joints / 4, atol=1e-4)
    with pytest.raises(BadPose, match="2 people"):
        Pose.from_openpose(data, person=2)


@pytest.mark.parametrize(
    "data",
    [{}, [], {"people": []}, {"people": [{}]}, {"people": [{"pose_keypoints_2d": [1, 2, 3]}]},
     {"people": [{"pose_keypoints_2d": ["a"] * 54}]}, {"people": [{"pose_keypoints_2d": [0] * 54}]},
     {"people": [{"pose_keypoints_2d": [float("nan")] * 54}]}],
)  # fmt: skip
def test_broken_files_get_one_sentence(data):
    with pytest.raises(BadPose):
        Pose.from_openpose(data)
