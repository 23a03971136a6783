import importlib.util

import cv2
import numpy as np
import pytest

from vunet import NoPersonFound, Pose, VUNetError
from vunet.errors import HubUnavailable
from vunet.person.photo import load_photo
from vunet.pose.estimators.detection import Detection, largest_person
from vunet.pose.estimators.load_estimator import load_estimator
from vunet.pose.estimators.openpose import OpenPoseEstimator
from vunet.pose.files.layouts import OPENPOSE_18
from vunet.pose.joints import INDEX, JOINTS


class Fixed:
    name = "fixed"

    def __init__(self, *people):
        self.people = list(people)

    def detect(self, photo):
        return self.people


def detection(scale=100.0, hidden=()):
    visible = np.array([n not in hidden for n in JOINTS])
    return Detection(Pose.default().joints * scale, visible)


PHOTO = np.zeros((100, 100, 3), np.uint8)


def test_the_largest_person_is_taken_and_counted():
    small, large = detection(50), detection(90)
    assert largest_person(Fixed(small, large, small), PHOTO) == (large, 3)


def test_nobody_is_a_clear_sentence():
    with pytest.raises(NoPersonFound, match="try another"):
        largest_person(Fixed(), PHOTO)


def test_a_body_without_hips_is_a_clear_sentence():
    with pytest.raises(NoPersonFound, match="hips"):
        largest_person(Fixed(detection(hidden=("lhip",))), PHOTO)


def test_half_bodies_keep_their_missing_joints_hidden():
    half = detection(hidden=("lknee", "rknee", "lankle", "rankle"))
    assert largest_person(Fixed(half), PHOTO)[0] is half


def test_openpose_has_to_be_named(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "openvino" else there(name))
    with pytest.raises(VUNetError, match="not installed"):
        load_estimator("auto")


def test_openposes_licence_is_told(monkeypatch):
    monkeypatch.setattr("vunet.pose.estimators.openpose._load_body", lambda: None)
    with pytest.warns(UserWarning, match="non-commercial"):
        OpenPoseEstimator()


def test_openposes_weights_are_looked_for_in_the_cache_then_on_the_hub(monkeypatch):
    asked = []

    def unreachable(repository, name, local_files_only=False):
        asked.append(local_files_only)
        raise OSError("no route to host")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", unreachable)
    with pytest.raises(HubUnavailable, match="use MediaPipe instead"):
        load_estimator("openpose")
    assert asked == [True, False]


def test_mediapipe_finds_an_example_person(studio, street):
    person = studio.detect(street)
    assert person.pose.usable() and person.people == 1
    assert person.image.shape == person.backdrop.shape == (studio.size, studio.size, 3)
    nose, ankle = person.pose.xy("cnose"), person.pose.xy("lankle")
    assert nose[1] < 0.3 < 0.7 < ankle[1]
    assert 0.05 < (person.mask > 128).mean() < 0.5


def test_mediapipe_finds_nobody_on_a_wall(studio):
    wall = np.random.default_rng(0).integers(90, 110, (400, 300, 3), np.uint8)
    with pytest.raises(NoPersonFound):
        studio.detect(wall)


# Limbs of OpenPose's part-affinity fields, as in controlnet_aux's own post-processing: joints (from 1) and channels.
LIMB_SEQUENCE = [
    (2, 3, 12), (2, 6, 20), (3, 4, 14), (4, 5, 16), (6, 7, 22), (7, 8, 24), (2, 9, 0), (9, 10, 2), (10, 11, 4),
    (2, 12, 6), (12, 13, 8), (13, 14, 10), (2, 1, 28), (1, 15, 30), (15, 17, 34), (1, 16, 32), (16, 18, 36),
]  # fmt: skip


class PaintedNetwork:
    """Stands in for OpenPose's network: paints the Gaussians and fields that it would give for known people."""

    def __init__(self, people):
        self.people = people  # (18, 3) fractions and visibility each

    def parameters(self):
        import torch

        return iter([torch.zeros(1)])

    def __call__(self, data):
        import torch

        height, width = data.shape[2] // 8, data.shape[3] // 8
        y, x = np.mgrid[:height, :width] + 0.5
        heat, fields = np.zeros((19, height, width)), np.zeros((38, height, width))
        for person in self.people:
            points = person[:, :2] * [width, height]
            for part in np.flatnonzero(person[:, 2]):
                gauss = np.exp(-((x - points[part, 0]) ** 2 + (y - points[part, 1]) ** 2) / 2)
                heat[part] = np.maximum(heat[part], gauss)
            for a, b, channel in LIMB_SEQUENCE:
                if person[a - 1, 2] and person[b - 1, 2]:
                    self._paint(fields[channel : channel + 2], points[a - 1], points[b - 1], x, y)
        return torch.tensor(fields)[None].float(), torch.tensor(heat)[None].float()

    @staticmethod
    def _paint(field, a, b, x, y):
        axis = (b - a) / max(np.linalg.norm(b - a), 1e-6)
        along = (x - a[0]) * axis[0] + (y - a[1]) * axis[1]
        across = np.abs((x - a[0]) * axis[1] - (y - a[1]) * axis[0])
        on = (along > -1) & (along < np.linalg.norm(b - a) + 1) & (across < 1.5)
        field[:, on] = axis[:, None]


def openpose_of(*people):
    from controlnet_aux.open_pose.body import Body

    body = Body.__new__(Body)  # without its weights
    body.model = PaintedNetwork(people)
    return OpenPoseEstimator(body)


def eighteen(pose, scale=1.0, shift=0.0):
    flat = np.array(pose.to_openpose(1)["people"][0]["pose_keypoints_2d"]).reshape(18, 3)
    flat[:, :2] = np.where(flat[:, 2:] > 0, flat[:, :2] * scale + shift, 0)
    return flat


def test_openpose_reads_two_people_through_its_real_post_processing():
    people = openpose_of(eighteen(Pose.default(), 0.45, 0.02), eighteen(Pose.default(), 0.5, 0.48)).detect(
        np.zeros((736, 736, 3), np.uint8)
    )
    assert len(people) == 2
    largest = max(people, key=lambda p: p.extent)
    expected = (Pose.default().joints * 0.5 + 0.48) * 736
    assert largest.visible.all() and largest.mask is None
    assert np.abs(largest.joints - expected).max() < 14


def test_openpose_leaves_missing_joints_hidden():
    keypoints = eighteen(Pose.default())
    keypoints[OPENPOSE_18.joints["lwrist"]] = 0
    (person,) = openpose_of(keypoints).detect(np.zeros((400, 400, 3), np.uint8))
    assert not person.visible[INDEX["lwrist"]] and person.visible.sum() == 14


def test_a_person_on_a_plain_wall_is_not_found_twice(people):
    """The area painted over the first person must not be taken for a second one, seen from behind."""
    from vunet.pose.estimators.mediapipe import MediaPipeEstimator

    estimator = MediaPipeEstimator()
    for path in people[:6]:
        photo = cv2.resize(load_photo(path), (768, 768), interpolation=cv2.INTER_CUBIC)
        assert len(estimator.detect(photo)) == 1
