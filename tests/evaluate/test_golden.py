"""The default checkpoint's graph, pinned by numbers: changes of it that no other test sees are seen here."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.conftest import DATA
from vunet.checkpoints import DEFAULT, load_checkpoint
from vunet.evaluate.golden import golden_numbers
from vunet.model import decoder, detail, part_maps
from vunet.model.prior import flow

TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def stored():
    return dict(np.load(DATA / "golden.npz"))


@pytest.fixture
def model():
    return load_checkpoint(DEFAULT)


def farthest(numbers, stored):
    """The largest difference of each kind, relative to the spread of what is stored."""
    assert numbers.keys() == stored.keys()
    return {name: np.abs(numbers[name] - stored[name]).max() / stored[name].std() for name in stored}


def test_the_default_checkpoint_gives_its_golden_numbers(model, stored):
    assert max(farthest(golden_numbers(model), stored).values()) < TOLERANCE


def gates_dropped(monkeypatch):
    monkeypatch.setattr(decoder.RisingHead, "_gated", lambda self, fine, inner: fine)


def codes_bilinear(monkeypatch):
    nearest = F.interpolate

    def interpolate(z, size=None, **options):
        return nearest(z, size=size, mode="bilinear") if size is not None else nearest(z, size=size, **options)

    monkeypatch.setattr(part_maps.F, "interpolate", interpolate)


def no_guidance(monkeypatch):
    monkeypatch.setattr(flow, "GUIDANCE", 1.0)


def one_flow_step(monkeypatch):
    monkeypatch.setattr(flow, "STEPS", 1)


def silent_detail_network(monkeypatch):
    def enlarged(self, picture, shape, copy):
        large = F.interpolate(picture, scale_factor=2.0, mode="bilinear", align_corners=False)
        return torch.cat([large, torch.ones_like(large[:, :1])], dim=1)

    monkeypatch.setattr(detail.DetailNetwork, "forward", enlarged)


def maps_half_a_pixel_off(monkeypatch):
    grid = part_maps.sampling_grid

    def shifted(transforms, size):
        moved = transforms.clone()
        moved[..., 2] += (transforms[..., 0] + transforms[..., 1]) * 0.5 / size
        return grid(moved, size)

    monkeypatch.setattr(decoder, "sampling_grid", shifted)


@pytest.mark.parametrize(
    "change",
    [gates_dropped, codes_bilinear, no_guidance, one_flow_step, silent_detail_network, maps_half_a_pixel_off],
)
def test_a_change_of_the_graph_is_seen(change, model, stored, monkeypatch):
    change(monkeypatch)
    assert max(farthest(golden_numbers(model), stored).values()) > 20 * TOLERANCE


def test_models_without_a_prior_are_refused():
    from tests.configs import SMALL
    from vunet.errors import VUNetError
    from vunet.model import VUNet

    with pytest.raises(VUNetError, match="trained prior"):
        golden_numbers(VUNet(SMALL))
    assert torch.is_grad_enabled()
