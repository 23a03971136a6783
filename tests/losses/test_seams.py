"""Steps at the borders of the parts' crops, against those beside them."""

import numpy as np
import pytest
import torch

from vunet import Pose
from vunet.losses.seams import border_ratio
from vunet.model import VUNetConfig
from vunet.person.parts import part_quads
from vunet.person.tensors import condition


@pytest.fixture
def posed():
    """Transforms of a pose, a picture of noise, and one of noise in which each part has a grey value of its own."""
    pose, rng = Pose.default(), np.random.default_rng(0)
    noise = rng.normal(0, 0.02, (256, 256))
    y, x = (np.mgrid[:256, :256] + 0.5) / 256
    patched = noise.copy()
    for part, quad in enumerate(part_quads(pose, "body")):
        edges = np.roll(quad, -1, axis=0) - quad
        sides = [a[0] * (y - q[1]) - a[1] * (x - q[0]) for a, q in zip(edges, quad, strict=True)]
        inside = np.all(np.array(sides) > 0, axis=0) | np.all(np.array(sides) < 0, axis=0)
        patched[inside] += 0.3 * (part % 2)
    transforms = condition(pose, VUNetConfig.preset("parts-256"))["transforms"][None]
    return transforms, noise, patched


def tensor(grey):
    return torch.from_numpy(grey).float().expand(1, 3, -1, -1)


def test_borders_that_nobody_sees_have_the_steps_of_their_surroundings(posed):
    transforms, noise, patched = posed
    everywhere = torch.ones(1, 1, 256, 256)
    assert 0.9 < border_ratio(tensor(noise), transforms, everywhere) < 1.1
    assert border_ratio(tensor(patched), transforms, everywhere) > 2


def test_its_gradient_lowers_borders_and_blurs_nothing(posed):
    transforms, _, patched = posed
    mask = torch.ones(1, 1, 256, 256)
    picture = tensor(patched).clone().requires_grad_(True)
    before = border_ratio(picture, transforms, mask)
    before.backward()
    assert border_ratio(picture.detach() - 0.5 * picture.grad, transforms, mask) < before
    contrast = float((picture.grad * picture.detach()).sum())  # more of the same contrast changes nothing
    assert abs(contrast) < 1e-3 * float(picture.grad.norm() * picture.detach().norm())


def test_missing_parts_and_pictures_without_a_person_do_not_count(posed):
    transforms, _, patched = posed
    assert border_ratio(tensor(patched), transforms, torch.zeros(1, 1, 256, 256)) == 0
    nowhere = torch.tensor([[0.0, 0, 9], [0, 0, 9], [0, 0, 1]]).expand_as(transforms)
    assert border_ratio(tensor(patched), nowhere, torch.ones(1, 1, 256, 256)) == 0
