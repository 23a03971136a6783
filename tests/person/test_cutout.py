"""What a photo shows of a person, cut into layers, and carried into other poses."""

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from vunet import Pose
from vunet.person.cutout import ALL, LAYERS, cut_layers, layers_of_crops
from vunet.person.ground import BACKGROUND
from vunet.person.photo_in_pose import carried, no_copy
from vunet.pose.anatomy import PARTS, torso_axis
from vunet.pose.joints import INDEX

SIZE = 256


@pytest.fixture
def frame():
    """Smooth colours; the person is what lies near the default pose's bones."""
    x, y = np.meshgrid(np.linspace(0, 255, SIZE), np.linspace(0, 255, SIZE))
    image = np.dstack([x, y, 255 - x]).astype(np.uint8)
    mask, pose = np.zeros((SIZE, SIZE), np.uint8), Pose.default()
    spot = lambda name: tuple(int(v) for v in pose.xy(name) * SIZE)  # noqa: E731
    for side in "lr":
        for chain in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")):
            for a, b in itertools.pairwise(chain):
                cv2.line(mask, spot(side + a), spot(side + b), 255, 12)
    corners = np.array([spot(name) for name in ("lshoulder", "rshoulder", "rhip", "lhip")])
    cv2.fillConvexPoly(mask, corners, 255)
    cv2.circle(mask, spot("cnose"), 22, 255, -1)
    return image, mask


def shown(copy, pose, name):
    """RGB and opacity at a joint."""
    x, y = (pose.xy(name) * SIZE).astype(int)
    return copy[y, x]


def test_in_the_photos_own_pose_it_is_the_photo(frame):
    image, mask = frame
    copy = carried([cut_layers(image, mask, Pose.default())], Pose.default(), SIZE).picture
    inside = cv2.erode(mask, np.ones((5, 5))) > 0
    assert copy[inside][:, 3].min() > 220
    assert np.abs(copy[inside][:, :3].astype(int) - image[inside]).mean() < 3
    assert copy[cv2.dilate(mask, np.ones((7, 7))) == 0].max() == 0


def test_what_is_wider_than_a_limb_stays_in_one_piece(frame):
    image, mask = frame
    left, right = (Pose.default().xy(name) * SIZE for name in ("lknee", "rknee"))
    wide = np.array([40, 0])
    skirt = np.array([left + wide, right - wide, Pose.default().xy("rhip") * SIZE, Pose.default().xy("lhip") * SIZE])
    cv2.fillConvexPoly(mask, skirt.astype(int), 255)
    cutout = cut_layers(image, mask, Pose.default())
    middle = ((left + right) / 2).astype(int)
    for pose in (Pose.default(), _step()):
        assert carried([cutout], pose, SIZE).picture[middle[1] - 8, middle[0], 3] > 200


def _step():
    """One foot a little to the side."""
    joints = Pose.default().joints.copy()
    joints[[INDEX["lknee"], INDEX["lankle"]]] += np.array([[0.02, 0], [0.04, 0]])
    return Pose(joints, Pose.default().visible)


def test_a_raised_arm_goes_to_where_it_is_raised_and_leaves_its_place(frame, raised):
    image, mask = frame
    cutout = cut_layers(image, mask, Pose.default())
    copy = carried([cutout], raised, SIZE).picture
    assert shown(copy, raised, "lwrist")[3] > 200
    assert shown(copy, Pose.default(), "lwrist")[3] < 40


def test_what_an_arm_covered_is_filled_when_it_leaves(frame, folded):
    image, mask = frame
    middle = (folded.xy("lwrist") * SIZE).astype(int)
    image[middle[1] - 5 : middle[1] + 6, middle[0] - 5 : middle[0] + 6] = (255, 0, 255)  # a hand on the belly
    copy = carried([cut_layers(image, mask, folded)], Pose.default(), SIZE).picture
    red, green, _, opacity = copy[middle[1], middle[0]].astype(int)
    assert opacity > 240 and green > 60 and abs(red - int(middle[0])) < 60


