"""The skeleton in three dimensions, the mannequin behind it, and turns about the vertical axis."""

from dataclasses import replace

import numpy as np
import pytest

from vunet import BadPose, Pose
from vunet.model.config import MANNEQUIN, MANNEQUIN_SIZE, SIDES
from vunet.pose.anatomy import PARTS, torso_axis
from vunet.pose.body_3d import completed, lift, side_of_trunk
from vunet.pose.joints import INDEX, JOINTS
from vunet.pose.lifter import lifted
from vunet.pose.mannequin import mannequin, out_of_plane, side_turns
from vunet.pose.stance import FEET, upright_depths

PART = {name: i for i, name in enumerate(PARTS)}
FRONT, LEFT, NEAR = len(PARTS) + 1, len(PARTS) + 2, len(PARTS)


def behind(pose):
    """The same outline with left and right exchanged."""
    joints = pose.joints.copy()
    for name in JOINTS:
        other = {"l": "r", "r": "l"}.get(name[0])
        if other:
            joints[INDEX[other + name[1:]]] = pose.joints[INDEX[name]]
    return Pose(joints, pose.visible)


def test_the_maps_have_the_shape_that_the_model_reads():
    maps, facing = mannequin(Pose.default())
    assert maps.shape == (MANNEQUIN, MANNEQUIN_SIZE, MANNEQUIN_SIZE) and facing.shape == (len(PARTS), SIDES)
    assert maps.dtype == facing.dtype == np.float32 and np.isfinite(maps).all()


def test_a_front_shows_fronts_and_a_back_backs():
    maps, facing = mannequin(Pose.default())
    assert facing[PART["torso"], 0] > 0.9 and facing[PART["head"], 0] > 0.8
    turned, away = mannequin(behind(Pose.default()))
    assert away[PART["torso"], 0] < -0.9
    body = maps[: len(PARTS)].sum(axis=0) > 0.9
    assert maps[FRONT][body].mean() > 0.5 > -0.5 > turned[FRONT][body].mean()


def test_a_part_lies_where_its_bone_does_and_the_empty_ground_is_empty():
    pose = Pose.default()
    maps, _ = mannequin(pose)
    for name, joints in (("lforearm", ("lelbow", "lwrist")), ("rshin", ("rknee", "rankle"))):
        x, y = (np.mean([pose.xy(joint) for joint in joints], axis=0) * MANNEQUIN_SIZE).astype(int)
        assert maps[PART[name], y, x] > 0.9, name
    assert not maps[:, 2, 2].any() and maps[: len(PARTS)].sum(axis=0).max() <= 1 + 1e-5


def test_a_limb_in_front_covers_the_trunk_and_one_behind_is_covered(folded):
    x, y = (folded.xy("lwrist") * MANNEQUIN_SIZE).astype(int)
    shares = {d: mannequin(replace(folded, depth={"larm": d}))[0][:, y, x] for d in ("front", "behind")}
    assert shares["front"][PART["lforearm"]] > 0.8 and shares["behind"][PART["lforearm"]] < 0.2
    assert lift(replace(folded, depth={"larm": "front"})).joints[INDEX["lwrist"], 2] > 0


def test_a_small_move_changes_the_maps_a_little():
    pose = Pose.default()
    moved = Pose(pose.joints + 0.0005, pose.visible)
    assert np.abs(mannequin(pose)[0] - mannequin(moved)[0]).max() < 0.2


@pytest.mark.parametrize("seed", range(5))
def test_any_pose_gives_finite_maps(seed):
    rng = np.random.default_rng(seed)
    visible = rng.random(15) < 0.8
    visible[[INDEX[name] for name in ("lshoulder", "rshoulder", "lhip", "rhip")]] = True
    for spread in (0.0, 1e-4, 0.3):
        maps, facing = mannequin(Pose(0.5 + spread * rng.normal(size=(15, 2)).clip(-3, 3), visible))
        assert np.isfinite(maps).all() and np.isfinite(facing).all() and np.abs(maps).max() <= 2.01


def test_hidden_parts_are_not_there():
    pose = Pose.default()
    visible = pose.visible.copy()
    visible[INDEX["lwrist"]] = False
    maps, facing = mannequin(Pose(pose.joints, visible))
    assert not maps[PART["lforearm"]].any() and not facing[PART["lforearm"]].any()


def test_a_profile_is_as_thick_as_a_body_and_its_feet_point_ahead():
    pose = Pose.default().turned(90)
    maps, _ = mannequin(pose)
    y = np.mean([pose.xy(name)[1] for name in ("neck", "lhip", "rhip")]) * MANNEQUIN_SIZE
    thick = maps[: len(PARTS), int(y)].sum() / MANNEQUIN_SIZE / torso_axis(pose)[1]
    assert 0.38 < thick < 0.7
    ahead = np.sign(pose.xy("cnose")[0] - pose.xy("neck")[0])
    feet = maps[[PART["lfoot"], PART["rfoot"]]].sum(axis=(0, 1))
    toes = (feet @ np.arange(0.5, MANNEQUIN_SIZE)) / feet.sum() / MANNEQUIN_SIZE
    ankles = (pose.xy("lankle")[0] + pose.xy("rankle")[0]) / 2
    assert ahead * (toes - ankles) > 0.05 * torso_axis(pose)[1]


