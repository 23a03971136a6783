"""People whom one look at the whole photo does not find."""

import cv2
import numpy as np
import pytest

from vunet import NoPersonFound, Pose
from vunet.person.photo import load_photo
from vunet.pose.estimators.detection import Detection, largest_person
from vunet.pose.estimators.load_estimator import load_estimator
from vunet.pose.estimators.second_pass import SMALLEST, SecondPassEstimator
from vunet.pose.joints import INDEX, TORSO


@pytest.fixture(scope="module")
def estimator():
    return load_estimator()


@pytest.fixture(scope="module")
def person(people):
    return cv2.resize(load_photo(people[0]), (600, 600), interpolation=cv2.INTER_CUBIC)


def before_a_wall(person, width, height, left, top):
    wall = np.random.default_rng(0).integers(200, 215, (height, width, 1), np.uint8).repeat(3, axis=2)
    inside = (person.astype(int).min(axis=2) < 215)[..., None]
    place = wall[top : top + len(person), left : left + len(person)]
    place[:] = np.where(inside, person, place)
    return wall


@pytest.mark.parametrize(
    "width, height, left, top, scale",
    [(3000, 600, 2000, 0, 1.0), (600, 3000, 0, 1500, 1.0), (1600, 1200, 1100, 300, 0.22)],
    ids=["5:1", "1:5", "a tenth of the height"],
)
def test_somebody_is_found_in_a_large_empty_photo(estimator, person, width, height, left, top, scale):
    plain = largest_person(estimator, person)[0]
    small = cv2.resize(person, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = largest_person(estimator, before_a_wall(small, width, height, left, top))[0]
    torso = [INDEX[name] for name in TORSO]
    expected = plain.joints[torso] * scale + [left, top]
    assert np.abs(found.joints[torso] - expected).max() < 0.05 * len(small)
    inside = found.mask[top : top + len(small), left : left + len(small)]
    assert found.mask.shape == (height, width) and inside.sum() > 0.9 * found.mask.sum()


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_photo_keeps_its_pose(estimator, person, quarters):
    upright = largest_person(estimator, person)[0]
    found = largest_person(estimator, np.ascontiguousarray(np.rot90(person, quarters)))[0]
    back = found.joints
    for _ in range(quarters):  # a quarter clockwise: (x, y) -> (599 - y, x)
        back = np.stack([599 - back[:, 1], back[:, 0]], axis=1)
    torso = [INDEX[name] for name in TORSO]
    assert np.abs(back[torso] - upright.joints[torso]).max() < 30


class Scripted:
    """Finds a person by the picture's size alone."""

    name = "scripted"

    def __init__(self, finds):
        self.finds, self.seen = finds, []

    def detect(self, photo):
        self.seen.append(photo.shape[:2])
        return self.finds(photo)


def standing(scale):
    return Detection(Pose.default().joints * scale, np.ones(15, bool), None)


PHOTO = np.zeros((400, 400, 3), np.uint8)


def test_one_look_is_enough_for_somebody_large():
    scripted = Scripted(lambda photo: [standing(400.0)])
    assert len(SecondPassEstimator(scripted).detect(PHOTO)) == 1 and len(scripted.seen) == 1


def test_a_pattern_that_a_closer_look_does_not_confirm_is_nobody():
    scripted = Scripted(lambda photo: [standing(100.0)] if photo.shape[0] == 200 else [])
    with pytest.raises(NoPersonFound):
        largest_person(SecondPassEstimator(scripted), PHOTO)
    assert min(min(shape) for shape in scripted.seen) >= SMALLEST


def test_somebody_tiny_of_the_first_look_is_kept_if_nobody_else_is_found():
    tiny = standing(40.0)
    first = iter([[tiny]])
    assert SecondPassEstimator(Scripted(lambda photo: next(first, []))).detect(PHOTO) == [tiny]


def test_a_narrow_strip_is_not_cut_into_a_hundred_squares():
    scripted = Scripted(lambda photo: [])
    SecondPassEstimator(scripted).detect(np.zeros((40, 1600, 3), np.uint8))
    assert len(scripted.seen) < 10


def test_overlapping_squares_find_each_person_once(estimator, person):
    two = before_a_wall(person, 3000, 600, 300, 0)
    two[:, 2000:2600] = before_a_wall(person, 600, 600, 0, 0)
    assert largest_person(estimator, two)[1] == 2


def test_the_same_photo_gives_the_same_pose_whatever_came_before(estimator, people, street):
    """Twenty times, in a new estimator and in one that has seen others."""
    poses = [estimator.detect(load_photo(people[i % 4])) and estimator.detect(street)[0] for i in range(19)]
    poses.append(load_estimator().detect(street)[0])
    assert all(np.array_equal(pose.joints, poses[0].joints) and np.array_equal(pose.mask, poses[0].mask) for pose in poses)
