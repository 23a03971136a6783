"""Augmentation: picture, mask and pose stay together, and the changes are those that they are named after."""

import cv2
import numpy as np
import pytest

from vunet import Pose
from vunet.data.augment import Augmentation
from vunet.data.back_view import back_view
from vunet.data.foreshortening import foreshortened
from vunet.person.augmentation_plan import WarpPlan
from vunet.person.augmented_people import warped_person
from vunet.person.framing import Person
from vunet.person.regions import face_of, hands_of
from vunet.pose.joints import JOINTS, LEGS, TORSO


def test_the_face_is_around_the_nose_or_nowhere():
    face = face_of(Pose.default(), 256)
    rows, columns = face.nonzero()
    nose, neck = 256 * Pose.default().xy("cnose"), 256 * Pose.default().xy("neck")
    assert np.allclose([columns.mean(), rows.mean()], nose, atol=1)
    assert 0.4 < np.ptp(rows) / 2 / np.linalg.norm(nose - neck) < 0.7
    hidden = Pose(Pose.default().joints, np.array([name != "cnose" for name in JOINTS]))
    assert not face_of(hidden, 256).any()


def test_hands_are_beyond_the_wrists_of_the_arms_that_are_seen():
    pose = Pose.default()
    one = Pose(pose.joints, np.array([name != "rwrist" for name in JOINTS]))
    rows, columns = hands_of(one, 256).nonzero()
    wrist, elbow, middle = 256 * pose.xy("lwrist"), 256 * pose.xy("lelbow"), np.array([columns.mean(), rows.mean()])
    assert (middle - wrist) @ (wrist - elbow) > 0 and np.linalg.norm(middle - wrist) < np.ptp(rows)
    assert hands_of(pose, 256).sum() == pytest.approx(2 * len(rows), rel=0.05)


def test_augmentation_keeps_joints_on_their_pixels():
    frame = np.full((128, 128, 3), 100, np.uint8)
    x, y = (Pose.default().xy("lwrist") * 128).astype(int)
    frame[y - 3 : y + 4, x - 3 : x + 4] = 255
    person = Person(frame, frame[..., 0], Pose.default())
    for seed in range(8):
        plan = Augmentation(close=0, foreshortened=0)(person.pose, lambda: person, np.random.default_rng(seed))
        changed = warped_person(person, plan, 96)
        assert _bright(changed, "rwrist" if plan.mirrored else "lwrist") or not changed.pose.has("lwrist", "rwrist")
        assert changed.mask.shape == (96, 96) and changed.pose is plan.pose


def test_a_photo_without_changes_is_drawn_as_it_is():
    person = head()
    same = warped_person(person, WarpPlan.of(person.pose), 128)
    assert np.abs(same.backdrop.astype(int) - person.backdrop).max() <= 1 and np.array_equal(same.mask, person.mask)
    mirrored = warped_person(person, WarpPlan.of(person.pose, mirrored=True), 128)
    assert np.abs(mirrored.backdrop[:, ::-1].astype(int) - person.backdrop).max() <= 1
    assert np.array_equal(mirrored.pose.joints, person.pose.mirrored().joints)


def head(size=128, pose=None):
    """A person with a dark crown and a red face, in front of white."""
    pose = pose or Pose.default()
    nose, neck = pose.xy("cnose") * size, pose.xy("neck") * size
    radius = float(np.linalg.norm(nose - neck))
    frame, mask = np.full((size, size, 3), 255, np.uint8), np.zeros((size, size), np.uint8)
    middle = (round(float(nose[0])), round(float(nose[1])))
    cv2.circle(mask, middle, round(1.2 * radius), 255, -1)
    frame[mask > 0] = (40, 30, 20)
    cv2.circle(frame, middle, round(0.4 * radius), (200, 20, 20), -1)
    return Person(frame, mask, pose)


