"""Behind D: from its picture and the mannequin to a picture with the mannequin's body, of the same size.

D lays maps of single parts beside each other, in the proportions of the picture that a look was read from. This U-Net sees
the whole body: it shifts what D drew, lets it grow to an outline of its own and paints over it, where a thigh is thicker in
profile or a back has no tie. The shift is an appearance flow: Zhou and others, "View Synthesis by Appearance Flow", ECCV
2016. ELUs of D's coarse blocks ended on their floor; here activations leak, and are normalised while they are learned.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from vunet.model.config import GROUND, MANNEQUIN, VUNetConfig
from vunet.model.layers import conv3x3, pointwise, resized

STEM = 4  # of the picture's side to that of the finest features
WIDER = (1, 2, 3, 3)  # times the width, from fine to coarse, each half the size of the one before
LEAK = 0.1
REACH = 0.1  # halves of the picture's side that a flow of 1 shifts by
SHARPER = 4.0  # times the logits of the outline, up to which the picture grows
SEEN = (6 / 127.5, 36 / 127.5)  # distances from the ground at which a pixel begins to be the person's, and is
NOISE = 3.5 / 127.5  # distance from the ground that nobody sees, and integers change
NOBODY = -4.0  # logit of an outline that is not learned yet
NEAR = 9  # places of the mannequin's maps within which a part's turn holds
THIN = 1e-3  # opacity that does not count


class NormalisedConv(nn.Module):
    """A 3x3 convolution, normalised over the batch while it is trained."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        self.norm: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


class Layer(nn.Module):
    """A convolution and its activation, (N, C, H, W) to (N, C', H / stride, W / stride)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.inner = NormalisedConv(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.inner(x), LEAK)


class Residual(nn.Module):
    """Two convolutions whose sum with their input is activated: He and others, "Deep Residual Learning", CVPR 2016."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = Layer(width, width), NormalisedConv(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x + self.second(self.first(x)), LEAK)


