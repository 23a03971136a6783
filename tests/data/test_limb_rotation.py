"""Turned limbs: bones keep their lengths, picture and pose stay together, nothing leaves the frame."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vunet.data.framed_person import Framed
from vunet.data.limb_rotation import LimbRotation, turn_limb
from vunet.pose.joints import ARMS, JOINTS, LEGS
from vunet.pose.skeleton import Pose

SIZE = 256
LIMBS = (*ARMS, *LEGS)
SKIN = (200, 40, 40)


def painted_person() -> Framed:
    """A grey figure whose wrists and ankles are red."""
    pose = Pose.default()
    frame, mask = np.full((SIZE, SIZE, 3), 90, np.uint8), np.zeros((SIZE, SIZE), np.uint8)
    at = {name: tuple(int(v) for v in pose.xy(name) * SIZE) for name in JOINTS}
    cv2.rectangle(mask, at["rshoulder"], at["lhip"], 255, -1)
    for a, b, c in LIMBS:
        cv2.line(mask, at[a], at[b], 255, 16)
        cv2.line(mask, at[b], at[c], 255, 16)
        cv2.circle(frame, at[c], 9, SKIN, -1)
    return Framed(frame, mask, pose)


def length(pose: Pose, a: str, b: str) -> float:
    return float(np.linalg.norm(pose.xy(a) - pose.xy(b)))


@given(st.sampled_from(LIMBS), st.floats(-170, 170), st.floats(-110, 110))
@settings(max_examples=25, deadline=None)
def test_bones_keep_their_lengths_and_other_joints_their_places(limb, first, second):
    before = painted_person()
    after = turn_limb(before, limb, (first, second))
    for a, b in (limb[:2], limb[1:]):
        assert length(after.pose, a, b) == pytest.approx(length(before.pose, a, b), abs=1e-4)
    others = [i for i, name in enumerate(JOINTS) if name not in limb[1:]]
    assert np.array_equal(after.pose.joints[others], before.pose.joints[others])


@pytest.mark.parametrize("limb", LIMBS, ids="-".join)
def test_the_picture_follows_the_pose(limb):
    outwards = 1 if limb[0].startswith("r") else -1
    before = painted_person()
    after = turn_limb(before, limb, (outwards * 40.0, outwards * 20.0))
    x, y = (after.pose.xy(limb[2]) * SIZE).astype(int)
    assert after.mask[y, x] > 200 and np.abs(after.frame[y, x].astype(int) - SKIN).max() < 30
    x, y = (before.pose.xy(limb[2]) * SIZE).astype(int)
    assert after.mask[y, x] < 30  # the limb has gone from where it was


def test_a_raised_hand_stays_in_the_frame():
    turns = LimbRotation(arms=1.0, legs=1.0)
    for seed in range(12):
        after = turns(painted_person(), np.random.default_rng(seed))
        assert after.mask.shape == (SIZE, SIZE) and after.pose.visible.all()
        assert (np.abs(after.pose.joints - 0.5) < 0.5).all()


def test_without_chances_nothing_changes():
    person = painted_person()
    assert LimbRotation(arms=0.0, legs=0.0)(person, np.random.default_rng(0)) is person
