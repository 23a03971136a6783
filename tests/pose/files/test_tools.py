"""Pose files as today's tools write them: every layout, order, nesting and unit, and what is missing or damaged in them."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vunet import BadPose, Pose
from vunet.pose.files.formats import read_pose_file
from vunet.pose.files.keypoints import from_joints
from vunet.pose.files.layouts import (
    COCO_17,
    HALPE_26,
    HALPE_136,
    LAYOUTS,
    MEDIAPIPE_33,
    OPENPOSE_18,
    OPENPOSE_25,
    WHOLEBODY_133,
)

STANDING = Pose.default()
SIDE = 640


def points(layout, pose=STANDING, side=SIDE, score=1):
    """(N, 3), the layout's other points somewhere in the picture."""
    rows = from_joints(pose.joints, pose.visible, layout, side, score)
    used = {*layout.joints.values(), *layout.middles}
    for i in set(range(layout.count)) - used:
        rows[i] = side * 0.5, side * 0.5, score
    return rows


def flat(rows):
    return [float(v) for v in rows.ravel()]


def pairs(rows):
    return [[float(x), float(y)] for x, y, _ in rows]


def triples(rows):
    return rows.tolist()


def openpose(*people, **more):
    return {"people": [{"pose_keypoints_2d": p} for p in people], **more}


SQUARE = {"canvas_width": SIDE, "canvas_height": SIDE}
ON = {"width": SIDE, "height": SIDE}
P18, P25, P17, P26, P33, P133, P136 = (
    points(layout) for layout in (OPENPOSE_18, OPENPOSE_25, COCO_17, HALPE_26, MEDIAPIPE_33, WHOLEBODY_133, HALPE_136)
)
SHARES = [{"x": x / SIDE, "y": y / SIDE, "z": -0.3, "visibility": 0.9} for x, y, _ in P33]

