import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.conftest import DATA
from vunet import Pose
from vunet.model.part_maps import put_back, sampling_grid
from vunet.person.crops import crop_parts, seen_parts
from vunet.person.parts import NOWHERE, PART_NAMES, hidden_parts, part_quads, part_transforms
from vunet.pose.anatomy import PART_GROUPS
from vunet.pose.joints import JOINTS

fractions = arrays(np.float32, (15, 2), elements=st.floats(0, 1, width=32))
ALL = np.ones(15, bool)


@pytest.mark.parametrize("i", range(6))
def test_equals_the_authors_crops(i):
    data = np.load(DATA / "preprocess.npz")
    joints = data["joints"][i]
    pose = Pose(np.where(joints < 0, 0, joints), (joints >= 0).all(axis=1))
    image = (data["images"][i] / 127.5 - 1).astype(np.float32)
    expected = data["crops"][i].reshape(32, 32, 8, 3).transpose(2, 0, 1, 3)
    assert np.abs(crop_parts(image, pose, "authors", 32) - expected).max() < 1e-4


thin = np.full((15, 2), 0.625, np.float32)
thin[14, 0] = 0


@given(fractions)
@example(thin)
def test_every_pose_gives_finite_affine_transforms(joints):
    transforms = part_transforms(Pose(joints, ALL), "body")
    assert transforms.shape == (12, 3, 3) and np.isfinite(transforms).all()
    assert (transforms[:, 2] == [0, 0, 1]).all()


@given(fractions)
def test_transforms_take_corners_to_the_unit_square(joints):
    pose = Pose(joints, ALL)
    for quad, transform in zip(part_quads(pose, "body"), part_transforms(pose, "body"), strict=True):
        corners = np.column_stack([quad, np.ones(4)]) @ transform.T
        assert np.allclose(corners[:, :2], [[0, 0], [0, 1], [1, 1], [1, 0]], atol=2e-2)


def test_a_small_move_moves_the_parts_a_little():
    pose = Pose.default()
    moved = Pose(pose.joints + np.random.default_rng(0).normal(0, 1e-4, (15, 2)), ALL)
    for a, b in zip(part_quads(pose, "body"), part_quads(moved, "body"), strict=True):
        assert np.abs(a - b).max() < 5e-3


def test_crops_turn_with_the_body():
    """In-plane normalisation: a turned picture with its turned pose gives the same crops."""
    pose = Pose.default()
    y, x = np.mgrid[:256, :256] / 256
    picture = np.stack([np.sin(9 * x), np.cos(7 * y), np.sin(8 * (x + y))], axis=-1).astype(np.float32)
    turned = Pose(np.column_stack([pose.joints[:, 1], 1 - pose.joints[:, 0]]), ALL)  # a quarter turn
    crops = crop_parts(picture, pose, "body", 32)
    again = crop_parts(np.ascontiguousarray(np.rot90(picture)), turned, "body", 32)
    assert np.abs(crops - again).mean() < 0.02


@pytest.mark.parametrize("layout", ["authors", "body"])
def test_missing_joints_give_grey_crops_and_transforms_to_nowhere(layout):
    visible = ALL.copy()
    visible[[4, 5]] = False  # right elbow and wrist
    pose = Pose(Pose.default().joints, visible)
    picture = np.full((64, 64, 3), 200, np.uint8)
    names = PART_NAMES[layout]
    for name in ("rupperarm", "rforearm"):
        assert (crop_parts(picture, pose, layout, 16)[names.index(name)] == 128).all()
        assert (part_transforms(pose, layout)[names.index(name)] == NOWHERE).all()


def person_with_hidden(*joints: str) -> Pose:
    return Pose(Pose.default().joints, np.array([name not in joints for name in JOINTS]))


def picture_of_places() -> np.ndarray:
    y, x = np.mgrid[:64, :64]
    return np.stack([4 * x, 4 * y, 2 * (x + y)], axis=-1).astype(np.uint8)


def test_a_hidden_limb_is_read_as_its_other_side_mirrored():
    picture, pose = picture_of_places(), person_with_hidden("relbow", "rwrist")
    crops, cut = seen_parts(picture, pose, "body", 16), crop_parts(picture, pose, "body", 16)
    hidden = hidden_parts(pose, "body")
    names = PART_NAMES["body"]
    assert {n for n, h in zip(names, hidden, strict=True) if h} == {"rupperarm", "rforearm"}
    for name in ("upperarm", "forearm"):
        left, right = names.index("l" + name), names.index("r" + name)
        assert (crops[right] == cut[left][:, ::-1]).all() and (crops[right] != crops[left]).any()
    assert (crops[~hidden] == cut[~hidden]).all()


@pytest.mark.parametrize("layout", ["authors", "body"])
def test_what_both_sides_hide_stays_grey_and_the_authors_crops_lend_nothing(layout):
    picture = picture_of_places()
    both = person_with_hidden("relbow", "rwrist", "lelbow", "lwrist")
    one = person_with_hidden("relbow", "rwrist")
    arms = [PART_NAMES[layout].index(n) for n in ("rupperarm", "rforearm")]
    assert (seen_parts(picture, both, layout, 16)[arms] == 128).all()
    assert (seen_parts(picture, one, layout, 16)[arms] == 128).all() == (layout == "authors")


def test_parts_are_put_back_where_they_were_cut():
    """The crops of a picture, un-normalised by the same pose, lie where they were."""
    y, x = np.mgrid[:128, :128] / 128
    picture = np.stack([x, y, x * y], axis=-1).astype(np.float32)
    pose = Pose.default()
    crops = torch.from_numpy(crop_parts(picture, pose, "body", 64)).permute(0, 3, 1, 2)[None]
    placed = put_back(crops, sampling_grid(torch.from_numpy(part_transforms(pose, "body"))[None], 128))
    placed = placed.permute(0, 1, 3, 4, 2)[0].numpy()
    shoulders = (slice(40, 55), slice(55, 75))
    torso = placed[PART_NAMES["body"].index("torso")]
    assert np.abs(torso[shoulders] - picture[shoulders]).max() < 0.03
    assert (torso[120:, :10] == 0).all()


def test_a_part_that_is_nowhere_contributes_nothing():
    maps = torch.ones(1, 1, 4, 8, 8)
    assert put_back(maps, sampling_grid(torch.from_numpy(NOWHERE)[None, None], 16)).abs().max() == 0


def test_groups_name_known_parts():
    assert {n for group in PART_GROUPS.values() for n in group} == set(PART_NAMES["body"])
