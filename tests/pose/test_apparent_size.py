"""How large parts look from a side: crops follow the body, and stay as they are where it is seen from the front."""

import numpy as np
import pytest

from vunet import Pose
from vunet.person.parts import part_quads
from vunet.pose.anatomy import PARTS, torso_axis
from vunet.pose.apparent_size import apparent_limb, foot_stretch, head_stretch, whole_torso_length
from vunet.pose.body_3d import body_of

FRONT = Pose.default()
DOWN = np.array([0.0, 1.0])


def profile(degrees=90.0):
    return FRONT.turned(degrees)


def width(pose, part):
    """Of a part's crop, in torso lengths of the default pose."""
    quad = part_quads(pose, "body")[PARTS.index(part)]
    return float(np.linalg.norm(quad[3] - quad[0])) / torso_axis(FRONT)[1]


def test_from_the_front_nothing_changes():
    seen = apparent_limb(FRONT, "lthigh", DOWN)
    assert seen.width == pytest.approx(1, abs=0.03) and np.abs(seen.shift).max() < 0.01
    assert whole_torso_length(FRONT) == pytest.approx(torso_axis(FRONT)[1], rel=1e-3)
    assert np.allclose(head_stretch(FRONT), np.eye(2), atol=0.03)


@pytest.mark.parametrize("part", ["lthigh", "rthigh", "lfoot", "rfoot", "head"])
def test_in_profile_thighs_feet_and_heads_are_wider(part):
    assert width(profile(), part) > 1.08 * width(FRONT, part)


def test_a_calf_lies_behind_its_bone_whichever_way_somebody_looks():
    left, right = (apparent_limb(profile(degrees), "lshin", DOWN).shift[0] for degrees in (90, -90))
    assert left * right < 0 and abs(left) > 0.01


def test_a_foot_is_longer_the_more_it_is_seen_from_its_side():
    longest = [np.linalg.norm(foot_stretch(profile(degrees), "l"), 2) for degrees in (0, 45, 90)]
    assert longest[0] < longest[1] < longest[2]


def test_a_foreshortened_torso_is_as_long_as_the_lifted_one(monkeypatch):
    seen = torso_axis(FRONT)[1]
    depths = np.where(FRONT.joints[:, 1] < FRONT.xy("lhip")[1] - 0.01, seen, 0.0)  # the upper body comes nearer
    monkeypatch.setattr("vunet.pose.apparent_size.lift", lambda pose: body_of(pose, depths))
    assert 1.3 * seen < whole_torso_length(FRONT) < 1.42 * seen
    monkeypatch.setattr("vunet.pose.apparent_size.lift", lambda pose: body_of(pose, 5 * depths))
    assert whole_torso_length(FRONT) == pytest.approx(1.6 * seen)
