"""What a GPU lays is what OpenCV lays, to a few grey levels: OpenCV rounds places to a thirty-second of a pixel."""

import numpy as np
import pytest
import torch

from vunet import Pose, Studio
from vunet.person.ground import on_plain_ground
from vunet.person.photo_in_pose import GRID, NOTHING, carried, carried_layers
from vunet.person.photo_in_pose_gpu import DeviceCopies, plain_bytes
from vunet.person.tensors import to_image

SIZE = 512
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def looks(studio, people):
    return [studio.encode(studio.detect(path)) for path in people[:2]]


def test_people_are_laid_as_on_the_cpu(looks, raised, folded):
    poses = [looks[0].pose, raised, folded, Pose.default().from_behind()]
    pairs = [(look.detail, pose) for look in looks for pose in poses]
    pictures, certain = DeviceCopies(CPU)([carried_layers(*pair) for pair in pairs], SIZE)
    for made, places, pair in zip(pictures.numpy(), certain.numpy(), pairs, strict=True):
        wanted = carried(*pair, SIZE)
        away = np.abs(made.astype(int) - wanted.picture)
        assert away.mean() < 0.05 and (away > 3).mean() < 0.002 and np.array_equal(places, wanted.certain)
        assert (wanted.picture[..., 3] > 200).mean() > 0.03  # somebody is there


def test_samples_have_nothing_to_lay():
    pictures, certain = DeviceCopies(CPU)([NOTHING], SIZE)
    assert pictures.shape == (1, SIZE, SIZE, 4) and not pictures.any()
    assert certain.shape == (1, GRID, GRID) and not certain.any()


def test_the_ground_is_as_plain_as_on_the_cpu():
    picture = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    ground = 240 / 127.5 - 1
    picture[:, :, 20:50, 20:50] = ground + 0.03 * torch.randn(2, 3, 30, 30, generator=torch.Generator().manual_seed(1))
    picture[:, :, :4] = ground - 0.1  # marks of the padding
    wanted = np.stack([on_plain_ground(to_image(each)) for each in picture])
    made = plain_bytes(picture).numpy()
    assert np.array_equal(made, wanted) and (made == 240).mean() > 0.1


def test_a_studio_that_lays_on_its_device_renders_the_same(studio, looks, raised):
    there = Studio.load(engine="eager", precision="float32", device="cpu")
    here = Studio.load(engine="eager", precision="float32", device="cpu")
    there.renderer._gpu_copies = DeviceCopies(CPU)
    for look in (*looks, there.sample(raised, 1)[0]):
        for size in (there.size, there.live_size):
            a, b = (each.render(look, raised, size).astype(int) for each in (here, there))
            assert np.abs(a - b).mean() < 0.05
        assert np.abs(here.cutout(look, raised).astype(int) - there.cutout(look, raised)).mean() < 0.1
    many = there.render_many([looks[0]] * 3, [raised, Pose.default(), raised])
    assert np.array_equal(many[0], many[2]) and not np.array_equal(many[0], many[1])
