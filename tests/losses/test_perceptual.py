import types

import pytest
import torch
from torch import nn
from torchvision.models import vgg

from vunet import VUNetError
from vunet.losses.perceptual import load_perceptual


def test_vgg_gives_five_scales_of_features(monkeypatch):
    untrained = types.SimpleNamespace(features=vgg.make_layers(vgg.cfgs["E"]))
    monkeypatch.setattr("torchvision.models.vgg19", lambda weights: untrained)
    perceptual = load_perceptual("vgg19")
    assert isinstance(perceptual, nn.Module)
    features = perceptual.features(torch.zeros(1, 3, 64, 64))
    assert [(f.shape[1], f.shape[-1]) for f in features] == [(64, 64), (128, 32), (256, 16), (512, 8), (512, 4)]


def test_without_a_network_the_bundled_loss_is_named(monkeypatch):
    def unreachable(weights):
        raise OSError("no route to host")

    monkeypatch.setattr("torchvision.models.vgg19", unreachable)
    with pytest.raises(VUNetError, match="--perceptual efficientnet"):
        load_perceptual("vgg19")
