"""The detail network: sizes, what it does with nothing to copy, and that windows agree with the whole."""

from dataclasses import replace

import pytest
import torch

from vunet.errors import BadCheckpoint
from vunet.model import VUNet, VUNetConfig
from vunet.model.detail import DetailNetwork, channels_first, enlarged, to_bytes
from vunet.model.sample_detail import SampleDetailNetwork
from vunet.model.vunet import extended, without_detail

CONFIG = replace(VUNetConfig.preset("parts-256"), detail_width=8)


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = DetailNetwork(CONFIG).eval()
    torch.nn.init.normal_(network.out.weight, std=0.05)
    return network


def inputs(side=64):
    generator = torch.Generator().manual_seed(1)
    picture, shape = (torch.rand(2, 1, 3, side, side, generator=generator) * 2 - 1).unbind()
    copies = torch.randint(0, 256, (1, 2 * side, 2 * side, 4), generator=generator, dtype=torch.uint8)
    return picture, shape, copies


def test_the_picture_is_twice_as_large(network):
    picture, shape, copies = inputs()
    assert network(picture, shape, channels_first(copies)).shape == (1, 4, 128, 128)


def test_an_untrained_network_without_copies_only_enlarges():
    picture, shape, copies = inputs()
    made = DetailNetwork(CONFIG).eval()(picture, shape, channels_first(torch.zeros_like(copies)))
    large = torch.nn.functional.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False)
    assert (made[:, :3] - large).abs().max() < 1e-5


def test_a_copy_is_read_as_colours_times_opacity():
    copy = torch.tensor([[[[0, 0, 0, 0], [255, 0, 128, 255], [64, 0, 64, 128]]]], dtype=torch.uint8)
    nothing, full, half = channels_first(copy)[0].permute(1, 2, 0)[0]
    assert not nothing.any() and full.tolist() == pytest.approx([1, -1, 0.004, 1], abs=0.001)
    assert half.tolist() == pytest.approx([0, -0.502, 0, 0.502], abs=0.002)


def test_the_ground_is_plain_where_nobody_is():
    made = torch.full((1, 4, 2, 2), 0.3)
    made[0, 3] = torch.tensor([[0.0, 0.05], [0.5, 1.0]])
    colours, opacity = to_bytes(made, torch.zeros_like(made), torch.zeros(1, 8, 8, dtype=torch.uint8)).split([3, 1], dim=3)
    assert colours[0, 0, 0].tolist() == [240] * 3 and colours[0, 1, 1].tolist() == [166] * 3
    assert 166 < colours[0, 0, 1, 0] < 240 and opacity[0, 1, 1] == 255


def test_where_the_copy_is_certain_the_picture_is_the_copy():
    copy = channels_first(torch.full((1, 8, 8, 4), 128, dtype=torch.uint8))
    made = torch.full((1, 4, 8, 8), -1.0)
    certain = torch.full((1, 4, 4), 255, dtype=torch.uint8)
    assert to_bytes(made, copy, certain)[0, 4, 4].tolist() == [248, 248, 248, 128]  # half of white on the ground


def test_a_window_is_drawn_as_in_the_whole(network):
    picture, shape, copies = inputs(128)
    copies = channels_first(copies)
    with torch.no_grad():
        whole = network(picture, shape, copies)
        part = network(picture[..., :64, 32:96], shape[..., :64, 32:96], copies[..., :128, 64:192])
    assert (whole[..., 48:80, 112:144] - part[..., 48:80, 48:80]).abs().max() < 1e-4


def test_the_network_for_samples_begins_as_the_other_without_a_copy(network):
    picture, shape, copies = inputs()
    for_samples = SampleDetailNetwork(replace(CONFIG, sample_detail_width=8)).eval()
    assert (for_samples(picture, shape)[:, :3] - enlarged(picture)).abs().max() < 1e-5
    for_samples.begin_as(network)
    made = network(picture, shape, channels_first(torch.zeros_like(copies)))
    assert (for_samples(picture, shape) - made).abs().max() < 0.02  # its surroundings say next to nothing
    torch.nn.init.normal_(for_samples.surroundings.out.weight, std=0.5)
    assert (for_samples(picture, shape) - made).abs().max() > 0.1


def test_a_network_for_samples_alone_is_refused():
    with pytest.raises(BadCheckpoint, match="with a photo"):
        replace(CONFIG, detail_width=0, sample_detail_width=8)


def test_a_model_gets_an_untrained_detail_network_and_keeps_its_weights():
    model = VUNet(replace(CONFIG, detail_width=0))
    wider = extended(model, CONFIG)
    assert wider.detail is not None and model.detail is None and wider.config.best_size == 512
    assert torch.equal(wider.decoder.head.out.weight, model.decoder.head.out.weight)
    plain = without_detail(wider)
    assert plain.config == model.config and plain.state_dict().keys() == model.state_dict().keys()
