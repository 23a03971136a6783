"""Somebody's pose on somebody else's body: limb lengths, feet, what is out of view."""

import numpy as np
import pytest

from vunet import Pose
from vunet.pose.anatomy import BONES
from vunet.pose.joints import INDEX
from vunet.pose.motion import at_rate, in_betweens, ready_made
from vunet.pose.retarget import in_motion, retargeted


def lengths(pose):
    """Of limbs, in torso lengths."""
    limbs = [(a, b) for a, b in BONES if a[1:] in ("shoulder", "elbow", "hip", "knee")]
    return np.array([np.linalg.norm(pose.xy(a) - pose.xy(b)) for a, b in limbs])


@pytest.fixture
def body():
    """Somebody tall with short arms, elsewhere in the frame."""
    joints = Pose.default().joints.copy()
    joints[[INDEX["lknee"], INDEX["rknee"]], 1] += 0.03
    joints[[INDEX["lankle"], INDEX["rankle"]], 1] += 0.05
    for side in "lr":
        joints[INDEX[f"{side}wrist"]] = joints[INDEX[f"{side}elbow"]] + 0.7 * (
            joints[INDEX[f"{side}wrist"]] - joints[INDEX[f"{side}elbow"]]
        )
    return Pose(joints * 0.9 + [0.08, 0.02], np.ones(15, bool))


def test_directions_are_the_sources_and_lengths_the_bodys(body, raised):
    pose = retargeted(raised, body)
    upper, theirs = pose.xy("lelbow") - pose.xy("lshoulder"), raised.xy("lelbow") - raised.xy("lshoulder")
    assert np.allclose(upper / np.linalg.norm(upper), theirs / np.linalg.norm(theirs), atol=0.02)
    assert np.linalg.norm(pose.xy("rwrist") - pose.xy("relbow")) == pytest.approx(
        np.linalg.norm(body.xy("rwrist") - body.xy("relbow")), rel=0.01
    )


def test_the_body_itself_stays_as_it_is(body):
    assert np.abs(retargeted(body, body).joints - body.joints).max() < 1e-5


def test_no_limb_is_longer_than_the_bodys_through_a_whole_dance(body):
    for name in ("dance", "groove"):
        most = np.max([lengths(pose) for pose in in_motion(ready_made()[name].keys, body)], axis=0)
        assert (most < 1.05 * lengths(body)).all() and (most > 0.8 * lengths(body)).all()


def test_feet_stand_on_the_bodys_ground_and_a_jump_leaves_it(body):
    ground = max(body.xy("lankle")[1], body.xy("rankle")[1])
    lowest = lambda poses: np.array([max(p.xy("lankle")[1], p.xy("rankle")[1]) for p in poses])  # noqa: E731
    assert np.abs(lowest([retargeted(key, body) for key in ready_made()["kick"].keys]) - ground).max() < 1e-4
    jump = lowest(in_motion(ready_made()["jump"].keys, body))
    assert jump.max() == pytest.approx(ground, abs=0.01) and jump.min() < ground - 0.03


@pytest.mark.parametrize("name", ["dance", "pirouette", "cartwheel", "kick", "jump", "punch"])
def test_a_foot_that_stands_does_not_slide_by_more_than_two_percent_of_the_height(name, body):
    """A foot stands while the source's moves by less than 1 % of the height in two steps from key to key."""
    source = in_betweens(ready_made()[name].keys, 6)
    stands = ways_of_feet(source) < 0.01
    assert stands.any() and ways_of_feet(in_motion(source, body))[stands].max() < 0.02


def ways_of_feet(poses, window=12):
    """(T, 2): how far each foot comes within a window, in heights of the body."""
    feet = np.array([[pose.xy("rankle"), pose.xy("lankle")] for pose in poses])
    height = np.median([np.ptp(pose.joints[:, 1]) for pose in poses])
    return np.linalg.norm([np.ptp(feet[i : i + window], axis=0) for i in range(len(feet) - window + 1)], axis=-1) / height


def test_what_is_out_of_view_stays_as_it_was(body, raised):
    hidden = raised.visible.copy()
    hidden[[INDEX["lankle"], INDEX["lknee"]]] = False
    pose = retargeted(Pose(raised.joints, hidden), body)
    assert np.allclose(pose.xy("lankle") - pose.xy("lhip"), body.xy("lankle") - body.xy("lhip"), atol=1e-5)
    assert pose.visible.all()


def test_eight_motions_or_more_are_ready_and_each_can_be_filmed(body):
    assert len(ready_made()) >= 8
    for each in ready_made().values():
        keys = each.on(body)
        assert 2 <= len(keys) <= 24 and len(in_betweens(keys, 4)) == 4 * len(keys) and 0.5 < each.seconds < 10


def test_a_motion_at_another_rate():
    poses = [Pose(Pose.default().joints + np.array([0.01 * i, 0]), np.ones(15, bool)) for i in range(11)]
    doubled = at_rate(poses, 10, 20)
    assert len(doubled) == 21 and doubled[3].xy("cnose")[0] == pytest.approx(poses[0].xy("cnose")[0] + 0.015, abs=1e-5)