def test_a_hidden_arm_is_no_layer_and_an_arm_behind_is_covered(frame, folded):
    image, mask = frame
    hidden = folded.visible.copy()
    hidden[INDEX["lelbow"]] = False
    assert not cut_layers(image, mask, Pose(folded.joints, hidden)).layers[LAYERS.index("larm")].picture.size
    image[:, :] = np.where(np.arange(SIZE)[None, :, None] > SIZE * 0.58, 250, 10)  # the left arm is light
    cutout = cut_layers(image, mask, Pose.default())
    before, behind = (carried([cutout], replace(folded, depth=d), SIZE).picture for d in ({}, {"larm": "behind"}))
    assert shown(before, folded, "lwrist")[0] > 150 > shown(behind, folded, "lwrist")[0]


def test_parts_can_be_left_out_and_taken_from_others(frame):
    image, mask = frame
    cutout, pose = cut_layers(image, mask, Pose.default()), Pose.default()
    other = cut_layers(255 - image, mask, pose)
    legs = frozenset(i for i, name in enumerate(PARTS) if name[1:] in ("thigh", "shin", "foot"))
    alone = carried([cutout.only(ALL - legs)], pose, SIZE).picture
    assert shown(alone, pose, "lknee")[3] < 40 < shown(alone, pose, "cnose")[3]
    mixed = carried([cutout.only(ALL - legs), other.only(legs)], pose, SIZE).picture
    theirs = carried([other], pose, SIZE).picture
    assert np.abs(shown(mixed, pose, "lknee")[:3].astype(int) - shown(theirs, pose, "lknee")[:3]).max() < 8
    assert shown(carried([replace(cutout, strength=0.5)], pose, SIZE).picture, pose, "lhip")[3].item() == pytest.approx(
        127, abs=3
    )


def test_a_limb_that_points_at_the_camera_is_no_copy(frame):
    image, mask = frame
    short = Pose.default().joints.copy()
    short[INDEX["lknee"]] = short[INDEX["lhip"]] + [0, 0.2 * torso_axis(Pose.default())[1]]
    seen = Pose(short, Pose.default().visible)
    copy = carried([cut_layers(image, mask, seen)], Pose.default(), SIZE).picture
    thigh = (Pose.default().xy("lhip") + Pose.default().xy("lknee")) / 2 * SIZE
    assert copy[int(thigh[1]) + 10, int(thigh[0]), 3] < 128


def test_a_back_has_sleeves_and_trousers_and_no_tie(frame):
    image, mask = frame
    pose = Pose.default()
    middle = ((pose.xy("neck") + pose.xy("lhip") + pose.xy("rhip")) / 3 * SIZE).astype(int)
    image[:, middle[0] - 5 : middle[0] + 6] = (255, 0, 255)  # a tie
    cutout = cut_layers(image, mask, pose)
    behind = pose.turned(180)
    back, naive = (carried([cutout], behind, SIZE, sides) for sides in (True, False))
    for name in ("lknee", "relbow"):
        assert shown(back.picture, behind, name)[3] > 180
    there = (behind.xy("neck") * 0.5 + (behind.xy("lhip") + behind.xy("rhip")) / 4) * SIZE
    x, y = there.astype(int)
    assert naive.picture[y, x, 1] < 80 < back.picture[y, x, 1] and back.picture[y, x, 3] > 180


def test_a_hand_before_the_belly_is_covered_from_behind(frame, folded):
    image, mask = frame
    image[:, :] = np.where(np.arange(SIZE)[None, :, None] > SIZE * 0.58, 250, 10)  # the left arm is light
    cutout = cut_layers(image, mask, Pose.default())
    lit = [shown(carried([cutout], pose, SIZE).picture, pose, "lwrist")[0] for pose in (folded, folded.from_behind())]
    assert lit[0] > 150 > lit[1]


