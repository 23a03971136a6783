"""Weight normalisation with data-dependent initialisation: a parametrisation that exists only while training.

Salimans and Kingma, "Weight Normalization", 2016. Checkpoints hold plain weights, in which direction and length are folded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from vunet.model import VUNet

INITIAL_STD = 0.05  # of the directions, as the authors draw them
CONTINUED_STD = 0.1  # what they grow to in training: Adam's steps are absolute, so shorter directions turn too fast


def normalise_weights(model: VUNet) -> VUNet:
    """Splits every convolution's weight into direction and length, in place; the function stays the same."""
    for conv in _convolutions(model):
        weight_norm(conv, dim=0)
    return model


@torch.no_grad()
def lengthen_directions(model: VUNet) -> VUNet:
    """Gives the directions of trained, folded weights the size they had in training, in place; the function stays."""
    for conv in _convolutions(model):
        direction = conv.parametrizations.weight.original1
        direction.mul_(CONTINUED_STD / direction.square().mean().sqrt().clamp_min(1e-8))
    return model


@torch.no_grad()
def fold_weights(model: VUNet) -> VUNet:
    """A plain copy of a weight-normalised model, in evaluation mode."""
    with torch.random.fork_rng():  # a run's noise must not depend on how often it is looked at
        plain = VUNet(model.config)
    if plain.prior is not None and model.prior is not None:
        plain.prior.load_state_dict(model.prior.state_dict())
    for target, source in zip(_convolutions(plain), _convolutions(model), strict=True):
        target.weight.copy_(source.weight)
        assert target.bias is not None and source.bias is not None
        target.bias.copy_(source.bias)
    return plain.eval()


def sample_weights(model: VUNet) -> VUNet:
    """Fresh weights before `normalise_weights` and `initialise_from_data`, in place."""
    for conv in _convolutions(model):
        nn.init.normal_(conv.weight, std=INITIAL_STD)
        assert conv.bias is not None
        nn.init.zeros_(conv.bias)
    return model


@torch.no_grad()
def initialise_from_data(model: VUNet, run: Callable[[], object]) -> None:
    """Scales and shifts each convolution so that its outputs on one batch have mean 0 and std 1, layer by layer.

    run: passes the batch through the model once.
    """
    handles = [conv.register_forward_hook(_standardise) for conv in _convolutions(model)]
    try:
        run()
    finally:
        for handle in handles:
            handle.remove()


def _standardise(conv: Any, _: object, output: Tensor) -> Tensor:
    """Forward hook: sets length and bias from this output, and hands on what they would have given."""
    values = output.float()
    mean = values.mean(dim=(0, 2, 3))
    scale = values.var(dim=(0, 2, 3), unbiased=False).add(1e-5).rsqrt().clamp(max=10.0)
    length = conv.parametrizations.weight.original0
    length.mul_(scale.view_as(length))
    conv.bias.copy_(-mean * scale)
    return ((values - mean.view(1, -1, 1, 1)) * scale.view(1, -1, 1, 1)).to(output.dtype)


def _convolutions(model: VUNet) -> Iterator[Any]:
    """Those of F, E and D; the hierarchical prior is trained on its own, without weight normalisation."""
    return (
        m
        for network in (model.appearance, model.shape, model.decoder)
        for m in network.modules()
        if isinstance(m, nn.Conv2d)
    )
