"""Motions as key poses, found by error."""

import json

import numpy as np
import pytest

from vunet import BadPose, Motion, Pose
from vunet.pose.key_poses import CLOSE, key_poses
from vunet.pose.motion import MAX_KEYS, in_betweens, ready_made


def moved(places):
    """Poses whose left wrist is at these places."""
    poses = []
    for place in places:
        joints = Pose.default().joints.copy()
        joints[12] = place
        poses.append(Pose(joints, np.ones(15, bool)))
    return poses


def test_keys_are_where_a_motion_turns_and_nowhere_else():
    way = [(0.2 + 0.02 * i, 0.3) for i in range(10)] + [(0.38, 0.3 + 0.02 * i) for i in range(1, 10)]
    assert key_poses(moved(way), MAX_KEYS) == [0, 9, 18]
    assert key_poses(moved([(0.5, 0.5)] * 7), MAX_KEYS) == [0, 6]
    assert key_poses(moved([(0.5, 0.5)]), MAX_KEYS) == [0]


def test_keys_by_error_are_nearer_to_a_dance_than_as_many_even_ones():
    poses = in_betweens(ready_made()["dance"].keys, 4)[:60]
    few = key_poses(poses, 12)
    even = [round(i) for i in np.linspace(0, len(poses) - 1, len(few))]
    assert len(few) == 12 and strays(poses, few) < 0.8 * strays(poses, even)
    assert strays(poses, key_poses(poses, MAX_KEYS)) < CLOSE
    assert np.diff(key_poses(poses, MAX_KEYS, 3)).min() >= 3


def strays(poses, chosen):
    joints = np.stack([pose.joints for pose in poses]).reshape(len(poses), -1)
    between = np.stack(
        [np.interp(np.arange(len(poses)), chosen, joints[chosen, i]) for i in range(joints.shape[1])], axis=1
    )
    return np.linalg.norm((between - joints).reshape(len(poses), -1, 2), axis=-1).max()


def test_each_key_comes_when_it_came():
    """The second half is as long as the first, and has one key alone."""
    poses = moved([(0.2 + 0.1 * (i % 2), 0.3) for i in range(6)] + [(0.3 + 0.01 * i, 0.3) for i in range(1, 7)])
    motion = Motion.of(poses, 12.5)
    assert len(motion.keys) == 7 and motion.steps[5] == pytest.approx(6 * motion.steps[0], rel=0.01)
    film = motion.poses(25)
    lasts = motion.seconds * sum(motion.steps)
    assert len(film) == pytest.approx(25 * lasts, abs=4) and lasts == pytest.approx(11 / 12.5 + motion.seconds, rel=0.01)
    assert film[round(25 * 5 / 12.5)].xy("lwrist")[0] == pytest.approx(0.3, abs=0.02)


def test_motions_are_read_as_they_were_written_and_old_ones_as_well():
    motion = Motion((Pose.default(), Pose.default().mirrored()), 0.5, (0.5, 1.5))
    again = Motion.from_dict(json.loads(json.dumps(motion.to_dict())))
    assert again.to_dict() == motion.to_dict() and (again.seconds, again.steps) == (0.5, (0.5, 1.5))
    old = Motion.from_dict({"keys": [Pose.default().to_dict()] * 2, "seconds": 0.4})
    assert old.steps == () and len(old.poses(25)) == 20


@pytest.mark.parametrize("steps", [[1.0], [1.0, float("nan")], [0, 1], ["x", 1], 3, [1e9, 1]])
def test_steps_without_sense_are_refused(steps):
    with pytest.raises(BadPose):
        Motion.from_dict({"keys": [Pose.default().to_dict()] * 2, "seconds": 0.4, "steps": steps})