def test_from_behind_there_is_hair_for_a_face_and_sides_stay_on_the_body():
    front = head()
    plan = back_view(WarpPlan.of(front.pose), front, eyes=False)
    back = warped_person(front, plan, 128)
    x, y = (back.pose.xy("cnose") * 128).astype(int)
    assert front.backdrop[y, 127 - x][0] == 200 and back.backdrop[y, x].max() < 60
    assert back.pose.xy("lwrist")[0] == pytest.approx(1 - front.pose.xy("lwrist")[0])
    assert back.pose.xy("lshoulder")[0] < back.pose.xy("rshoulder")[0]  # on a front it is the other way round
    assert not back.pose.has("leye") and back_view(WarpPlan.of(front.pose), front, eyes=True).pose.has("leye")
    assert np.abs(back.mask.astype(int) - front.mask[:, ::-1]).max() <= 1


def test_small_people_far_from_the_middle_get_hair_as_well():
    pose = Pose.default()
    small = Pose(0.25 * pose.joints + [0.7, 0.7], pose.visible)
    front = head(512, small)
    back = warped_person(front, back_view(WarpPlan.of(small), front, eyes=False), 512)
    x, y = (back.pose.xy("cnose") * 512).astype(int)
    assert back.backdrop[y, x].max() < 70


def test_without_hair_nobody_is_turned_round():
    front = head()
    cut = Person(front.backdrop, np.zeros_like(front.mask), front.pose)
    plan = WarpPlan.of(cut.pose)
    assert back_view(plan, cut, eyes=True) is plan


def _bright(person, name):
    x, y = np.clip((person.pose.xy(name) * person.backdrop.shape[0]).astype(int), 0, person.backdrop.shape[0] - 1)
    return person.backdrop[y, x].mean() > 160


def test_joints_that_leave_the_frame_are_missing():
    shifted = WarpPlan.of(Pose.default()).moved(np.array([[1, 0, 0], [0, 1, 0.3]])).framed()
    assert not shifted.pose.has("lankle") and shifted.pose.usable()


def dotted_person(size=128):
    """A person in front of black with a white dot at every joint."""
    pose = Pose.default()
    frame = np.zeros((size, size, 3), np.uint8)
    for x, y in (pose.joints * size).round().astype(int).tolist():
        cv2.circle(frame, (x, y), 3, (255, 255, 255), -1)
    return Person(frame, np.full((size, size), 255, np.uint8), pose)


def height(pose, top, bottom):
    return float(pose.xy(bottom)[1] - pose.xy(top)[1])


def test_a_bent_back_is_shorter_and_head_and_legs_are_not():
    before = dotted_person()
    after = warped_person(before, foreshortened(WarpPlan.of(before.pose), 0.5), 128)
    assert height(after.pose, "neck", "rhip") == pytest.approx(0.5 * height(before.pose, "neck", "rhip"), rel=0.05)
    for top, bottom in (("cnose", "neck"), ("rhip", "rankle")):
        assert height(after.pose, top, bottom) == pytest.approx(height(before.pose, top, bottom), abs=1e-4)
    assert all(_bright(after, name) for name in JOINTS if name != "neck")
    assert np.allclose(foreshortened(WarpPlan.of(before.pose), 1.0).pose.joints, before.pose.joints, atol=1e-5)


def test_a_back_that_is_not_seen_or_not_upright_is_not_bent():
    pose = Pose.default()
    hidden = WarpPlan.of(Pose(pose.joints, np.array([n not in TORSO for n in JOINTS])))
    upside_down = WarpPlan.of(Pose(1 - pose.joints, pose.visible))
    assert foreshortened(hidden, 0.5) is hidden and foreshortened(upside_down, 0.5) is upside_down


def test_close_ups_show_all_of_the_body_or_its_upper_half_larger():
    close = Augmentation(close=1.0, tumble=0.0, rotation=0.0, foreshortened=0.0, back_view=0.0, flip=0.0)
    person, below = dotted_person(), {name for leg in LEGS for name in leg[1:]}
    missing, sizes = [], []
    for seed in range(24):
        pose = close(person.pose, lambda: person, np.random.default_rng(seed)).pose
        missing.append({n for n, seen in zip(JOINTS, pose.visible, strict=True) if not seen})
        sizes.append(height(pose, "neck", "rhip"))
    assert all(names <= below for names in missing)
    assert 4 < sum(len(names) > 1 for names in missing) < 20 and max(sizes) > 1.5 * height(person.pose, "neck", "rhip")
