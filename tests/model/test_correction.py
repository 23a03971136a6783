"""The correction network: untrained it changes nothing; it reads the mannequin; its normalisation can be folded away."""

from dataclasses import replace

import pytest
import torch

from tests.configs import SMALL_PARTS, SMALL_SIDES, inputs
from vunet.errors import BadCheckpoint
from vunet.model import VUNet
from vunet.model.config import GROUND, MANNEQUIN, MANNEQUIN_SIZE, SIDES
from vunet.model.correction import CorrectionNetwork, folded, grown_to, normalised, shift
from vunet.model.vunet import without_correction

CONFIG = replace(SMALL_SIDES, correction_width=8)


def given(n=2):
    generator = torch.Generator().manual_seed(1)
    picture = torch.rand(n, 3, CONFIG.size, CONFIG.size, generator=generator) * 2 - 1
    return (
        picture,
        torch.rand(n, MANNEQUIN, MANNEQUIN_SIZE, MANNEQUIN_SIZE, generator=generator),
        torch.ones(n, CONFIG.parts),
    )


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = CorrectionNetwork(CONFIG).eval().requires_grad_(False)
    for layer in (network.flow, network.out):
        torch.nn.init.normal_(layer.weight, std=0.05)
    return network


def test_an_untrained_network_changes_nothing():
    assert torch.allclose(CorrectionNetwork(CONFIG)(*given()), given()[0], atol=1e-4)


def test_a_place_depends_on_the_mannequin_of_the_whole_body(network):
    picture, mannequin, rotated = given(1)
    moved = mannequin.clone()
    moved[..., :4, :4] += 1
    changed = (network(picture, moved, rotated) - network(picture, mannequin, rotated)).abs().amax(dim=(0, 1))
    assert changed[:16, :16].max() > 1e-3 and changed[-8:, -8:].max() > 0


def test_only_what_is_rotated_changes(network):
    picture, mannequin, rotated = given(1)
    mannequin[:, : CONFIG.parts] = 0
    mannequin[:, 0, :, :16] = mannequin[:, 1, :, -16:] = 1
    rotated = torch.zeros_like(rotated)
    assert torch.allclose(network(picture, mannequin, rotated), picture, atol=1e-4)
    rotated[:, 0] = 1
    changed = (network(picture, mannequin, rotated) - picture).abs()
    assert changed[..., :16].max() > 1e-2 and changed[..., -16:].max() < 1e-4


def test_a_picture_grows_to_its_outline_by_the_colours_nearby():
    picture = torch.full((1, 3, 64, 64), GROUND)
    picture[..., :20] = -0.5
    outline = torch.zeros(1, 1, 64, 64)
    outline[..., :30] = 1
    grown = grown_to(picture, outline)
    assert torch.equal(grown[..., :20], picture[..., :20]) and torch.equal(grown[..., 30:], picture[..., 30:])
    assert (grown[..., 20:30] + 0.5).abs().max() < 0.1


def test_a_flow_shifts_by_the_place_that_a_colour_comes_from():
    picture = given(1)[0]
    pixels = 2 / CONFIG.size / 0.1  # of a flow that shifts by one
    flow = torch.tensor([3 * pixels, 0.0]).reshape(1, 2, 1, 1).expand(1, 2, 16, 16)
    assert torch.allclose(shift(picture, flow)[..., :-3], picture[..., 3:], atol=1e-3)


def test_folded_it_makes_the_same_picture(network):
    learning = normalised(network).train()
    for _ in range(3):
        learning(*given())
    before = learning.eval()(*given())
    assert not any("norm" in name for name in folded(learning).state_dict())
    assert torch.allclose(learning(*given()), before, atol=1e-4)


def test_a_render_is_corrected_where_it_is_said_what_is_rotated():
    torch.manual_seed(0)
    model = VUNet(CONFIG).eval().requires_grad_(False)
    torch.nn.init.constant_(model.correction.out.bias, 0.5)
    _, shape, transforms = inputs(CONFIG)
    _, mannequin, rotated = given()
    facing = torch.zeros(2, CONFIG.parts, SIDES)
    shown = {"shape": shape, "zs": model.sample(shape), "transforms": transforms, "mannequin": mannequin, "facing": facing}
    plain = without_correction(model)
    assert plain.correction is None and torch.equal(model.render(**shown), plain.render(**shown))
    assert torch.allclose(model.render(**shown, rotated=rotated), plain.render(**shown) + 0.5, atol=1e-3)


def test_a_config_without_a_mannequin_is_refused():
    with pytest.raises(BadCheckpoint, match="mannequin"):
        replace(SMALL_PARTS, correction_width=8)
