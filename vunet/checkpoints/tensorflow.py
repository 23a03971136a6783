"""The authors' TensorFlow variables become a `VUNet`.

Their names count the layers of each scope in the order in which the graph was built (enc_up/dense_0, enc_up/conv2d_0, ...),
so the conversion walks the model in that order. Two differences of convention are undone here: weight normalisation is
folded (W = g V / ||V||), and depth-to-space keeps a block's channels together in TensorFlow, a channel's block in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from vunet.checkpoints.tf_bundle import read_bundle
from vunet.errors import BadCheckpoint
from vunet.model import VUNet, VUNetConfig
from vunet.model.decoder import LatentStage, PlainHead
from vunet.model.encoders import BLOCKS, Pyramid
from vunet.model.layers import ResidualBlock
from vunet.model.prior.autoregressive import AutoregressivePrior

SCOPES = ("enc_up", "enc_down", "dec_up", "dec_down", "dec_params")
MARKET = {"scales": 7, "box": 1}  # the only published graph whose bottleneck is 2x2; shapes of weights cannot tell it


def from_tf_variables(variables: Mapping[str, np.ndarray]) -> VUNet:
    """A `VUNet` in evaluation mode from `{"enc_up/dense_0/V": array, ...}`, its config inferred from the shapes.

    Names may use dots for slashes, and end in ":0". What lies in enc_down beyond the last latent scale feeds nothing in the
    authors' graph and is left out; any other variable that is missing or left over raises `BadCheckpoint`.
    """
    return _convert(variables)[0]


def _convert(variables: Mapping[str, np.ndarray]) -> tuple[VUNet, list[str]]:
    """The model, and the names of the tail of enc_down, which feeds nothing."""
    named = {name.removesuffix(":0").replace(".", "/"): np.asarray(v) for name, v in variables.items()}
    scopes = {scope: Scope(named, scope) for scope in SCOPES}
    try:
        model = VUNet(_infer_config(scopes))
        _fill(model, scopes)
    except (LookupError, ValueError, RuntimeError) as error:
        raise BadCheckpoint(f"These variables are not a VUNet of the authors: {error}.") from None
    used = set().union(*(scope.used for scope in scopes.values()))
    tail = scopes["enc_down"].tail()
    unused = sorted(named.keys() - used - tail)
    if unused:
        raise BadCheckpoint(f"{len(unused)} variables have no place in the model, first {unused[0]}.")
    return model.eval(), sorted(tail)


def import_tf(path: Path) -> tuple[VUNet, list[str]]:
    """The model of a TensorFlow checkpoint, and the names of what it does not use: steps, optimiser, a tail.

    path: the checkpoint's prefix, its .index file, or its folder. Raises `BadCheckpoint`.
    """
    arrays = read_bundle(path)
    weights = {
        name: v for name, v in arrays.items() if name.startswith(SCOPES) and name.rpartition("/")[2] in ("V", "g", "b")
    }
    model, tail = _convert(weights)
    return model, sorted([*(arrays.keys() - weights.keys()), *tail])


class Scope:
    """The variables of one scope, handed out in the order of the graph."""

    def __init__(self, variables: Mapping[str, np.ndarray], name: str) -> None:
        self.variables, self.name = variables, name
        self.counters = {"dense": 0, "conv2d": 0}
        self.used: set[str] = set()

    def count(self, kind: str) -> int:
        """How many layers of a kind the scope holds."""
        return sum(n.startswith(f"{self.name}/{kind}_") and n.endswith("/V") for n in self.variables)

    def tail(self) -> set[str]:
        """The variables of the layers that come after those that were handed out, without a gap."""
        layers = [f"{kind}_{i}" for kind, done in self.counters.items() for i in range(done, self.count(kind))]
        return {f"{self.name}/{layer}/{part}" for layer in layers for part in "Vgb"} & self.variables.keys()

    def shape(self, kind: str, index: int) -> tuple[int, ...]:
        """Shape of a layer's V."""
        return self.variables[f"{self.name}/{kind}_{index}/V"].shape

    def fill(self, conv: nn.Conv2d, inputs: np.ndarray | None = None, outputs: np.ndarray | None = None) -> None:
        """Puts the next layer of the right kind into `conv`, channels reordered by `inputs` and `outputs`."""
        kind = "dense" if conv.kernel_size == (1, 1) else "conv2d"
        weight, bias = self._next(kind)
        weight = weight if inputs is None else weight[:, inputs]
        if outputs is not None:
            weight, bias = weight[outputs], bias[outputs]
        if weight.shape != conv.weight.shape:
            raise ValueError(f"{self.name}/{kind} is {tuple(weight.shape)}, not {tuple(conv.weight.shape)}")
        assert conv.bias is not None
        conv.weight.data.copy_(weight)
        conv.bias.data.copy_(bias)

    def _next(self, kind: str) -> tuple[Tensor, Tensor]:
        layer = f"{self.name}/{kind}_{self.counters[kind]}"
        self.counters[kind] += 1
        v, g, b = (self.variables[f"{layer}/{part}"].astype(np.float64) for part in "Vgb")
        self.used |= {f"{layer}/{part}" for part in "Vgb"}
        if not g.shape == b.shape == v.shape[-1:] or not all(np.isfinite(a).all() for a in (v, g, b)):
            raise ValueError(f"{layer} has weights of the wrong shape, or that are not numbers")
        v = v.reshape((1, 1, *v.shape)) if v.ndim == 2 else v  # (kh, kw, in, out)
        folded = g * v / np.sqrt(np.maximum((v**2).sum(axis=(0, 1, 2)), 1e-12))
        return torch.from_numpy(folded.transpose(3, 2, 0, 1).copy()).float(), torch.from_numpy(b).float()