class CorrectionNetwork(nn.Module):
    """Corrects D's picture by the mannequin, where parts have rotated. Untrained it changes nothing."""

    LAST = 6  # channels at full size

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        widths = [config.correction_width * times for times in WIDER]
        fine, *coarser = widths
        self.enter = Layer(3 * STEM**2 + MANNEQUIN, fine)
        self.down: Any = nn.ModuleList(
            nn.Sequential(Layer(a, b, stride=2), Layer(b, b)) for a, b in itertools.pairwise(widths)
        )
        self.blocks: Any = nn.ModuleList([Layer(fine, fine), *(Residual(width) for width in coarser)])
        self.up: Any = nn.ModuleList(pointwise(b, a) for a, b in itertools.pairwise(widths))
        self.flow, self.rise, self.edge = conv3x3(fine, 2), conv3x3(fine, STEM**2 * self.LAST), pointwise(fine, 4)
        self.out = conv3x3(self.LAST + 3, 3)
        for layer, bias in ((self.flow, 0.0), (self.out, 0.0), (self.edge, NOBODY)):
            nn.init.zeros_(layer.weight)
            layer.bias = nn.Parameter(torch.full((layer.out_channels,), bias))

    def forward(self, picture: Tensor, mannequin: Tensor, rotated: Tensor) -> Tensor:
        """(N, 3, S, S), meant for [-1, 1] as D's picture is. mannequin: (N, MANNEQUIN, s, s). rotated: (N, P) in [0, 1],
        how far each part is seen from another direction than the look was; elsewhere D's picture stays as it is."""
        picture = without_noise(picture)
        return self.picture(picture, self.features(picture, mannequin), reach_of(mannequin, rotated))

    def features(self, picture: Tensor, mannequin: Tensor) -> Tensor:
        """(N, W, S/4, S/4): of the whole body, at every place of it."""
        pixels = F.pixel_unshuffle(picture, STEM)
        h = self.enter(torch.cat([pixels, resized(mannequin.to(pixels.dtype), pixels.shape[-1])], dim=1))
        scales = [h]
        for down in self.down:
            scales.append(down(scales[-1]))
        h = self.blocks[-1](scales[-1])
        for finer, up, block in reversed(list(zip(scales, self.up, self.blocks, strict=False))):
            h = block(finer + resized(up(h), finer.shape[-1]))
        return h

    def picture(self, drawn: Tensor, features: Tensor, reach: Tensor) -> Tensor:
        """What D drew, shifted, grown and painted over. reach: (N, 1, s, s) in [0, 1]."""
        painted = F.leaky_relu(F.pixel_shuffle(self.rise(features), STEM), LEAK)  # (N, LAST, S, S)
        outline = torch.sigmoid(SHARPER * self.outline(features))
        with torch.autocast(features.device.type, enabled=False):  # bfloat16 has steps of half a grey level and of a pixel
            near, whole = (resized(reach.float(), side) for side in (features.shape[-1], drawn.shape[-1]))
            shifted = shift(drawn.float(), self.flow(features).float() * near)
            grown = grown_to(shifted, resized(outline.float(), drawn.shape[-1]) * whole)
            painted = torch.cat([painted.float(), grown], dim=1).to(self.out.weight.dtype)
            return grown + self.out(painted).float() * whole

    def outline(self, features: Tensor) -> Tensor:
        """Logits (N, 1, S/2, S/2) of where the person is."""
        return F.pixel_shuffle(self.edge(features), STEM // 2)


def reach_of(mannequin: Tensor, rotated: Tensor) -> Tensor:
    """(N, 1, s, s) in [0, 1]: how far a place is one of parts that have rotated, and of what is around them."""
    near = F.avg_pool2d(mannequin[:, : rotated.shape[1]].float(), NEAR, stride=1, padding=NEAR // 2)
    shown = (near * rotated.float()[..., None, None]).sum(dim=1, keepdim=True)
    return shown / near.sum(dim=1, keepdim=True).clamp_min(THIN)


def without_noise(picture: Tensor) -> Tensor:
    """The picture with a ground that is plain to the last grey level."""
    plain = (picture - GROUND).abs().amax(dim=1, keepdim=True) < NOISE
    return torch.where(plain, GROUND, picture)


def grown_to(picture: Tensor, outline: Tensor) -> Tensor:
    """A picture (N, 3, S, S) on the plain ground, grown to an outline (N, 1, S, S) in [0, 1] by the colours nearby."""
    opacity = opacity_of(picture)
    return picture + (outline - opacity).clamp(0, 1) * (spread(picture, opacity) - picture)


def opacity_of(picture: Tensor) -> Tensor:
    """(N, 1, S, S) in [0, 1]: how far a picture is from its plain ground."""
    distance = (picture - GROUND).abs().amax(dim=1, keepdim=True)
    return ((distance - SEEN[0]) / (SEEN[1] - SEEN[0])).clamp(0, 1)


def spread(picture: Tensor, opacity: Tensor) -> Tensor:
    """The opaque colours, spread over the frame: push and pull, Gortler and others, "The Lumigraph", SIGGRAPH 1996."""
    scales = [(F.avg_pool2d(picture * opacity, STEM), F.avg_pool2d(opacity, STEM))]
    while scales[-1][0].shape[-1] > 1:
        colours, weight = scales[-1]
        scales.append((F.avg_pool2d(colours, 2), F.avg_pool2d(weight, 2)))
    colours, weight = scales.pop()
    whole = colours / weight.clamp_min(THIN)
    for colours, weight in reversed(scales):
        whole = resized(whole, colours.shape[-1])
        whole = torch.lerp(whole, colours / weight.clamp_min(THIN), weight.clamp(0, 1 / STEM) * STEM)
    return resized(whole, picture.shape[-1])


def shift(picture: Tensor, flow: Tensor) -> Tensor:
    """What a flow (N, 2, s, s) makes of a picture (N, C, S, S): how far right and below of each place its colour lies."""
    side = picture.shape[-1]
    flow = resized(flow, side) * REACH
    line = (torch.arange(side, device=picture.device).to(picture.dtype) + 0.5) * (2 / side) - 1
    places = torch.stack([line.expand(side, side), line[:, None].expand(side, side)])
    grid = (flow.to(places.dtype) + places).permute(0, 2, 3, 1)
    return F.grid_sample(picture, grid, padding_mode="border", align_corners=False)


def normalised(network: CorrectionNetwork) -> CorrectionNetwork:
    """The network with batch normalisation, in place, for a training; Ioffe and Szegedy, ICML 2015."""
    for module in network.modules():
        if isinstance(module, NormalisedConv):
            module.norm = nn.BatchNorm2d(module.conv.out_channels)
    return network


def folded(network: CorrectionNetwork) -> CorrectionNetwork:
    """The same with its normalisation within the convolutions, in place: what a checkpoint holds."""
    for module in network.modules():
        if isinstance(module, NormalisedConv) and isinstance(norm := module.norm, nn.BatchNorm2d):
            assert norm.running_mean is not None and norm.running_var is not None
            weight, bias = fuse_conv_bn_weights(
                module.conv.weight, module.conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
            )
            module.conv.weight, module.conv.bias, module.norm = weight, bias, nn.Identity()
    return network
