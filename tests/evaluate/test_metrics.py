"""Metrics at their ends: perfect, worthless, missing."""

import cv2
import numpy as np
import pytest

from vunet import BadPose, Pose
from vunet.evaluate import metrics
from vunet.evaluate.compared_pictures import read_poses
from vunet.losses.kernel_distance import kernel_distance
from vunet.person.parts import part_quads
from vunet.person.photo import load_photo

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 255, (64, 64, 3), np.uint8)
EVERYWHERE = np.ones((64, 64), bool)


def test_a_picture_is_most_similar_to_itself():
    same = metrics.similarity(NOISE, NOISE, EVERYWHERE)
    assert same["ssim"] == same["ssim_person"] == pytest.approx(1) and same["psnr"] > 60
    other = metrics.similarity(NOISE, NOISE[::-1], EVERYWHERE)
    assert other["ssim"] < 0.2 and other["psnr"] < 10


def test_a_plain_background_flatters_the_whole_frame_but_not_the_person():
    truth, picture = np.full((64, 64, 3), 240, np.uint8), np.full((64, 64, 3), 240, np.uint8)
    mask = np.zeros((64, 64), bool)
    mask[28:36, 28:36] = True
    truth[mask], picture[mask] = NOISE[:8, :8].reshape(-1, 3), NOISE[8:16, 8:16].reshape(-1, 3)
    scores = metrics.similarity(picture, truth, mask)
    assert scores["ssim"] > 0.7 > 0.5 > scores["ssim_person"]


def test_joints_count_where_they_are_wanted_and_a_missing_person_is_infinitely_wrong():
    wanted = Pose(Pose.default().joints, np.arange(15) != 5)
    moved = Pose(wanted.joints + np.array([0.1, 0]), wanted.visible)
    assert metrics.joint_errors(wanted, moved, 256) == pytest.approx(np.full(14, 25.6), abs=1e-3)
    assert np.isinf(metrics.joint_errors(wanted, None, 256)).all()


def test_pckh_is_the_share_of_joints_nearer_than_half_a_head():
    head = metrics.head_length(Pose.default(), 256)
    assert 15 < head < 45
    errors = [np.array([0.4, 0.6, np.inf, 0.0]) * head]
    assert metrics.pckh(errors, [head]) == 0.5


def test_colours_of_a_recoloured_person_are_far_from_the_own(people):
    photo, pose = cv2.resize(load_photo(people[0]), (256, 256)), Pose.default()
    own = metrics.part_colours(photo, pose)
    assert own.shape == (4, 3) and np.isfinite(own).all()
    assert metrics.colour_distance(own, own) == 0
    assert metrics.colour_distance(own, metrics.part_colours(photo[..., ::-1].copy(), pose)) > 3


def test_a_part_that_is_missing_has_no_colour():
    pose = Pose.default()
    legless = Pose(pose.joints, ~np.isin(np.arange(15), [0, 1, 7, 8]))
    colours = metrics.part_colours(np.tile(NOISE, (4, 4, 1)), legless)
    assert np.isnan(colours[3]).all() and np.isfinite(colours[:2]).all()
    assert np.isfinite(metrics.colour_distance(colours, colours))


def test_a_blur_has_less_detail():
    blurred = cv2.GaussianBlur(NOISE, (0, 0), 2)
    assert metrics.vertical_detail(blurred, EVERYWHERE) < 0.3 * metrics.vertical_detail(NOISE, EVERYWHERE)


def test_sets_of_one_kind_are_alike_whoever_is_in_them():
    one, other = RNG.normal(3, 2, (2, 200, 12))
    assert abs(kernel_distance(one, other)) < 0.05
    shifted, narrow = kernel_distance(one + 2, other), kernel_distance(0.2 * one + 2.4, other)
    assert shifted > narrow > 0.2


def test_pose_files_are_read_in_the_projects_order(tmp_path):
    order = ["cnose", *[n for n in Pose.default().to_dict()["joints"] if n != "cnose"]]
    joints = [[i / 20, 0.5] for i in range(15)]
    path = tmp_path / "poses.json"
    path.write_text(f'{{"joint_order": {order!r}, "poses": [{joints}]}}'.replace("'", '"'))
    (pose,) = read_poses(path)
    assert pose.xy("cnose")[0] == 0 and pose.visible.all()
    path.write_text("[]")
    with pytest.raises(BadPose, match="joint_order"):
        read_poses(path)


def test_a_seam_is_a_step_along_the_borders_of_parts():
    pose = Pose.default()
    rng = np.random.default_rng(0)
    smooth = cv2.GaussianBlur(rng.integers(0, 255, (256, 256, 3), np.uint8), (0, 0), 4)
    mask = np.ones((256, 256), bool)
    patched = smooth.copy()
    for i, quad in enumerate(part_quads(pose, "body")):
        cv2.fillPoly(patched, [np.rint(quad * 256).astype(np.int32)], (60 + 12 * i,) * 3)
    assert 0.8 < metrics.seams(smooth, pose, mask) < 1.25
    assert metrics.seams(patched, pose, mask) > 2
    assert np.isnan(metrics.seams(smooth, pose, np.zeros((256, 256), bool)))


def test_the_nearest_of_many_and_the_mean_distance():
    known = np.array([[0.0, 0.0], [3.0, 4.0]])
    between = metrics.distances(np.array([[0.0, 1.0], [3.0, 5.0]]), known)
    assert between.shape == (2, 2) and between.min(axis=1) == pytest.approx([1.0, 1.0])
    assert metrics.mean_distance(known) == pytest.approx(5.0)
