"""Codes of parts, exchanged and made up."""

from dataclasses import replace

import numpy as np
import pytest

from vunet import Appearance, Pose
from vunet.person.parts import PART_NAMES, unseen_parts
from vunet.pose.joints import JOINTS
from vunet.studio.appearance import codes_of_parts, with_parts

PARTS = 12
LEGS = {"lthigh", "rthigh", "lshin", "rshin", "lfoot", "rfoot"}


def drawn(seed: int) -> Appearance:
    rng = np.random.default_rng(seed)
    shapes = [(8, 4, 4), (PARTS * 3, 8, 8), (PARTS * 3, 16, 16)]
    return Appearance(tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes), Pose.default())


def test_parts_are_taken_from_another_look_and_nothing_else_is():
    look, other = drawn(0), drawn(1)
    mixed = with_parts(look, {2: other}, PARTS)
    assert mixed.codes[0] is look.codes[0]
    for mine, own, others in zip(*(codes_of_parts(each, PARTS) for each in (mixed, look, other)), strict=True):
        assert np.array_equal(mine[2], others[2]) and np.array_equal(np.delete(mine, 2, 0), np.delete(own, 2, 0))


@pytest.fixture(scope="module")
def half(studio, street):
    """A person whose photo ends at the hips, and where one arm is hidden."""
    person = studio.detect(street)
    hidden = {"lknee", "rknee", "lankle", "rankle", "lelbow"}
    seen = np.array([visible and name not in hidden for name, visible in zip(JOINTS, person.pose.visible, strict=True)])
    return replace(person, pose=Pose(person.pose.joints, seen))


def test_only_what_is_hidden_on_both_sides_is_unseen(half):
    unseen = unseen_parts(half.pose, "body")
    assert {name for name, each in zip(PART_NAMES["body"], unseen, strict=True) if each} == LEGS


def test_only_the_legs_of_a_half_body_are_made_up(studio, half):
    look = studio.encode(half)
    bare, unseen = studio._reader.crops(look.crops, look.pose), unseen_parts(half.pose, "body")
    finest = [codes_of_parts(each, PARTS)[-1] for each in (look, bare)]
    assert np.array_equal(finest[0][~unseen], finest[1][~unseen])
    assert all(not np.allclose(a, b) for a, b in zip(finest[0][unseen], finest[1][unseen], strict=True))
    assert np.array_equal(studio.encode(half).codes[-1], look.codes[-1])  # the same every time


def test_a_half_body_has_legs_when_its_pose_gets_some(studio, half):
    """Without its made-up parts it stands on a grey haze."""
    look = studio.encode(half)
    bare = studio._reader.crops(look.crops, look.pose)
    pose = Pose.default()
    knee, ankle = pose.xy("lknee") * studio.live_size, pose.xy("lankle") * studio.live_size
    x, y = np.rint((knee + ankle) / 2).astype(int)
    shin = (slice(y - 12, y + 12), slice(x - 3, x + 4))
    pictures = [studio.render(each, pose, studio.live_size).astype(float) for each in (look, bare)]
    spread = [float(picture[shin].std(axis=(0, 1)).mean()) for picture in pictures]
    assert spread[0] > spread[1]
