"""The networks give what MediaPipe 0.10.14 gives, whose results on four samples of the model are stored beside them."""

import numpy as np
import pytest
from PIL import Image

from tests.conftest import DATA
from vunet.pose.estimators.blazepose import BlazePose
from vunet.pose.estimators.blazepose.detector import Region, best_region, letterboxed

PEOPLE = DATA / "mediapipe"
LARGEST, USUAL = 0.01, 0.002  # of the picture's side: 2.5 and half a pixel of 256
PADDED = 2  # the picture that is wider than high


@pytest.fixture(scope="module")
def networks():
    return BlazePose()


@pytest.fixture(scope="module")
def stored():
    return np.load(PEOPLE / "results.npz")


def picture_of(i):
    picture = np.array(Image.open(PEOPLE / f"0{i}.webp").convert("RGB"))
    return np.pad(picture, ((0, 0), (picture.shape[1] // 4, 0), (0, 0)), constant_values=200) if i == PADDED else picture


@pytest.mark.parametrize("i", range(4))
def test_points_visibility_and_mask_are_mediapipes(networks, stored, i):
    picture = picture_of(i)
    found = networks.find(np.ascontiguousarray(picture))
    seen = stored["visibility"][i] > 0.5
    away = np.linalg.norm(found.points - stored["points"][i], axis=1)[seen] / picture.shape[0]
    assert away.max() < LARGEST and away.mean() < USUAL
    assert np.abs(found.visibility - stored["visibility"][i]).max() < 0.1
    small = np.array(Image.fromarray(found.mask).resize((64, 64), Image.Resampling.BOX))
    assert np.abs(small - stored["masks"][i] / 255).mean() < 0.01


def test_a_turned_person_is_found_where_they_are(networks):
    picture = picture_of(0)
    upright, turned = networks.find(picture), networks.find(np.ascontiguousarray(np.rot90(picture)))
    back = np.stack([picture.shape[1] - turned.points[:, 1], turned.points[:, 0]], axis=1)
    assert np.linalg.norm(back - upright.points, axis=1)[11:29].mean() < 0.03 * len(picture)


def test_nobody_is_nobody(networks):
    assert networks.find(np.full((200, 300, 3), 128, np.uint8)) is None


def test_a_letterbox_holds_the_whole_picture():
    small = letterboxed(np.full((100, 200, 3), 255, np.uint8))
    assert small.shape == (224, 224, 3) and small[112, 112, 0] == 1 and small[10, 112, 0] == -1
    assert abs((small[..., 0] > 0).mean() - 0.5) < 0.01


def test_the_region_is_the_clearest_persons():
    raw, logits = np.zeros((2254, 12), np.float32), np.full(2254, -9.0, np.float32)
    raw[:, 2:4], raw[:, 7] = 60, -56  # boxes; the second point, the circle's top, a quarter of the side above the first
    logits[[100, 2000]] = 3, 1
    region = best_region(raw, logits, (400, 400))
    assert abs(region.side - 250) < 1 and abs(region.angle) < 1e-6


def test_a_region_takes_its_corners_to_the_picture():
    matrix = Region((50.0, 60.0), 20.0, np.pi / 2).to_picture(10)
    assert np.allclose(matrix @ [5, 5, 1], [50, 60]) and np.allclose(matrix @ [0, 0, 1], [60, 50])
