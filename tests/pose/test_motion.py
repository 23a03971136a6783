import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vunet import BadPose, Pose
from vunet.pose.joints import MIRROR
from vunet.pose.motion import MAX_FRAMES, MAX_KEYS, Body, in_betweens, motions


@given(st.integers(0, 2**31))
def test_a_pose_is_taken_apart_and_put_together(seed):
    pose = Pose(np.random.default_rng(seed).random((15, 2)), np.ones(15, bool))
    assert np.allclose(Body.of(pose).pose().joints, pose.joints, atol=1e-5)


@pytest.mark.parametrize("name", ["walk", "wave", "turn"])
@pytest.mark.parametrize("loop", [True, False])
def test_motions_pass_through_their_keys_and_keep_lengths(name, loop):
    keys = motions()[name](Pose.default())
    poses = in_betweens(keys, 10, loop)
    assert len(poses) == (10 * len(keys) if loop else 10 * (len(keys) - 1) + 1)
    for i, key in enumerate(keys):
        assert np.allclose(poses[10 * i].joints, key.joints, atol=1e-5)
    lengths = np.array([Body.of(pose).lengths for pose in poses])
    assert name == "turn" or np.ptp(lengths, axis=0).max() < 1e-5  # a turn foreshortens
    assert max(np.abs(a.joints - b.joints).max() for a, b in itertools.pairwise(poses)) < 0.1


def test_a_loop_closes_without_a_jump():
    poses = in_betweens(motions()["walk"](Pose.default()), 10)
    steps = [np.abs(a.joints - b.joints).max() for a, b in zip(poses, [*poses[1:], poses[0]], strict=True)]
    assert steps[-1] <= 1.5 * max(steps[:-1])


def test_an_arm_turns_the_short_way_round_and_no_chord():
    down, up = Body.of(Pose.default()), Body.of(Pose.default()).turned({"lelbow": -60.0, "lwrist": -80.0})
    halfway = in_betweens([down.pose(), up.pose()], 2, loop=False)[1]
    arm = np.linalg.norm(halfway.xy("lelbow") - halfway.xy("lshoulder"))
    assert arm == pytest.approx(np.linalg.norm(Pose.default().xy("lelbow") - Pose.default().xy("lshoulder")), abs=1e-5)


def test_shoulders_and_hips_never_meet():
    """A turn of half a circle has no short way: both halves of a line take the same one."""
    swapped = Pose(Pose.default().joints[MIRROR], Pose.default().visible)
    for pose in in_betweens([Pose.default(), swapped], 8):
        for left, right in (("lshoulder", "rshoulder"), ("lhip", "rhip")):
            width = np.linalg.norm(pose.xy(left) - pose.xy(right))
            assert width == pytest.approx(np.linalg.norm(Pose.default().xy(left) - Pose.default().xy(right)), abs=1e-4)


def test_a_walker_keeps_to_the_ground():
    feet = [max(p.xy("lankle")[1], p.xy("rankle")[1]) for p in motions()["walk"](Pose.default())]
    assert np.ptp(feet) < 1e-5


def test_joints_hidden_at_either_key_are_hidden_between_them():
    hidden = Pose(Pose.default().joints, np.arange(15) != 5)
    poses = in_betweens([Pose.default(), hidden], 4, loop=False)
    assert poses[0].visible.all() and not poses[2].visible[5]


@pytest.mark.parametrize("keys, each", [(1, 8), (MAX_KEYS + 1, 8), (3, 0), (4, MAX_FRAMES // 4 + 1), (3, [5, 5])])
def test_motions_without_sense_are_refused(keys, each):
    with pytest.raises(BadPose, match="motion"):
        in_betweens([Pose.default()] * keys, each)


def test_each_step_may_have_a_length_of_its_own():
    keys = motions()["walk"](Pose.default())
    poses = in_betweens(keys, [3, 9, 2, 6])
    assert len(poses) == 20
    for at, key in zip((0, 3, 12, 14), keys, strict=True):
        assert np.allclose(poses[at].joints, key.joints, atol=1e-5)


def test_the_longest_motion_is_allowed():
    assert len(in_betweens([Pose.default()] * 4, MAX_FRAMES // 4)) == MAX_FRAMES
