"""What a photo shows of each part, cut out and put back."""

import numpy as np
import pytest

from vunet import Pose
from vunet.person.parts import PART_NAMES
from vunet.person.warped_crops import detail_crops, no_crops, warped_crops

NAMES = PART_NAMES["body"]


@pytest.fixture
def frame():
    """Smooth colours, all of it person."""
    x, y = np.meshgrid(np.linspace(0, 255, 512), np.linspace(0, 255, 512))
    return np.dstack([x, y, 255 - x]).astype(np.uint8), np.full((512, 512), 255, np.uint8)


def test_in_the_pose_of_the_photo_each_copy_lies_where_it_was(frame):
    image, mask = frame
    copies = warped_crops(detail_crops(image, mask, Pose.default(), 160), Pose.default(), 512)
    assert copies.shape == (12, 512, 512, 4)
    for name, copy in zip(NAMES, copies, strict=True):
        inside = copy[..., 3] == 255
        assert inside.sum() > 400, name
        assert np.abs(copy[inside][:, :3].astype(int) - image[inside]).max() <= 4, name


def test_a_raised_forearm_is_copied_to_where_it_is_raised(frame, raised):
    image, mask = frame
    index = NAMES.index("lforearm")
    before, after = (warped_crops(detail_crops(image, mask, Pose.default(), 160), p, 512) for p in (Pose.default(), raised))
    centre = lambda copy: np.argwhere(copy[..., 3] > 0).mean(axis=0) / 512  # noqa: E731
    assert centre(before[index])[0] > 0.3 and centre(after[index])[0] < 0.2
    torso = NAMES.index("torso")
    assert np.array_equal(before[torso][..., :3], after[torso][..., :3])


def test_an_arm_on_the_torso_hides_it_and_an_arm_behind_is_hidden(frame, folded):
    image, mask = frame
    crops = detail_crops(image, mask, Pose.default(), 160)
    row, column = (folded.xy("lwrist")[::-1] * 512).astype(int)
    seen = lambda pose, part: int(warped_crops(crops, pose, 512)[NAMES.index(part), row, column, 3])  # noqa: E731
    behind = Pose(folded.joints, folded.visible, {"larm": "behind"})
    assert seen(folded, "lforearm") == 255 and seen(folded, "torso") < 10
    assert seen(behind, "lforearm") < 10 and seen(behind, "torso") == 255


def test_a_hidden_arm_is_the_mirror_image_of_the_other_and_both_hidden_are_empty(frame):
    image, mask = frame
    hidden = Pose.default().visible.copy()
    from vunet.pose.joints import INDEX

    hidden[[INDEX["lwrist"], INDEX["lknee"], INDEX["rknee"]]] = False
    crops = detail_crops(image, mask, Pose(Pose.default().joints, hidden), 64)
    assert np.array_equal(crops[NAMES.index("lforearm")], crops[NAMES.index("rforearm")][:, ::-1])
    assert not crops[NAMES.index("lshin")].any()


def test_draws_have_nothing_to_copy():
    assert no_crops(12, 64).shape == (12, 64, 64, 4) and not no_crops(12, 64).any()
