"""A rendered person in the photo again."""

from dataclasses import replace

import numpy as np

from vunet import Pose
from vunet.person.framing import Person
from vunet.person.ground import on_plain_ground
from vunet.person.scene import empty_scene, has_scene, into_scene


def person():
    """A dark bar before a ground whose colours change slowly."""
    ground = np.dstack([np.tile(np.linspace(60, 200, 512), (512, 1))] * 3).astype(np.uint8)
    mask = np.zeros((512, 512), np.uint8)
    mask[100:450, 220:290] = 255
    photo = np.where(mask[..., None] > 0, np.uint8(20), ground)
    return Person(photo, mask, Pose.default()), ground


def test_the_hole_is_filled_with_what_is_around_it_and_the_rest_stays():
    someone, ground = person()
    scene = empty_scene(someone).astype(int)
    assert np.abs(scene - ground)[someone.mask > 0].mean() < 10
    assert np.abs(scene - someone.backdrop)[:, :150].max() <= 1


def test_a_person_stands_before_the_scene_where_the_picture_has_them():
    someone, ground = person()
    moved = np.roll(np.dstack([someone.backdrop, someone.mask]), 100, axis=1)
    shown = into_scene(moved, empty_scene(someone)).astype(int)
    assert np.abs(shown[200:400, 330:380] - 20).max() <= 2
    assert np.abs(shown - ground)[:, :150].max() <= 1
    assert into_scene(moved[::2, ::2], empty_scene(someone)).shape == (256, 256, 3)


def test_example_people_have_no_scene():
    someone, _ = person()
    assert has_scene(someone) and not has_scene(None)
    assert not has_scene(replace(someone, drawn=True))


def test_the_ground_is_plain_and_the_person_stays():
    rng = np.random.default_rng(0)
    picture = np.clip(240 + rng.integers(-3, 4, (64, 64, 3)), 0, 255).astype(np.uint8)
    picture[20:40, 20:40] = rng.integers(0, 230, (20, 20, 3))
    picture[0, :5] = 222  # a mark of the padding
    plain = on_plain_ground(picture)
    person = np.zeros((64, 64), bool)
    person[20:40, 20:40] = True
    assert (plain[~person] == 240).all() and np.array_equal(plain[person], picture[person])