def _infer_config(scopes: Mapping[str, Scope]) -> VUNetConfig:
    up, crops, down = scopes["dec_up"], scopes["enc_up"], scopes["dec_down"]
    # A way up has BLOCKS convolutions a scale and one between scales; dec_down ten a latent scale, two a plain one.
    scales, crop_scales = ((s.count("conv2d") + 1) // (BLOCKS + 1) for s in (up, crops))
    latents = (down.count("conv2d") - 3 * scales + 1) // 8
    inputs, crop_width = crops.shape("dense", 0)
    box = scales - crop_scales
    bottleneck = 1 if {"scales": scales, "box": box} == MARKET else 2
    return VUNetConfig(
        size=1 << (scales - 1 + bottleneck),
        bottleneck=bottleneck,
        latents=latents,
        width=up.shape("dense", 0)[1],
        max_width=max(up.shape("conv2d", i)[3] for i in range(up.count("conv2d"))),
        crop_size=1 << (crop_scales - 1 + bottleneck),
        crop_width=crop_width,
        parts=inputs // 3,
    )


def _fill(model: VUNet, scopes: Mapping[str, Scope]) -> None:
    _fill_pyramid(model.appearance.up, scopes["enc_up"])
    _fill_posterior(model, scopes["enc_down"])
    _fill_pyramid(model.shape, scopes["dec_up"])
    _fill_decoder(model, scopes["dec_down"])
    assert isinstance(model.decoder.head, PlainHead)
    scopes["dec_params"].fill(model.decoder.head.out)


def _fill_pyramid(pyramid: Pyramid, scope: Scope) -> None:
    scope.fill(pyramid.enter)
    for i, block in enumerate(pyramid.blocks):
        if i and i % BLOCKS == 0:
            scope.fill(pyramid.down[i // BLOCKS - 1].conv)
        _fill_block(block, scope)


def _fill_block(block: ResidualBlock, scope: Scope) -> None:
    if block.skip is not None:
        scope.fill(block.skip)
    scope.fill(block.conv)


def _fill_posterior(model: VUNet, scope: Scope) -> None:
    appearance = model.appearance
    scope.fill(appearance.enter)
    for i, stage in enumerate(appearance.stages):
        if i:
            _fill_upsample(appearance.rise[i - 1].conv, scope)
        _fill_block(stage.before, scope)
        scope.fill(stage.mean)
        _fill_block(stage.after, scope)


def _fill_decoder(model: VUNet, scope: Scope) -> None:
    decoder = model.decoder
    scope.fill(decoder.enter)
    for i, stage in enumerate([*decoder.latent_stages, *decoder.stages]):
        if i:
            _fill_upsample(decoder.rise[i - 1].conv, scope)
        _fill_block(stage.before, scope)
        if isinstance(stage, LatentStage):
            assert stage.prior is not None
            _fill_prior(stage.prior, scope)
            scope.fill(stage.join)
        _fill_block(stage.after, scope)


def _fill_prior(prior: AutoregressivePrior, scope: Scope) -> None:
    _fill_block(prior.block, scope)
    order = _channel_first(prior.means[0].in_channels)
    for i, mean in enumerate(prior.means):
        if i:
            feedback = prior.feedback[i - 1]
            scope.fill(feedback.skip)
            scope.fill(feedback.conv, inputs=np.concatenate([order, len(order) + np.arange(len(order))]), outputs=order)
        scope.fill(mean, inputs=order)


def _fill_upsample(conv: nn.Conv2d, scope: Scope) -> None:
    scope.fill(conv, outputs=_channel_first(conv.out_channels))


def _channel_first(channels: int) -> np.ndarray:
    """Where PyTorch's (channel, block) order finds its entries in TensorFlow's (block, channel) order."""
    return np.arange(channels).reshape(4, -1).T.ravel()
