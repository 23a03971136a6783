import pickle
from dataclasses import replace

import cv2
import numpy as np
import pytest

from vunet import BadPose, NoPersonFound, Pose, Studio, VUNetError
from vunet.model.prior.colours import NUMBERS
from vunet.person.part_colours import PLACES, colours_in, to_lab
from vunet.pose.anatomy import PARTS
from vunet.pose.joints import INDEX


@pytest.fixture(scope="module")
def person(studio, street):
    return studio.detect(street)


@pytest.fixture(scope="module")
def look(studio, person):
    return studio.encode(person)


def distance(a, b):
    return np.abs(a.astype(int) - b.astype(int)).mean()


def test_the_public_door(studio, person, look):
    assert studio.live_size == studio.config.size == 256 and studio.size == studio.config.best_size == 512
    assert studio.device.type == "cpu"
    assert person.image.shape == (512, 512, 3) and person.image.dtype == np.uint8
    picture = studio.render(look, person.pose)
    assert picture.shape == (512, 512, 3) and picture.dtype == np.uint8
    assert studio.render(look, person.pose, 256).shape == (256, 256, 3)
    with pytest.raises(VUNetError, match="256 or 512 pixels, not of 300"):
        studio.render(look, person.pose, 300)


def test_reconstruction_is_closer_than_another_look(studio, person, look):
    own = studio.render(look, person.pose)
    others = [studio.render(other, person.pose) for other in studio.sample(person.pose, 4)]
    assert distance(own, person.image) < min(distance(o, person.image) for o in others)


def test_the_person_follows_the_pose(studio, look, raised):
    down, up = (studio.render(look, pose, 256) for pose in (Pose.default(), raised))
    hand = (slice(5, 30), slice(175, 205))
    assert distance(down[hand], np.full((25, 30, 3), 240)) < 12 < distance(up[hand], np.full((25, 30, 3), 240))


def test_hidden_joints_are_not_invented(studio, look):
    visible = np.ones(15, bool)
    visible[[7, 8, 0, 1]] = False
    half = studio.render(look, Pose(Pose.default().joints, visible), 256)
    whole = studio.render(look, Pose.default(), 256)
    legs = (slice(185, 225), slice(100, 156))
    assert (half[legs].min(axis=2) < 180).mean() < (whole[legs].min(axis=2) < 180).mean()


def test_samples_repeat_with_their_seed_and_differ_among_each_other(studio):
    pose = Pose.default()
    first, again = studio.sample(pose, 3, seed=5), studio.sample(pose, 3, seed=5)
    assert all(np.array_equal(a.codes[1], b.codes[1]) for a, b in zip(first, again, strict=True))
    pictures = studio.render_many(first, [pose] * 3)
    assert distance(pictures[0], pictures[1]) > 2 and distance(pictures[1], pictures[2]) > 2


def test_garments_can_be_asked_for(studio):
    assert 3 * len(PLACES) == NUMBERS
    pose = Pose.default()
    plain, dressed = (studio.sample(pose, 2, seed=5, wearing=worn) for worn in ((), ("dress",)))
    assert not np.allclose(plain[0].codes[1], dressed[0].codes[1])
    with pytest.raises(VUNetError, match="cannot be asked for 'crown': choose among dress, skirt"):
        studio.sample(pose, 1, wearing=("crown",))


@pytest.mark.parametrize(("wish", "place"), [("red top", "top"), ("#1e2850 bottom", "bottom"), ("white shoes", "shoes")])
def test_colours_can_be_asked_for(studio, wish, place):
    wanted = {"red top": (170, 30, 40), "#1e2850 bottom": (30, 40, 80), "white shoes": (230, 230, 230)}[wish]
    pose, lab = Pose.default(), to_lab(np.array(wanted, np.uint8)[None, None])[0, 0]

    def away(wearing):
        looks = studio.sample(pose, 8, seed=3, wearing=wearing)
        pictures = studio.render_many(looks, [pose] * 8, studio.live_size)
        return np.mean([np.linalg.norm(colours_in(p, pose, {place: PLACES[place]})[0] - lab) for p in pictures])

    assert away((wish,)) < 0.6 * away(())
    assert away((wish, "trousers", "long sleeves")) < 0.7 * away(("trousers",))


