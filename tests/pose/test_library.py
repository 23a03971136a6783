import numpy as np

from vunet.pose.joints import ARMS, LEGS
from vunet.pose.library import load_library

KINDS = {"standing", "walking", "running", "sitting", "dancing", "yoga"}


def test_there_are_poses_of_every_kind_and_none_twice():
    library = load_library()
    assert len(library) >= 24 and {p.kind for p in library} == KINDS
    assert len({p.name for p in library}) == len(library)
    joints = [p.pose.joints for p in library]
    assert all(np.abs(a - b).max() > 0.02 for i, a in enumerate(joints) for b in joints[:i])


def test_poses_are_whole_bodies_inside_the_frame():
    for entry in load_library():
        pose = entry.pose
        assert pose.usable() and pose.visible.all() and pose.joints.min() > 0.03 and pose.joints.max() < 0.97
        for a, b, c in (*ARMS, *LEGS):  # no limb is longer than a body's could be
            assert np.linalg.norm(pose.xy(a) - pose.xy(b)) + np.linalg.norm(pose.xy(b) - pose.xy(c)) < 0.45
