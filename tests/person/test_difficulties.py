import dataclasses

import numpy as np
import pytest

from vunet import Pose
from vunet.person.difficulties import difficulties
from vunet.person.framing import Person
from vunet.pose.joints import INDEX, JOINTS

PICTURE = np.zeros((256, 256, 3), np.uint8)


def person(joints=None, visible=None, **other):
    pose = Pose.default()
    pose = Pose(pose.joints if joints is None else joints, pose.visible if visible is None else visible)
    return Person(PICTURE, PICTURE[..., 0], pose, **other)


def test_a_standing_person_has_none():
    assert difficulties(person()) == []


def behind():
    joints = Pose.default().joints.copy()
    return np.array([joints[INDEX[{"r": "l", "l": "r"}.get(n[0], n[0]) + n[1:]]] for n in JOINTS])


def seated():
    joints = Pose.default().joints.copy()
    for knee, hip in (("lknee", "lhip"), ("rknee", "rhip")):
        joints[INDEX[knee]] = joints[INDEX[hip]] + [0.1, 0.03]
    return joints


@pytest.mark.parametrize(
    "given, words",
    [
        ({"people": 3}, "3 people were found"),
        ({"visible": np.array([n != "lwrist" for n in JOINTS])}, "made up"),
        ({"joints": behind()}, "from behind"),
        ({"joints": Pose.default().joints * [1, -1] + [0, 1]}, "upside down"),
        ({"joints": Pose.default().joints[:, ::-1]}, "lies"),
        ({"joints": seated()}, "sits"),
        ({"resolution": 0.4}, "small"),
    ],
)
def test_what_is_difficult_is_said(given, words):
    notes = difficulties(person(**given))
    assert any(words in note for note in notes)
    assert len(notes) <= 2


def test_missing_hips_are_no_error():
    hidden = dataclasses.replace(person(), pose=Pose(Pose.default().joints, np.zeros(15, bool)))
    assert len(difficulties(hidden)) == 2