def test_nobody_has_a_limb_twice(frame):
    """A leg that is kicked aside is not found from where it was as well, nor from beside the other one."""
    image, mask = frame
    joints, pose = Pose.default().joints.copy(), Pose.default()
    hip, length = pose.xy("lhip"), np.linalg.norm(pose.xy("lknee") - pose.xy("lhip"))
    aside = np.array([length, 0.0])
    joints[INDEX["lknee"]], joints[INDEX["lankle"]] = hip + aside, hip + 2 * aside
    kicked = carried([cut_layers(image, mask, pose)], Pose(joints, pose.visible), SIZE).picture[..., 3]
    assert 0.8 < kicked.sum() / mask.sum(dtype=int) < 1.1


def test_crops_of_older_sessions_make_layers(frame):
    crops = np.zeros((12, 32, 32, 4), np.uint8)
    crops[PARTS.index("torso")] = (200, 100, 50, 255)
    crops[PARTS.index("lforearm")] = (20, 30, 240, 255)
    cutout, pose = layers_of_crops(crops, Pose.default(), SIZE), Pose.default()
    copy = carried([cutout], pose, SIZE).picture
    middle = ((pose.xy("lelbow") + pose.xy("lwrist")) / 2 * SIZE).astype(int)
    assert copy[middle[1], middle[0], 2] > 200 and shown(copy, pose, "rhip")[0] > 150


def test_draws_have_nothing_to_copy():
    for nothing in (no_copy(64), carried([], Pose.default(), 64)):
        assert nothing.picture.shape == (64, 64, 4) and not nothing.picture.any() and not nothing.certain.any()


def test_a_copy_is_certain_in_the_photos_own_pose_and_not_where_a_limb_has_moved(frame, raised):
    image, mask = frame
    cutout, pose = cut_layers(image, mask, Pose.default()), Pose.default()
    assert carried([cutout], pose, SIZE).certain.min() > 250
    moved = carried([cutout], raised, SIZE).certain
    at = lambda p, name: int(moved[tuple((p.xy(name)[::-1] * 64).astype(int))])  # noqa: E731
    assert at(raised, "lwrist") < 10 and at(pose, "lwrist") < 10 and at(pose, "rankle") > 250 and at(pose, "rhip") > 200
    legs = frozenset(i for i, name in enumerate(PARTS) if name[1:] in ("thigh", "shin", "foot"))
    dressed = carried([cutout.only(ALL - legs)], pose, SIZE).certain
    assert dressed[int(pose.xy("lknee")[1] * 64), int(pose.xy("lknee")[0] * 64)] < 30


def test_a_copy_of_a_front_is_not_certain_in_a_profile(frame):
    image, mask = frame
    cutout, pose = cut_layers(image, mask, Pose.default()), Pose.default()

    def certain_at(shown):
        y, x = (np.mean([shown.xy(name) for name in ("neck", "lhip", "rhip")], axis=0)[::-1] * 64).astype(int)
        return int(carried([cutout], shown, SIZE).certain[y, x])

    assert certain_at(pose) > 250 and certain_at(pose.turned(10)) > 100 and certain_at(pose.turned(60)) == 0


def test_a_part_that_the_pose_hides_is_not_shown(frame):
    image, mask = frame
    visible = Pose.default().visible.copy()
    visible[[INDEX["lankle"], INDEX["lknee"]]] = False
    hidden = carried([cut_layers(image, mask, Pose.default())], Pose(Pose.default().joints, visible), SIZE)
    assert shown(hidden.picture, Pose.default(), "lankle")[3] < 60 < shown(hidden.picture, Pose.default(), "rankle")[3]
    assert hidden.certain[int(Pose.default().xy("lankle")[1] * 64), int(Pose.default().xy("lankle")[0] * 64)] < 60


def test_over_another_picture_it_is_seen_where_it_is_certain(frame):
    image, mask = frame
    cutout, pose = cut_layers(image, mask, Pose.default()), Pose.default()
    black = np.zeros((SIZE, SIZE, 3), np.uint8)
    own = carried([cutout], pose, SIZE).over(black)
    inside = cv2.erode(mask, np.ones((5, 5))) > 0
    assert np.abs(own[inside].astype(int) - image[inside]).mean() < 3
    assert (own[cv2.dilate(mask, np.ones((7, 7))) == 0] == BACKGROUND).all()
    assert np.array_equal(no_copy(SIZE).over(black), black)
