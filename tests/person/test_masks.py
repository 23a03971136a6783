"""An estimator's mask follows the photo: one person, without holes, its edge where the photo's is."""

import cv2
import numpy as np
import pytest

from vunet import Pose
from vunet.person.masks import person_mask
from vunet.pose.estimators.detection import Detection

SIZE = 512


@pytest.fixture(scope="module")
def drawing():
    """A photo of somebody in red before a textured wall, her true mask, and her detection with a coarse mask."""
    pose, truth = Pose.default(), np.zeros((SIZE, SIZE), np.uint8)
    spot = lambda name: tuple(int(v) for v in pose.xy(name) * SIZE)  # noqa: E731
    for side in "lr":
        for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")):
            cv2.line(truth, spot(side + a), spot(side + b), 1, 26)
    cv2.fillConvexPoly(truth, np.array([spot(name) for name in ("lshoulder", "rshoulder", "rhip", "lhip")]), 1)
    cv2.circle(truth, spot("cnose"), 32, 1, -1)
    rng = np.random.default_rng(0)
    wall = cv2.GaussianBlur(rng.integers(40, 140, (SIZE, SIZE, 3)).astype(np.uint8), (0, 0), 2)
    photo = np.where(truth[..., None] > 0, np.array([190, 40, 50], np.uint8), wall)
    coarse = cv2.resize(cv2.resize(truth.astype(np.float32), (64, 64), interpolation=cv2.INTER_AREA), (SIZE, SIZE))
    coarse = cv2.GaussianBlur(np.roll(coarse, 3, axis=1), (0, 0), 4)
    return photo, truth > 0, Detection(pose.joints * np.float32(SIZE), pose.visible, coarse)


def overlap(mask, truth):
    return ((mask > 0.5) & truth).sum() / ((mask > 0.5) | truth).sum()


def test_its_edge_is_the_photos(drawing):
    photo, truth, detection = drawing
    before, after = overlap(detection.mask, truth), overlap(person_mask(photo, detection), truth)
    assert 1 - after < 0.5 * (1 - before)


def test_the_same_photo_has_the_same_mask(drawing):
    photo, _, detection = drawing
    assert np.array_equal(person_mask(photo, detection), person_mask(photo, detection))
    alone = Detection(detection.joints, detection.visible)
    assert np.array_equal(person_mask(photo, alone), person_mask(photo, alone))


def test_a_piece_of_somebody_else_is_left_out_and_a_hole_is_filled(drawing):
    photo, truth, detection = drawing
    mask = detection.mask.copy()
    mask[40:160, 20:70] = 1
    x, y = (Pose.default().xy("neck") * SIZE).astype(int)
    mask[y + 60 : y + 75, x - 7 : x + 8] = 0
    photo = photo.copy()
    photo[y + 60 : y + 75, x - 7 : x + 8] = 240  # a badge
    photo[40:160, 20:70] = (30, 160, 60)
    found = person_mask(photo, Detection(detection.joints, detection.visible, mask))
    assert found[60:140, 30:60].max() < 0.1 and found[y + 67, x] > 0.9
    assert overlap(found, truth) > 0.9


@pytest.mark.parametrize("shape", [(40, 30), (2000, 900)])
def test_every_size_keeps_its_shape(drawing, shape):
    photo, _, detection = drawing
    resized, mask = (cv2.resize(each, shape[::-1]) for each in (photo, detection.mask))
    scale = np.array(shape[::-1], np.float32) / SIZE
    found = person_mask(resized, Detection(detection.joints * scale, detection.visible, mask))
    assert found.shape == shape and found.dtype == np.float32 and 0 <= found.min() <= found.max() <= 1


def test_a_mask_of_nobody_or_of_everything_is_no_error(drawing):
    photo, _, detection = drawing
    for value in (0.0, 1.0):
        mask = np.full(photo.shape[:2], value, np.float32)
        found = person_mask(photo, Detection(detection.joints, detection.visible, mask))
        assert abs(found.mean() - value) < 0.05
