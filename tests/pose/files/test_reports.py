"""Kinds of pose files from public reports of tools that do a similar job: what was misread there is read here."""

import json

import numpy as np
import pytest

from vunet import BadPose
from vunet.pose.files.formats import read_pose_file
from vunet.pose.joints import INDEX
from vunet.ui.panels.poses import read_text

SIDE = 512
PLACES = {
    "nose": (256, 80), "left_eye": (266, 72), "right_eye": (246, 72), "left_ear": (278, 76), "right_ear": (234, 76),
    "left_shoulder": (306, 136), "right_shoulder": (206, 136), "left_elbow": (330, 200), "right_elbow": (182, 200),
    "left_wrist": (340, 264), "right_wrist": (172, 264), "left_hip": (286, 272), "right_hip": (226, 272),
    "left_knee": (290, 370), "right_knee": (222, 370), "left_ankle": (292, 464), "right_ankle": (220, 464),
    "neck": (256, 136), "mid_hip": (256, 272), "head_top": (256, 40), "head_bottom": (256, 112), "spine": (256, 200),
    "head": (256, 60),
}  # fmt: skip
COCO = list(PLACES)[:17]
OPENPOSE = [
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear",
]  # fmt: skip
H36M = [
    "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "spine", "neck", "nose",
    "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
]  # fmt: skip
MEDIAPIPE = ["nose", *["left_eye"] * 3, *["right_eye"] * 3, "left_ear", "right_ear", "nose", "nose", *COCO[5:11]]
MEDIAPIPE += [*["left_wrist", "right_wrist"] * 3, *COCO[11:], *["left_ankle", "right_ankle"] * 2]
POSETRACK = ["nose", "head_bottom", "head_top", *COCO[3:]]
CROWDPOSE = [*COCO[5:], "head_top", "neck"]
NAMES = {"cnose": "nose"} | {s + p: f"{side}_{p}" for s, side in (("l", "left"), ("r", "right"))
                             for p in ("eye", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")}  # fmt: skip
ON = {"width": SIDE, "height": SIDE}


def flat(names, confidence=1):
    return [value for name in names for value in (*PLACES[name], confidence)]


def coco(names):
    person = {"image_id": 1, "category_id": 1, "keypoints": flat(names, 2)}
    return {"images": [{"id": 1, **ON}], "annotations": [person], "categories": [{"id": 1, "keypoints": names}]}


def signed(name):
    x, y = PLACES[name]
    return (x - 256) / 280, (y - 272) / 280


WHOLE = {"people": [{"pose_keypoints_2d": flat(OPENPOSE)}], "canvas_width": SIDE, "canvas_height": SIDE}
NAMED = [{"name": n, "x": PLACES[n][0], "y": PLACES[n][1], "score": 0.9} for n in reversed(COCO)]
FRACTIONS = {n: (x / SIDE, y / SIDE) for n, (x, y) in PLACES.items()}
ROW = [0, 1, 2, 3, 4, 5, 6, -1, *range(7, 17), 20.0, 17]  # without the left wrist
FACE = {"cnose", "leye", "reye"}

# name: document, joints that are missing
READ = {
    "keypoint_scale 4": (
        {"people": [{"pose_keypoints_2d": [v for n in OPENPOSE for v in (*(2 * c - 1 for c in FRACTIONS[n]), 0.9)]}]},
        set(),
    ),
    "MoveNet's tensor": ([[[[FRACTIONS[n][1], FRACTIONS[n][0], 0.9] for n in COCO]]], set()),
    "PoseTrack": (coco(POSETRACK), {"leye", "reye"}),
    "CrowdPose": (coco(CROWDPOSE), FACE),
    "COCO with its categories": (coco(COCO), set()),
    "names in another order": ({**ON, "keypoints": NAMED}, set()),
    "names, some left out": ({**ON, "keypoints": [p for p in NAMED if "ear" not in p["name"]]}, set()),
    "points by their names": ({**ON, "keypoints": {n: list(PLACES[n]) for n in COCO}}, set()),
    "a person by names": ({n: dict(zip("xy", FRACTIONS[n], strict=True)) for n in COCO}, set()),
    "capital letters": ([{"X": FRACTIONS[n][0], "Y": FRACTIONS[n][1], "Z": 0, "Visibility": 1} for n in MEDIAPIPE], set()),
    "candidate and subset": (
        {"bodies": {"candidate": [list(FRACTIONS[n]) for n in OPENPOSE if n != "left_wrist"], "subset": [ROW]}}, {"lwrist"},
    ),
    "canvas as an object": ({"canvas": ON, "people": WHOLE["people"]}, set()),
    "LabelMe": (
        {"shapes": [{"label": n, "points": [list(PLACES[n])], "shape_type": "point"} for n in COCO],
         "imageHeight": SIDE, "imageWidth": SIDE}, set(),
    ),
    "Detectron2": ({"instances": {"image_size": [SIDE, SIDE], "pred_keypoints": [[[*PLACES[n], 1] for n in COCO]]}}, set()),
    "numbers as texts": ({**WHOLE, "people": [{"pose_keypoints_2d": [str(v) for v in flat(OPENPOSE)]}]}, set()),
}  # fmt: skip


def expected(name):
    return np.array(PLACES[NAMES[name]]) / SIDE


def check(pose, missing=frozenset()):
    assert {name for name in INDEX if not pose.has(name)} == set(missing)
    for name in set(INDEX) - set(missing):
        assert pose.xy(name) == pytest.approx(expected(name), abs=1e-3), name


@pytest.mark.parametrize("name", READ)
def test_what_was_reported_as_misread_is_read(name):
    document, missing = READ[name]
    (pose,) = read_pose_file(json.dumps(document)).poses
    check(pose, missing)


@pytest.mark.parametrize("key", ["landmarks", "poseWorldLandmarks"])
def test_world_landmarks_are_metres_around_the_hips(key):
    points = [{"x": x, "y": y, "z": -0.1, "visibility": 0.9} for x, y in map(signed, MEDIAPIPE)]
    (pose,) = read_pose_file(json.dumps({key: points})).poses
    assert pose.visible.all()
    for name in INDEX:
        assert pose.xy(name) == pytest.approx((np.array(signed(NAMES[name])) + 1) / 2, abs=1e-3)


def test_seventeen_points_that_are_not_cocos_go_by_their_names():
    names = {str(i): name for i, name in enumerate(H36M)}
    frame = {"frame_id": 0, "instances": [{"keypoints": [list(PLACES[n]) for n in H36M], "keypoint_scores": [1] * 17}]}
    (pose,) = read_pose_file(json.dumps({"meta_info": {"keypoint_id2name": names}, "instance_info": [frame]})).poses
    assert {name for name in INDEX if not pose.has(name)} == {"leye", "reye"}
    torso = pose.xy("lhip")[1] - pose.xy("lshoulder")[1]
    shin = pose.xy("lankle")[1] - pose.xy("lknee")[1]
    assert pose.xy("lhip")[0] > pose.xy("rhip")[0] and shin / torso == pytest.approx(94 / 136, abs=1e-3)


def test_somebody_cut_off_by_the_left_edge_is_not_taken_for_signed_coordinates():
    shifted = [v for n in OPENPOSE for v in (FRACTIONS[n][0] - 0.45, FRACTIONS[n][1], 1)]
    (pose,) = read_pose_file(json.dumps({"people": [{"pose_keypoints_2d": shifted}]})).poses
    assert pose.has("lwrist", "cnose") and pose.xy("rwrist")[0] < 0  # outside of the frame, not missing
    assert pose.xy("lwrist") == pytest.approx(expected("lwrist") - [0.45, 0], abs=1e-3)


TEXT = json.dumps(WHOLE)
TEXTS = {
    "printed by Python": str(WHOLE), "a comma at the end": TEXT[:-1] + ",}", "one document a line": f"{TEXT}\n{TEXT}\n",
    "JSON in JSON": json.dumps(TEXT),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_is_nearly_json_is_read(name):
    (pose,) = read_pose_file(TEXTS[name]).poses
    check(pose)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_of_windows_is_read(tmp_path, encoding):
    (tmp_path / "pose.json").write_bytes(TEXT.encode(encoding))
    check(read_pose_file(read_text(str(tmp_path / "pose.json"), "no text")).chosen())


@pytest.mark.parametrize("text", ["[" * 100_000, "(" * 5_000, "{1, 2}", "1+2j", "words", "__import__('os')", '"words"', ""])
def test_what_is_no_document_is_one_sentence(text):
    with pytest.raises(BadPose, match="not JSON"):
        read_pose_file(text)


def test_an_annotation_without_keypoints_does_not_say_that_nobody_was_there():
    with pytest.raises(BadPose, match="no poses in this file"):
        read_pose_file(json.dumps({"annotations": [{"result": [{"value": {"x": 3, "y": 5}}]}]}))


@pytest.mark.parametrize(
    "odd",
    [
        {"candidate": [1, None], "subset": [[0, 1, float("inf")], "x"]}, {"shapes": [{"points": 3, "label": []}, 4]},
        {"categories": [{"id": []}, 3], "annotations": [{"category_id": {}}, None]},
        {"canvas": {"canvas": {}}, "people": [{}]},
        {"meta_info": {"keypoint_id2name": {"a": 1}}, "instance_info": 3}, {"keypoints": [{"name": []}] * 17},
        {"meta_info": {"keypoint_id2name": {"0": []}}, "instance_info": [{"instances": [3], "keypoints": 4}]},
    ],
)  # fmt: skip
def test_damaged_documents_with_names_are_one_sentence(odd):
    with pytest.raises(BadPose):
        read_pose_file(json.dumps(odd))
