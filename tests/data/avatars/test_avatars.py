"""Rendered people: the rig follows the pose, the joints lie on the picture, and pairs are of one person."""

import json

import numpy as np
import pytest

from tests.figures import BONES, write_figure
from vunet import VUNetError
from vunet.data.avatars.body import limb, rotation
from vunet.data.avatars.choice import BENCHMARK, ROWS, SOURCE, chosen_views, kind_of
from vunet.data.avatars.gltf import read_figure
from vunet.data.avatars.poses import NUMBERS, random_pose, read_motion, sitting, standing
from vunet.data.avatars.prepare import Views, held_out, prepare_avatars
from vunet.data.avatars.renderer import Light, Renderer
from vunet.data.avatars.rig import Rig
from vunet.data.avatars.views import Camera, render_view
from vunet.data.dataset import read_person
from vunet.data.index import read_index
from vunet.pose.body_3d import body_of
from vunet.pose.joints import INDEX
from vunet.pose.mannequin import body_maps

SIZE = 128


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    return Rig(read_figure(write_figure(tmp_path_factory.mktemp("figure") / "Anna_Casual.glb")))


@pytest.fixture(scope="module")
def renderer(rig):
    renderer = Renderer(SIZE)
    renderer.load(rig.figure)
    return renderer


def at(rig, pose, name):
    return rig.joints(rig.bones(pose))[INDEX[name]]


def test_the_reference_stands_with_hanging_arms(rig):
    assert at(rig, {}, "lwrist")[1] < at(rig, {}, "lelbow")[1] < at(rig, {}, "lshoulder")[1]
    assert abs(at(rig, {}, "lwrist")[0] - at(rig, {}, "lshoulder")[0]) < 1e-6
    assert at(rig, {}, "lshoulder")[0] > 0 > at(rig, {}, "rshoulder")[0]


def test_bones_keep_their_lengths_in_every_pose(rig):
    rng = np.random.default_rng(0)
    pairs = [("lshoulder", "lelbow"), ("relbow", "rwrist"), ("lhip", "lknee"), ("rknee", "rankle")]
    lengths = []
    for pose in ({}, standing(rng), sitting(rng), *(random_pose(rng) for _ in range(6))):
        joints = rig.joints(rig.bones(pose))
        lengths.append([np.linalg.norm(joints[INDEX[a]] - joints[INDEX[b]]) for a, b in pairs])
    assert np.ptp(lengths, axis=0).max() < 1e-6


@pytest.mark.parametrize("side", ["l", "r"])
def test_limbs_go_where_they_are_said_to(rig, side):
    way = 1 if side == "l" else -1
    forward = at(rig, {f"{side}upperarm": limb(side, 90, 0)}, f"{side}elbow") - at(rig, {}, f"{side}shoulder")
    outwards = at(rig, {f"{side}upperarm": limb(side, 0, 90)}, f"{side}elbow") - at(rig, {}, f"{side}shoulder")
    knee = at(rig, {f"{side}shin": rotation("x", 90)}, f"{side}ankle") - at(rig, {}, f"{side}knee")
    assert forward[2] > 0.2 and outwards[0] * way > 0.2 and knee[2] < -0.3


def test_joints_lie_on_the_picture_and_depths_tell_front_from_back(rig, renderer):
    pose = {"lupperarm": limb("l", 80, 0)}
    view = render_view(rig, renderer, pose, Camera(), Light())
    for name in ("lwrist", "rankle", "cnose", "lhip"):
        column, row = (view.joints[INDEX[name]] * SIZE).astype(int)
        assert view.picture[row, column, 3] > 200, name
    assert view.depths[INDEX["lwrist"]] > 0.1 > view.depths[INDEX["rwrist"]]
    assert view.joints[INDEX["lshoulder"], 0] > view.joints[INDEX["rshoulder"], 0]
    behind = render_view(rig, renderer, pose, Camera(yaw=180), Light())
    assert behind.joints[INDEX["lshoulder"], 0] < behind.joints[INDEX["rshoulder"], 0]
    red, blue = (each.picture[each.picture[..., 3] > 250][:, [0, 2]].mean(axis=0) for each in (view, behind))
    assert red[0] > red[1] and blue[1] > blue[0]  # the front of the boxes, and their back


def test_every_kind_of_view_is_what_it_is_called():
    for chosen in chosen_views(24, (), 3):
        assert kind_of(chosen.pose, chosen.camera) == ("front" if chosen.kind == SOURCE else chosen.kind)
    assert [chosen.kind for chosen in chosen_views(9, (), 1)] == list(BENCHMARK) and set(BENCHMARK[1:]) == set(ROWS)


def test_a_folder_of_figures_becomes_pairs_and_goes_on_where_it_stopped(tmp_path):
    for name in ("Anna_Casual", "Anna_Busi", "Ben_Casual"):
        write_figure(tmp_path / "figures" / f"{name}.glb")
    few, more = (Views(count, SIZE) for count in (3, 4))
    assert prepare_avatars(tmp_path / "figures", tmp_path / "pairs", few) == {"pictures": 9, "figures": 3}
    assert prepare_avatars(tmp_path / "figures", tmp_path / "pairs", few) == {"pictures": 9, "figures": 3}
    assert prepare_avatars(tmp_path / "figures", tmp_path / "pairs", more) == {"pictures": 12, "figures": 3}
    records = list(read_index(tmp_path / "pairs"))
    assert len(records) == 12 and {r.view for r in records if r.person == "Ben_Casual"} <= {SOURCE, *ROWS}
    assert len({r.held_out for r in records if r.person.startswith("Anna")}) == 1  # all of a person's outfits
    person = read_person(tmp_path / "pairs", records[0])
    assert person.size == SIZE and person.mask.max() == 255 and (person.image[0, 0] == 240).all()
    maps, facing = body_maps(body_of(person.pose, np.array(records[0].depths)))
    assert maps[:12].sum(axis=0).max() == pytest.approx(1, abs=0.01) and facing[0, 0] > 0.9


def test_what_cannot_be_read_is_one_sentence(tmp_path):
    (tmp_path / "broken_one.glb").write_bytes(b"no figure")
    with pytest.raises(VUNetError, match="binary glTF"):
        read_figure(tmp_path / "broken_one.glb")
    with pytest.raises(VUNetError, match=r"no \.glb files"):
        prepare_avatars(tmp_path / "none", tmp_path / "out")
    with pytest.raises(VUNetError, match="no bone Hand"):
        Rig(read_figure(write_figure(tmp_path / "a.glb"))).figure.index("Hand")
    (tmp_path / "motion.json").write_text(json.dumps({"Frames": [[0.0] * 7]}))
    with pytest.raises(VUNetError, match="44 numbers"):
        read_motion(tmp_path / "motion.json")


def test_a_motion_turns_knees_back_and_arms_forward(rig, tmp_path):
    frame = np.zeros(NUMBERS)
    frame[[4, 8, 12, 16, 21, 25, 30, 35, 39]] = 1  # no rotation
    frame[20] = -1.2  # right knee
    (tmp_path / "motion.json").write_text(json.dumps({"Frames": [frame.tolist()]}))
    (pose,) = read_motion(tmp_path / "motion.json")
    assert at(rig, pose, "rankle")[2] < at(rig, {}, "rankle")[2] - 0.2
    assert np.allclose(at(rig, pose, "lankle"), at(rig, {}, "lankle"))


def test_the_split_is_by_person():
    assert held_out("Anna_Casual") == held_out("Anna_Busi") and len(BONES) > 20
