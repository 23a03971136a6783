"""Which part a pixel belongs to."""

from dataclasses import replace

import numpy as np

from vunet import Pose
from vunet.model.part_maps import HIDDEN
from vunet.person.ownership import hidden, ownership
from vunet.pose.anatomy import PARTS
from vunet.pose.joints import INDEX

SIZE = 256


def shares(pose):
    return dict(zip(PARTS, ownership(pose, SIZE), strict=True))


def moved(**joints):
    pose = Pose.default()
    points = pose.joints.copy()
    for name, point in joints.items():
        points[INDEX[name]] = point
    return replace(pose, joints=points)


def pixel(point):
    column, row = (np.asarray(point) * SIZE).astype(int)
    return row, column


def test_a_forearm_on_the_torso_is_taken_out_of_the_torso(folded):
    there = pixel(folded.xy("lwrist"))
    assert shares(folded)["lforearm"][there] == 1 and shares(folded)["torso"][there] < 0.3
    assert shares(Pose.default())["torso"][there] == 1


def test_a_hanging_arm_takes_nothing_of_the_middle_of_the_torso():
    pose = Pose.default()
    middle = pixel((pose.xy("neck") + pose.xy("lhip") + pose.xy("rhip")) / 3)
    every = shares(pose)
    assert every["torso"][middle] == 1 and every["lupperarm"][middle] == every["rforearm"][middle] == 0


def test_neighbours_along_a_limb_share_their_joint():
    pose = Pose.default()
    every = shares(pose)
    for joint, parts in {"lknee": ("lthigh", "lshin"), "relbow": ("rupperarm", "rforearm")}.items():
        assert min(every[part][pixel(pose.xy(joint))] for part in parts) == 1, joint


def test_nothing_is_left_without_an_owner(folded):
    assert ownership(folded, SIZE).max(axis=0).min() > 0.7


def test_a_missing_arm_takes_nothing():
    pose = Pose.default()
    visible = pose.visible.copy()
    visible[[INDEX["lelbow"], INDEX["lwrist"], INDEX["relbow"], INDEX["rwrist"]]] = False
    assert shares(replace(pose, visible=visible))["torso"].min() == 1


def test_a_marked_leg_lies_before_the_other_or_behind_it():
    crossed = moved(lknee=Pose.default().xy("rknee"))
    row, column = (crossed.xy("lknee")[::-1] * HIDDEN).astype(int)
    share = lambda part, **depth: hidden(replace(crossed, depth=depth))[PARTS.index(part), row, column]  # noqa: E731
    assert share("rthigh") == share("lthigh") == 0
    assert share("rthigh", lleg="front") == 1 and share("lthigh", lleg="front") == 0
    assert share("lthigh", lleg="behind") == 1 and share("rthigh", lleg="behind") == 0