# (name, document): a standing person in a square picture of known size, so that every joint keeps its place.
KNOWN = {
    "openpose-editor": {**ON, "keypoints": [pairs(P18)]},
    "a list of 18 points under keypoints": {**ON, "keypoints": pairs(P18)},
    "canvas as strings": openpose(flat(P18), canvas_width=str(SIDE), canvas_height=str(SIDE)),
    "width and height": openpose(flat(P25), **ON),
    "18 x 3 nested": openpose(triples(P18), **SQUARE),
    "36 numbers without confidence": openpose(flat(P18[:, :2]), **SQUARE),
    "pose_keypoints": {"people": [{"pose_keypoints": flat(P18)}], **SQUARE},
    "bare pose_keypoints_2d": {"pose_keypoints_2d": flat(P18), **SQUARE},
    "COCO with images": {
        "images": [{"id": 7, "width": 9, "height": 9}, {"id": 8, **ON}],
        "annotations": [{"image_id": 8, "keypoints": flat(P17), "bbox": [0, 0, 1, 1]}],
    },
    "WholeBody of DWPose": openpose(flat(P133), **SQUARE),
    "mmpose predictions": {
        "meta_info": {"dataset_name": "coco_wholebody"}, **ON,
        "instance_info": [{"frame_id": 1, "instances": [{"keypoints": pairs(P133), "keypoint_scores": [0.8] * 133}]}],
    },
    "mmpose inferencer": [[{"keypoints": pairs(P17), "keypoint_scores": [0.8] * 17, "bbox": [[1, 2, 3, 4]], **ON}]],
    "AlphaPose": [{"image_id": "1.jpg", "category_id": 1, "keypoints": flat(P26), "score": 2.9, **ON}],
    "AlphaPose, 136": [{"image_id": "1.jpg", "keypoints": flat(P136), **ON}],
    "AlphaPose, cmu": {"1.jpg": {"version": "AlphaPose v0.3", "bodies": [{"joints": flat(P18)}], **ON}},
    "AlphaPose, open": {"1.jpg": {"version": "AlphaPose v0.3", **openpose(flat(P18), **ON)}},
    "Ultralytics": [
        {"name": "person", "class": 0, "box": {"x1": 1.0}, **ON,
         "keypoints": {"x": P17[:, 0].tolist(), "y": P17[:, 1].tolist(), "visible": [0.9] * 17}},
    ],
    "MediaPipe list": SHARES,
    "MediaPipe poseLandmarks": {"poseLandmarks": SHARES, "poseWorldLandmarks": SHARES[:5]},
    "MediaPipe tasks": {"landmarks": [SHARES], "worldLandmarks": [SHARES]},
    "TensorFlow.js": [{"keypoints": [{"x": x, "y": y, "score": 0.7, "name": "?"} for x, y, _ in P17], "score": 0.9, **ON}],
    "fractions": openpose(flat(P18 / [SIDE, SIDE, 1])),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_every_tools_file_is_read_and_joints_keep_their_places(name):
    (pose,) = read_pose_file(json.dumps(KNOWN[name])).poses
    assert pose.visible.all() and np.abs(pose.joints - STANDING.joints).max() < 1e-3


def small_and_large():
    small = points(OPENPOSE_18, Pose(STANDING.joints * 0.2 + 0.7, STANDING.visible))
    return flat(small), flat(P18)


def test_the_largest_is_the_largest_in_the_files_own_units():
    """Without a canvas each person is stretched to their own box, so it has to be known before."""
    data = openpose(*small_and_large())
    read = read_pose_file(json.dumps(data))
    assert read.largest == 1 and read.chosen() == Pose.from_openpose(data)
    assert Pose.from_openpose(data, person=0) == read.chosen(0) != read.chosen()
    with pytest.raises(BadPose, match="holds 2 people"):
        read.chosen(2)


@pytest.mark.parametrize("other", [None, {}, {"pose_keypoints_2d": None}, {"pose_keypoints_2d": []},
                                   {"pose_keypoints_2d": [0] * 54}, {"pose_keypoints_2d": [1, 2]}, 3, "x"])  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_one_whole_person_is_read_beside_a_damaged_one(other, first):
    whole = {"pose_keypoints_2d": flat(P18)}
    read = read_pose_file(json.dumps({"people": [other, whole] if first else [whole, other], **SQUARE}))
    assert len(read.poses) == 1 and np.abs(read.chosen().joints - STANDING.joints).max() < 1e-3


def test_people_that_cannot_be_read_are_counted():
    read = read_pose_file(json.dumps(openpose(flat(P18), [0] * 54, [1, 2, 3], **SQUARE)))
    assert read.unread == 2 and read.note == "2 of 3 people in this file could not be read."
    assert read_pose_file(json.dumps(openpose(flat(P18)))).note == ""


@pytest.mark.parametrize("bad", ["null", "NaN", "Infinity", "-1", '"x"', "true", "9" * 400])
def test_a_bad_joint_is_a_missing_joint(bad):
    rows = [json.dumps(row) for row in triples(P18)]
    rows[OPENPOSE_18.joints["lwrist"]] = f"[{bad}, {bad}, 1]"
    person = f'{{"pose_keypoints_2d": [{", ".join(rows)}]}}'
    pose = read_pose_file(f'{{"people": [{person}], "width": {SIDE}, "height": {SIDE}}}').chosen()
    assert not pose.has("lwrist") and pose.visible.sum() == 14
    assert np.abs(pose.joints - STANDING.joints)[pose.visible].max() < 1e-3


def test_the_first_frame_with_somebody_counts():
    frames = [openpose(), openpose(flat(P18), **SQUARE), openpose(flat(P18 * 0.5), flat(P18), **SQUARE)]
    read = read_pose_file(json.dumps(frames))
    assert len(read.poses) == 1 and np.abs(read.chosen().joints - STANDING.joints).max() < 1e-3
    film = [{"image_id": f"{i}.jpg", "keypoints": flat(P17), **ON} for i in (1, 1, 2)]
    assert len(read_pose_file(json.dumps(film)).poses) == 2


@pytest.mark.parametrize(
    "data, said",
    [
        ({"people": []}, "Nobody was detected"),
        ({"annotations": []}, "Nobody was detected"),
        ([{"people": []}, {"people": []}], "Nobody was detected"),
        ({"a": 1}, "There are no poses in this file"),
        ([], "There are no poses in this file"),
        ({"people": [{"pose_keypoints_2d": [0] * 54}]}, "Every joint"),
        ({"keypoints": [[1, 2]] * 21}, "has 21 keypoints, which is no layout known here: 17, 18, 25, 26, 33, 133, 136"),
        ({"people": [None, 4]}, "Nobody in this file can be read"),
    ],
)
def test_refusals_say_what_is_wrong(data, said):
    with pytest.raises(BadPose, match=said):
        read_pose_file(json.dumps(data))


def test_a_size_that_the_points_do_not_fit_is_not_the_pictures():
    pose = read_pose_file(json.dumps(openpose(flat(P18), width=64, height=64))).chosen()
    assert 0 < pose.joints.min() < 0.1 and 0.9 < pose.joints.max() < 1


VISIBLE = st.lists(st.booleans(), min_size=15, max_size=15).filter(any)
PLACES = st.lists(st.floats(0.02, 0.98), min_size=30, max_size=30)


@given(
    layout=st.sampled_from(sorted(LAYOUTS)), places=PLACES, visible=VISIBLE, fractions=st.booleans(), nested=st.booleans(),
    scores=st.booleans(), shape=st.sampled_from(["people", "annotations", "instances", "bare", "frames", "keyed"]),
    others=st.integers(0, 2), wide=st.floats(1, 3), key=st.sampled_from(["pose_keypoints_2d", "keypoints", "joints"]),
)  # fmt: skip
@settings(max_examples=500, deadline=None)
def test_any_layout_in_any_nesting_gives_back_its_joints(
    layout, places, visible, fractions, nested, scores, shape, others, wide, key
):
    pose = Pose(np.array(places, np.float32).reshape(15, 2), np.array(visible))
    width, height = (1.0, 1.0) if fractions else (SIDE * wide, float(SIDE))
    rows = from_joints(pose.joints, pose.visible, LAYOUTS[layout], 1, 1) * [width, height, 1]
    numbers = rows if scores and layout != 33 else rows[:, :2]
    person = {key: numbers.tolist() if nested else flat(numbers)}
    size = {} if fractions else {"width": width, "height": height}
    crowd = [{key: None}] * others + [person]
    document = {
        "people": {"people": crowd, **size}, "annotations": {"annotations": [{**p, **size} for p in crowd]},
        "instances": {"instance_info": [{"frame_id": 1, "instances": crowd}], **size}, "bare": {**person, **size},
        "frames": [{"people": [], **size}, {"people": crowd, **size}], "keyed": {"1.jpg": {"bodies": crowd, **size}},
    }[shape]  # fmt: skip
    (read,) = read_pose_file(json.dumps(document)).poses
    side = max(width, height)
    expected = (pose.joints * [width, height] + (side - np.array([width, height])) / 2) / side
    assert (read.visible == pose.visible).all()
    assert np.abs(read.joints - expected)[pose.visible].max() < 1e-3


KEYS = ["people", "keypoints", "joints", "x", "y", "width", "landmarks", "images", "image_id", "id"]
DAMAGE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
        )
    ),
    max_leaves=30,
)


@given(DAMAGE)
@settings(max_examples=300, deadline=None)
def test_anything_else_is_one_clear_sentence(data):
    try:
        read = read_pose_file(json.dumps(data))
    except BadPose as error:
        assert "\n" not in str(error) and len(str(error)) < 200
    else:
        assert read.poses and all(np.isfinite(pose.joints).all() for pose in read.poses)


def test_a_persons_number_chooses_by_the_api_too():
    from vunet.ui.api.endpoints import _pose

    data = openpose(*small_and_large())
    assert _pose(data) == _pose(data | {"person": 1}) != _pose(data | {"person": 0})
    with pytest.raises(BadPose, match="number from 0"):
        _pose(data | {"person": "first"})