def test_sleeves_can_be_asked_for(studio):
    pose = Pose.default()

    def bare(wish):  # how much nearer forearms are to the head's colour than to the top's
        looks = studio.sample(pose, 12, seed=4, wearing=(wish,))
        pictures = studio.render_many(looks, [pose] * 12, studio.live_size)
        head, top, _, _, forearms = np.stack([colours_in(p, pose, PLACES) for p in pictures], axis=1)
        return np.mean(np.linalg.norm(forearms - top, axis=1) - np.linalg.norm(forearms - head, axis=1))

    assert bare("short sleeves") > bare("long sleeves") + 10


@pytest.mark.parametrize("wish", ["red", "red hat", "mauve top", "#12 top", "top red", "sleeves", "#aa1e28 top shoes"])
def test_what_is_no_wish_is_one_sentence(studio, wish):
    with pytest.raises(VUNetError, match=r"cannot be asked for .*: choose among dress.*'red top'"):
        studio.sample(Pose.default(), 1, wearing=(wish,))


@pytest.mark.parametrize("both", [("red top", "#1e2850 top"), ("long sleeves", "short sleeves")])
def test_two_colours_of_one_place_are_not_mixed(studio, both):
    with pytest.raises(VUNetError, match=f"both '{both[0]}' and '{both[1]}': ask for one"):
        studio.sample(Pose.default(), 1, wearing=both)


def test_one_by_one_and_together_are_the_same(studio, raised):
    looks = studio.sample(Pose.default(), 2)
    together = studio.render_many(looks, [Pose.default(), raised])
    assert distance(together[1], studio.render(looks[1], raised)) < 1.5


def test_temperature_zero_is_the_priors_mean(studio):
    a, b = studio.sample(Pose.default(), 2, temperature=0)
    assert np.array_equal(a.codes[0], b.codes[0])


def test_blending_goes_from_one_look_to_the_other(studio):
    a, b = studio.sample(Pose.default(), 2)
    assert np.array_equal(studio.blend(a, b, 0).codes[0], a.codes[0])
    assert np.allclose(studio.blend(a, b, 1).codes[0], b.codes[0])
    middle = studio.blend(a, b, 0.5).codes[0]
    assert np.allclose(middle, (a.codes[0] + b.codes[0]) / 2, atol=1e-5)
    for weight in (1.5, -0.25, float("nan")):
        with pytest.raises(VUNetError, match="weight from 0 to 1"):
            studio.blend(a, b, weight)


def test_looks_of_another_model_are_refused(studio, look):
    """Whatever is asked of a look whose codes have other shapes."""
    other = replace(look, codes=tuple(code[:, :2] for code in look.codes))
    for verb in (
        lambda: studio.render(other, look.pose),
        lambda: studio.blend(look, other, 0.5),
        lambda: studio.outfit(look, legs=other),
        lambda: studio.vary(other),
    ):
        with pytest.raises(VUNetError, match="another model"):
            verb()


def test_lists_that_do_not_match_are_refused_and_none_is_no_error(studio, look):
    assert studio.render_many([], []).shape == (0, 512, 512, 3)
    with pytest.raises(VUNetError, match="1 looks and 2 poses"):
        studio.render_many([look], [look.pose] * 2)


def test_a_copy_on_a_device_keeps_what_was_chosen():
    first = Studio.load(device="cpu", engine="eager", precision="bfloat16")
    copy = first.on("cpu")
    assert copy.engine.name == "eager" and copy.precision == first.precision
    assert copy.render_queue is first.render_queue


