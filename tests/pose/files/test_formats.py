import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vunet import BadPose, Pose
from vunet.pose.files.formats import FORMATS, read_pose_file, write_pose
from vunet.pose.files.layouts import COCO_17, LAYOUTS
from vunet.pose.joints import JOINTS

POSES = st.builds(
    lambda joints, visible: Pose(np.array(joints, np.float32).reshape(15, 2), np.array(visible)),
    st.lists(st.floats(0.02, 0.98), min_size=30, max_size=30),
    st.lists(st.booleans(), min_size=15, max_size=15).filter(any),
)


@pytest.mark.parametrize("form", FORMATS)
@given(pose=POSES)
@settings(max_examples=25, deadline=None)
def test_every_format_comes_back_as_it_was(form, pose):
    (again,) = read_pose_file(write_pose(pose, form)).poses
    assert (again.visible == pose.visible).all()
    assert np.abs(again.joints - pose.joints)[pose.visible].max() < 1e-4


def test_several_people_are_listed_and_the_largest_is_known():
    small, large = (Pose(Pose.default().joints * k, np.ones(15, bool)) for k in (0.3, 0.9))
    people = [json.loads(write_pose(p, "COCO, 17 keypoints")) for p in (small, large)]
    read = read_pose_file(json.dumps({"annotations": people}))
    assert len(read.poses) == 2 and read.largest == 1


def test_coco_keypoints_without_visibility_are_missing():
    document = json.loads(write_pose(Pose.default(), "COCO, 17 keypoints"))
    document["keypoints"][3 * COCO_17.joints["lwrist"] + 2] = 0
    (pose,) = read_pose_file(json.dumps(document)).poses
    assert not pose.has("lwrist") and pose.visible.sum() == 14


BROKEN = [
    "", "{", "[]", "null", "3", '"joints"', '{"joints": 4}', "[" * 100_000, "1" * 1_000_001,
    '{"keypoints": [1, 2]}', '{"annotations": [{"keypoints": "x"}]}', '[{"keypoints": null}]',
    '{"keypoints": [' + "9" * 400 + "]}", '{"joints": {"rankle": {"x": ' + "9" * 400 + "}}}",
    '{"people": []}', '{"people": [{"pose_keypoints_2d": [1]}]}',
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_broken_documents_are_one_sentence(text):
    with pytest.raises(BadPose) as error:
        read_pose_file(text)
    assert "\n" not in str(error.value) and len(str(error.value)) < 160


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_every_layout_names_our_joints_once(layout):
    assert set(layout.joints) == set(JOINTS) and len(set(layout.joints.values())) == 15
    assert max(layout.joints.values()) < layout.count


@pytest.mark.parametrize("form", FORMATS)
def test_a_pose_without_visible_joints_is_refused_in_one_sentence(form):
    with pytest.raises(BadPose, match="missing"):
        read_pose_file(write_pose(Pose(Pose.default().joints, np.zeros(15, bool)), form))


def test_empty_people_beside_others_are_left_out():
    full, empty = (json.loads(write_pose(Pose(Pose.default().joints, v), "COCO, 17 keypoints"))
                   for v in (np.ones(15, bool), np.zeros(15, bool)))  # fmt: skip
    assert len(read_pose_file(json.dumps([empty, full, {"bbox": [1, 2, 3, 4]}])).poses) == 1
    openpose = json.loads(write_pose(Pose.default(), "OpenPose, 18 joints"))
    openpose["people"].insert(0, {"pose_keypoints_2d": [0] * 54})
    assert len(read_pose_file(json.dumps(openpose)).poses) == 1


@pytest.mark.parametrize("size", [10**400, -1, 0, float("inf"), "wide"])
def test_absurd_canvases_are_not_believed(size):
    people = [{"pose_keypoints_2d": np.linspace(10, 400, 54).tolist()}]
    text = json.dumps({"people": people, "canvas_width": size, "canvas_height": size})
    assert np.isfinite(read_pose_file(text).poses[0].joints).all()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("place", [(-0.08, 0.5), (0.5, -0.12), (1.2, 0.4)])
def test_joints_outside_of_the_frame_come_back(form, place):
    joints = Pose.default().joints.copy()
    joints[JOINTS.index("lwrist")] = place
    (again,) = read_pose_file(write_pose(Pose(joints, np.ones(15, bool)), form)).poses
    assert again.has("lwrist") and np.abs(again.xy("lwrist") - place).max() < 1e-4


def test_text_that_only_looks_like_a_pose_is_refused_at_once():
    tracemalloc.start()
    with pytest.raises(BadPose):
        read_pose_file("[" + "1," * 400_000 + "'a',]")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
