"""Turned limbs: bones keep their lengths, picture and pose stay together, nothing leaves the frame."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vunet.data.limb_rotation import LimbRotation
from vunet.person.augmentation_plan import WarpPlan
from vunet.person.augmented_people import warped_person
from vunet.person.framing import Person
from vunet.pose.joints import ARMS, JOINTS, LEGS
from vunet.pose.skeleton import Pose

SIZE = 256
LIMBS = (*ARMS, *LEGS)
SKIN = (200, 40, 40)


def painted_person() -> Person:
    """A grey figure whose wrists and ankles are red."""
    pose = Pose.default()
    frame, mask = np.full((SIZE, SIZE, 3), 90, np.uint8), np.zeros((SIZE, SIZE), np.uint8)
    at = {name: tuple(int(v) for v in pose.xy(name) * SIZE) for name in JOINTS}
    cv2.rectangle(mask, at["rshoulder"], at["lhip"], 255, -1)
    for a, b, c in LIMBS:
        cv2.line(mask, at[a], at[b], 255, 16)
        cv2.line(mask, at[b], at[c], 255, 16)
        cv2.circle(frame, at[c], 9, SKIN, -1)
    return Person(frame, mask, pose)


def length(pose: Pose, a: str, b: str) -> float:
    return float(np.linalg.norm(pose.xy(a) - pose.xy(b)))


@given(st.sampled_from(LIMBS), st.floats(-170, 170), st.floats(-110, 110))
@settings(max_examples=25, deadline=None)
def test_bones_keep_their_lengths_and_other_joints_their_places(limb, first, second):
    before = Pose.default()
    after = WarpPlan.of(before).limb_turned(limb, (first, second)).pose
    for a, b in (limb[:2], limb[1:]):
        assert length(after, a, b) == pytest.approx(length(before, a, b), abs=1e-4)
    others = [i for i, name in enumerate(JOINTS) if name not in limb[1:]]
    assert np.array_equal(after.joints[others], before.joints[others])


@pytest.mark.parametrize("limb", LIMBS, ids="-".join)
def test_the_picture_follows_the_pose(limb):
    outwards = 1 if limb[0].startswith("r") else -1
    before = painted_person()
    after = warped_person(before, WarpPlan.of(before.pose).limb_turned(limb, (outwards * 40.0, outwards * 20.0)), SIZE)
    x, y = (after.pose.xy(limb[2]) * SIZE).astype(int)
    assert after.mask[y, x] > 200 and np.abs(after.backdrop[y, x].astype(int) - SKIN).max() < 30
    x, y = (before.pose.xy(limb[2]) * SIZE).astype(int)
    assert after.mask[y, x] < 30  # the limb has gone from where it was


def test_what_a_limb_leaves_behind_ends_at_the_torso_and_at_other_limbs():
    before = painted_person()
    after = warped_person(before, WarpPlan.of(before.pose).limb_turned(ARMS[0], (120.0, 0.0)), SIZE)
    middle = (before.pose.joints[[JOINTS.index(name) for name in ("rshoulder", "lhip")]].mean(axis=0) * SIZE).astype(int)
    other = (before.pose.xy("lelbow") * SIZE).astype(int)
    for x, y in (middle, other):
        assert after.mask[y, x] == 255 and np.array_equal(after.backdrop[y, x], before.backdrop[y, x])


@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_turning_and_moving_the_frame_is_the_same_as_moving_the_turned_picture(shift):
    matrix = np.array([[0.7, 0.2, 0.1], [-0.2, 0.7, 0.1 + shift]])
    before = painted_person()
    turned = WarpPlan.of(before.pose).limb_turned(ARMS[1], (-70.0, -30.0)).limb_turned(LEGS[0], (40.0, -60.0))
    at_once = warped_person(before, turned.moved(matrix).framed(), SIZE)
    first = warped_person(before, turned, SIZE)
    in_two = warped_person(first, WarpPlan.of(first.pose).moved(matrix).framed(), SIZE)
    assert np.array_equal(at_once.pose.visible, in_two.pose.visible)
    assert np.abs(at_once.pose.joints - in_two.pose.joints).max() < 1e-5
    assert np.abs(at_once.mask.astype(int) - in_two.mask).mean() < 1.5


def test_a_raised_hand_stays_in_the_frame():
    turns = LimbRotation(arms=1.0, legs=1.0)
    for seed in range(12):
        after = turns(WarpPlan.of(Pose.default()), np.random.default_rng(seed))
        assert after.pose.visible.all() and (np.abs(after.pose.joints - 0.5) < 0.5).all()


def test_without_chances_nothing_changes():
    plan = WarpPlan.of(Pose.default())
    assert LimbRotation(arms=0.0, legs=0.0)(plan, np.random.default_rng(0)) is plan