def test_an_outfit_takes_parts_from_others(studio, look):
    other = studio.sample(Pose.default(), 1, seed=2)[0]
    mixed = studio.outfit(look, legs=other)
    assert (mixed.crops[:2] == look.crops[:2]).all() and (mixed.crops[6] != look.crops[6]).any()
    before, after = (studio.render(each, Pose.default(), 256).astype(int) for each in (studio.outfit(look), mixed))
    change = np.abs(after - before).mean(axis=(1, 2))
    assert change[130:220].mean() > change[20:100].mean()
    with pytest.raises(VUNetError, match="hat"):
        studio.outfit(look, hat=other)


def test_looks_are_small_picklable_values(studio, look):
    data = pickle.dumps(look)
    assert len(data) < 1_800_000  # two thirds of it are the crops at the photo's own detail
    again = pickle.loads(data)
    assert distance(studio.render(again, Pose.default()), studio.render(look, Pose.default())) == 0


def test_placing_by_hand_needs_no_estimator(studio, street):
    person = studio.place(street)
    assert person.pose == Pose.default()
    moved = studio.place(street, Pose(Pose.default().joints * 0.9 + 0.05, np.ones(15, bool)))
    assert (person.mask != moved.mask).any()


def test_several_people_are_counted_and_the_largest_taken(studio, street):
    import cv2

    small = cv2.resize(street, None, fx=0.45, fy=0.45)
    scene = np.full((900, 900, 3), 100, np.uint8)
    scene[:, :600] = street
    scene[400 : 400 + small.shape[0], 620 : 620 + small.shape[1]] = small
    person = studio.detect(scene)
    assert person.people == 2
    alone = studio.detect(street)
    assert np.abs(person.pose.joints - alone.pose.joints)[person.pose.visible & alone.pose.visible].max() < 0.1


def test_unusable_input_is_one_sentence(studio, look):
    with pytest.raises(NoPersonFound):
        studio.detect(np.full((200, 200, 3), 127, np.uint8))
    with pytest.raises(BadPose):
        studio.render(look, Pose(Pose.default().joints, np.zeros(15, bool)))
    for wrong in ({"count": 0}, {"count": 1000}, {"count": 2.5}, {"temperature": -1}, {"temperature": 9}, {"seed": 0.5}):
        with pytest.raises(VUNetError):
            studio.sample(Pose.default(), **wrong)
    with pytest.raises(VUNetError, match="device"):
        Studio.load(device="warp-drive")


def test_variations_stay_nearer_than_other_draws(studio):
    pose = Pose.default()
    look, *others = studio.sample(pose, 4)

    def distance(a, b):
        return np.linalg.norm(a.codes[1] - b.codes[1])

    near = studio.vary(look, 3, seed=1, spread=0.3)
    assert max(distance(look, v) for v in near) < min(distance(look, o) for o in others)
    assert np.array_equal(studio.vary(look, 1, spread=0.0)[0].codes[0], look.codes[0])
    with pytest.raises(VUNetError, match="spread"):
        studio.vary(look, spread=9)


