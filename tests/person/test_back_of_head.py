"""Hair over a face."""

import cv2
import numpy as np

from vunet import Pose
from vunet.person.back_of_head import NOSE, without_face

SKIN, HAIR, COAT = (220, 160, 130), (60, 40, 30), (20, 90, 160)
NOSE_AT = (round(160 * NOSE[0]), round(160 * NOSE[1]))


def head() -> np.ndarray:
    """A crop of 160 pixels: a face in hair, a coat below."""
    crop = np.zeros((160, 160, 4), np.uint8)
    cv2.circle(crop, (NOSE_AT[0], NOSE_AT[1] - 8), 48, (*HAIR, 255), -1)
    crop[125:] = (*COAT, 255)
    cv2.ellipse(crop, NOSE_AT, (24, 32), 0, 0, 360, (*SKIN, 255), -1)
    return crop


def test_the_face_is_hair_and_the_rest_stays():
    front = head()
    back = without_face(front, Pose.default())
    assert np.abs(back[NOSE_AT[1], NOSE_AT[0], :3].astype(int) - HAIR).max() < 12
    assert np.array_equal(back[..., 3], front[..., 3])
    assert np.array_equal(back[135:], front[135:]) and np.array_equal(back[:30], front[:30])


def test_strands_above_the_face_go_on_over_it():
    front = head()
    hair = (front[..., :3] == HAIR).all(axis=2)
    front[..., :3][hair & (np.arange(160) % 8 < 4)[None]] = (120, 90, 70)
    rows = without_face(front, Pose.default())[NOSE_AT[1], 65:95, 0].astype(int)
    assert rows.std() > 8


def test_skin_around_the_face_is_no_hair():
    """Ears, a forehead and a neck are nearer to a face than a crew cut is."""
    front = head()
    cv2.ellipse(front, NOSE_AT, (38, 38), 0, 0, 360, (*SKIN, 255), -1)
    back = without_face(front, Pose.default())
    assert np.abs(back[NOSE_AT[1], NOSE_AT[0], :3].astype(int) - HAIR).max() < 25


def test_without_hair_the_crop_stays():
    bare = head()
    bare[..., 3] = 0
    assert without_face(bare, Pose.default()) is bare
