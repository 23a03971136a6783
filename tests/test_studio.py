import pickle

import numpy as np
import pytest

from vunet import BadPose, NoPersonFound, Pose, Studio, VUNetError


@pytest.fixture(scope="module")
def person(studio, street):
    return studio.detect(street)


@pytest.fixture(scope="module")
def look(studio, person):
    return studio.encode(person)


def distance(a, b):
    return np.abs(a.astype(int) - b.astype(int)).mean()


def test_the_public_door(studio, person, look):
    assert studio.size == studio.config.size == 256 and studio.device.type == "cpu"
    assert person.image.shape == (256, 256, 3) and person.image.dtype == np.uint8
    picture = studio.render(look, person.pose)
    assert picture.shape == (256, 256, 3) and picture.dtype == np.uint8


def test_reconstruction_is_closer_than_another_look(studio, person, look):
    own = studio.render(look, person.pose)
    others = [studio.render(other, person.pose) for other in studio.sample(person.pose, 4)]
    assert distance(own, person.image) < min(distance(o, person.image) for o in others)


def test_the_person_follows_the_pose(studio, look, raised):
    down, up = studio.render(look, Pose.default()), studio.render(look, raised)
    hand = (slice(5, 30), slice(175, 205))
    assert distance(down[hand], np.full((25, 30, 3), 240)) < 12 < distance(up[hand], np.full((25, 30, 3), 240))


def test_hidden_joints_are_not_invented(studio, look):
    visible = np.ones(15, bool)
    visible[[7, 8, 0, 1]] = False
    half = studio.render(look, Pose(Pose.default().joints, visible))
    whole = studio.render(look, Pose.default())
    legs = (slice(185, 225), slice(100, 156))
    assert (half[legs].min(axis=2) < 180).mean() < (whole[legs].min(axis=2) < 180).mean()


def test_samples_repeat_with_their_seed_and_differ_among_each_other(studio):
    pose = Pose.default()
    first, again = studio.sample(pose, 3, seed=5), studio.sample(pose, 3, seed=5)
    assert all(np.array_equal(a.codes[1], b.codes[1]) for a, b in zip(first, again, strict=True))
    pictures = studio.render_many(first, [pose] * 3)
    assert distance(pictures[0], pictures[1]) > 2 and distance(pictures[1], pictures[2]) > 2


def test_garments_can_be_asked_for(studio):
    pose = Pose.default()
    plain, dressed = (studio.sample(pose, 2, seed=5, wearing=worn) for worn in ((), ("dress",)))
    assert not np.allclose(plain[0].codes[1], dressed[0].codes[1])
    with pytest.raises(VUNetError, match="cannot be asked for 'crown': choose among dress, skirt"):
        studio.sample(pose, 1, wearing=("crown",))


def test_the_names_of_the_version_before_still_work(studio):
    with pytest.warns(DeprecationWarning, match="timeout"):
        old = Studio.load(device="cpu", engine="eager", patience=1.0, turnstile=studio.render_queue)
    assert old.render_queue is studio.render_queue
    with pytest.raises(TypeError, match="no option 'wait'"):
        Studio.load(wait=1)


def test_settling_is_a_name_of_the_past(studio):
    with pytest.warns(DeprecationWarning, match="no effect"):
        studio.sample(Pose.default(), 1, settling=0)


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


def test_an_outfit_takes_parts_from_others(studio, look):
    other = studio.sample(Pose.default(), 1, seed=2)[0]
    mixed = studio.outfit(look, legs=other)
    assert (mixed.crops[:2] == look.crops[:2]).all() and (mixed.crops[6] != look.crops[6]).any()
    change = np.abs(
        studio.render(mixed, Pose.default()).astype(int) - studio.render(studio.outfit(look), Pose.default())
    ).mean(axis=(1, 2))
    assert change[130:220].mean() > change[20:100].mean()
    with pytest.raises(VUNetError, match="hat"):
        studio.outfit(look, hat=other)


def test_looks_are_small_picklable_values(studio, look):
    data = pickle.dumps(look)
    assert len(data) < 400_000
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
    for wrong in ({"count": 0}, {"count": 1000}, {"temperature": -1}, {"temperature": 9}):
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