def checked(studio, street):
    """A photo whose person wears a check, finer than D's picture can hold."""
    y, x = np.mgrid[: street.shape[0], : street.shape[1]]
    check = ((x // 3 + y // 3) % 2 * 120).astype(np.uint8)[..., None]
    photo = street.copy()
    photo[330:520, 230:370] = np.where(check, 230, 40).repeat(3, axis=2)[330:520, 230:370]
    return studio.encode(studio.detect(photo))


def fineness(picture):
    """Mean step between neighbouring pixels in the middle of the torso."""
    middle = picture[190:250, 225:285].astype(int).mean(axis=2)
    return np.abs(np.diff(middle, axis=1)).mean()


def test_the_photos_own_detail_is_in_the_picture_at_rest_in_another_pose_too(studio, street, raised):
    from dataclasses import replace

    look = checked(studio, street)
    bare = replace(look, detail=())
    for pose in (look.pose, raised):
        assert fineness(studio.render(look, pose)) > 1.5 * fineness(studio.render(bare, pose))


def test_detail_goes_with_the_parts_that_it_is_of_and_fades_in_a_blend(studio, look):
    drawn = studio.sample(Pose.default(), 1, seed=2)[0]
    (whole,) = look.detail
    assert not drawn.detail and whole.layers[0].picture[..., 3].any()
    (rest,) = studio.outfit(look, legs=drawn).detail
    assert PARTS.index("lthigh") not in rest.parts and PARTS.index("torso") in rest.parts
    (head,) = studio.outfit(drawn, head=look).detail
    assert head.parts == {PARTS.index("head")} and head.layers is whole.layers
    strengths = [[cutout.strength for cutout in studio.blend(look, drawn, w).detail] for w in (0.0, 0.25, 0.5)]
    assert strengths == [[1.0], [0.5], []]


def test_a_cut_out_person_has_opacity_of_its_own_and_nothing_of_the_ground(studio, look):
    cut = studio.cutout(look, Pose.default())
    inside, edge = cut[..., 3] > 250, (cut[..., 3] > 40) & (cut[..., 3] < 200)
    assert cut.shape == (studio.size, studio.size, 4) and 0.05 < inside.mean() < 0.5 and not cut[:8, :8, 3].any()
    assert edge.mean() < 0.05 and studio.cutout(look, Pose.default(), studio.live_size).shape[2] == 4


def test_joints_that_the_person_does_not_follow_are_named(studio, look):
    assert len(studio.astray(look, Pose.default())) <= 3
    from vunet.pose.joints import INDEX

    joints = Pose.default().joints.copy()
    joints[INDEX["lwrist"]] = (0.95, 0.95)  # a forearm twice as long as a body
    assert "lwrist" in studio.astray(look, Pose(joints, np.ones(15, bool)))


def test_from_behind_there_is_no_face(studio, look):
    turned, front = studio.from_behind(look), Pose.default()
    assert turned is studio.from_behind(look) and turned.pose is look.pose
    faced, hairy = (studio.render(each, front) for each in (look, turned))
    head = slice(40, 90), slice(210, 300)  # of the default pose, at 512
    assert distance(faced[head], hairy[head]) > 5 and distance(faced[140:], hairy[140:]) < 0.5


def test_where_no_hair_is_seen_the_look_stays(studio, look, monkeypatch):
    monkeypatch.setattr("vunet.studio.look_renderer.back_of_head", lambda *_: None)
    bald = replace(look)
    assert studio.from_behind(bald) is bald


def test_a_look_seen_from_behind_stays_as_it_is(studio, look):
    behind = Pose(Pose.default().joints * [-1, 1] + [1, 0], np.ones(15, bool))
    seen = replace(look, pose=behind, detail=tuple(replace(cutout, pose=behind) for cutout in look.detail))
    assert not np.array_equal(studio.render(seen, behind), studio.render(look, behind))


def test_pictures_one_after_another_are_those_of_single_renders(studio, look):
    poses = [Pose(Pose.default().joints + np.array([0.01 * i, 0]), np.ones(15, bool)) for i in range(3)]
    each = list(studio.render_each(look, poses, studio.live_size))
    assert all(np.array_equal(a, studio.render(look, pose, studio.live_size)) for a, pose in zip(each, poses, strict=True))


def test_while_a_hand_moves_what_lies_still_is_as_sharp_as_at_rest(studio, people, raised):
    person = studio.detect(people[0])
    look = studio.encode(person)
    joints = person.pose.joints.copy()
    joints[INDEX["lelbow"]], joints[INDEX["lwrist"]] = raised.xy("lelbow"), raised.xy("lwrist")
    pose = Pose(joints, person.pose.visible)
    rest = cv2.resize(studio.render(look, pose), (studio.live_size,) * 2, interpolation=cv2.INTER_AREA).astype(int)
    live, bare = (studio.render(each, pose, studio.live_size).astype(int) for each in (look, replace(look, detail=())))
    x, y = (person.pose.xy("cnose") * studio.live_size).astype(int)
    face = slice(y - 12, y + 12), slice(x - 10, x + 10)
    assert np.abs(live[face] - rest[face]).mean() < 0.5 * np.abs(bare[face] - rest[face]).mean()
    assert np.abs(live - rest).mean() < np.abs(bare - rest).mean()