def test_a_profile_shows_another_side_and_a_back_counts_for_itself():
    pose = Pose.default()
    assert not side_turns(pose, pose).any()
    assert side_turns(pose, pose.turned(80))[[PART["torso"], PART["head"], PART["lfoot"]]].min() > 45
    assert side_turns(pose, pose.turned(180))[PART["torso"]] == 0
    arm = replace(pose, joints=np.where(np.arange(15)[:, None] == INDEX["lwrist"], pose.joints - [0, 0.2], pose.joints))
    assert side_turns(pose, arm)[PART["torso"]] < 20  # an arm that moves in the picture turns nothing


def test_what_is_hidden_gets_a_likely_place():
    pose = Pose.default()
    visible = pose.visible.copy()
    visible[[INDEX["lankle"], INDEX["rwrist"]]] = False
    likely = completed(Pose(np.where(visible[:, None], pose.joints, 0.5), visible))
    assert np.array_equal(likely[visible], pose.joints[visible])
    assert likely[INDEX["lankle"], 1] > pose.xy("lknee")[1] + 0.05  # below its knee
    assert np.linalg.norm(likely[INDEX["rwrist"]] - pose.xy("rwrist")) < 0.2


def test_a_whole_turn_comes_back_and_half_a_turn_shows_the_back():
    pose = Pose.default()
    assert np.abs(pose.turned(360).joints - pose.joints).max() < 1e-5
    half = pose.turned(180)
    assert half.xy("lshoulder")[0] < half.xy("rshoulder")[0] and np.allclose(half.joints[:, 1], pose.joints[:, 1])
    side = pose.turned(90)
    assert abs(side.xy("lshoulder")[0] - side.xy("rshoulder")[0]) < 0.5 * 0.15
    assert pose.turned(40).xy("cnose")[0] > pose.xy("cnose")[0]  # the nose goes to the picture's right


def test_a_pose_without_a_hip_cannot_be_turned():
    visible = Pose.default().visible.copy()
    visible[INDEX["lhip"]] = False
    with pytest.raises(BadPose):
        Pose(Pose.default().joints, visible).turned(30)


def test_a_hand_before_the_belly_is_in_front_and_behind_from_behind(folded):
    assert side_of_trunk(folded, "larm") == "front" and side_of_trunk(folded.from_behind(), "larm") == "behind"
    assert side_of_trunk(Pose.default(), "lleg") == ""


def feet_behind_hips(pose, depths):
    scale = np.linalg.norm(pose.xy("neck") - (pose.xy("lhip") + pose.xy("rhip")) / 2)
    return float(np.mean([depths[INDEX[name]] for name in ("lankle", "rankle")]) / scale)


def test_who_stands_has_upright_legs_from_the_side():
    """An estimator's ankles are high: shins look short, and the lifter takes them for bent."""
    joints = Pose.default().joints.copy()
    for name in ("lankle", "rankle"):
        joints[INDEX[name], 1] -= 0.03
    pose = Pose(joints, Pose.default().visible)
    lifted_feet = feet_behind_hips(pose, lifted(pose.joints, pose.visible)[0])
    upright = feet_behind_hips(pose, upright_depths(pose.joints, pose.visible))
    assert lifted_feet < -0.3 and FEET[0] - 1e-3 <= upright <= FEET[1] + 1e-3
    turned = pose.turned(90)
    aside = abs(turned.xy("lankle")[0] + turned.xy("rankle")[0] - turned.xy("lhip")[0] - turned.xy("rhip")[0]) / 2
    assert aside < 0.2 * (pose.xy("lhip")[1] - pose.xy("neck")[1])


@pytest.mark.parametrize(
    "moved",
    [
        {"lankle": (0.1, -0.25)},  # a foot in the air
        {"lknee": (0.02, -0.17), "rknee": (-0.02, -0.17), "lankle": (0.02, -0.2), "rankle": (-0.02, -0.2)},  # a chair
        {"lankle": (0.25, -0.05), "rankle": (0.25, -0.05), "lknee": (0.12, 0), "rknee": (0.12, 0)},  # both legs aslant
    ],
)
def test_who_does_not_stand_is_left_as_the_lifter_sees_them(moved):
    joints = Pose.default().joints.copy()
    for name, by in moved.items():
        joints[INDEX[name]] += by
    visible = Pose.default().visible
    assert np.array_equal(upright_depths(joints, visible), lifted(joints, visible)[0])
    visible = visible.copy()
    visible[INDEX["lankle"]] = False  # nor is who hides a foot
    standing = Pose.default().joints
    assert np.array_equal(upright_depths(standing, visible), lifted(standing, visible)[0])


def test_a_turn_in_the_picture_is_none_out_of_its_plane():
    pose = Pose.default()
    assert out_of_plane(pose, pose).max() < 1e-3
    turned = out_of_plane(pose, pose.turned(80))
    assert turned[[PART["torso"], PART["head"], PART["lthigh"]]].min() > 45
    assert out_of_plane(pose, pose.turned(180))[PART["torso"]] > 90
    joints = (pose.joints - 0.5) @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + 0.5
    assert out_of_plane(pose, Pose(joints, pose.visible))[PART["torso"]] < 45 < out_of_plane(pose, pose.turned(90)).mean()
