"""VUNet: log p(x|ŷ) >= E_q[log p(x|ŷ,z)] - KL(q(z|x,ŷ) || p(z|ŷ)) (equation 3 of the paper)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from vunet.model.config import VUNetConfig
from vunet.model.decoder import Decoder
from vunet.model.detail import DetailNetwork
from vunet.model.encoders import AppearanceEncoder, PartwiseEncoder, ShapeEncoder
from vunet.model.latent import Gaussian, Randomness
from vunet.model.prior.hierarchical import HierarchicalPrior


class VUNet(nn.Module):
    """The variational U-Net. Tensors are NCHW floats in [-1, 1]; S is `config.size`, P `config.parts`.

    shape: (N, 3, S, S) stickman. parts: (N, 3P, s, s) crops stacked on channels, s = `config.crop_size`.
    transforms: (N, P, 3, 3), frame to crop coordinates, for presets that un-normalise parts.
    """

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        self.config = config
        self.appearance: Any = (PartwiseEncoder if config.part_codes else AppearanceEncoder)(config)  # F
        self.shape = ShapeEncoder(config)  # E
        self.decoder = Decoder(config, self.shape.widths)  # D
        self.prior = HierarchicalPrior(config, self.decoder.sizes) if config.prior_whole else None
        self.detail = DetailNetwork(config) if config.detail_width else None

    def placed(self, device: torch.device, precision: torch.dtype) -> VUNet:
        """Moves the model in place, channels last. The prior stays in single precision: it is small, and its flow adds up
        many steps."""
        for network in filter(None, (self.appearance, self.shape, self.decoder, self.detail)):
            network.to(device, precision, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self.prior is not None:
            self.prior.to(device)
        return self

    def posterior(self, parts: Tensor) -> list[Gaussian]:
        """q(z|x,ŷ), one for each latent scale, coarse first, the next scale fed by the mean of the one before."""
        return self.appearance(parts)[0]

    def decode(
        self, shape: Tensor, zs: Sequence[Tensor], transforms: Tensor | None = None
    ) -> tuple[Tensor, list[Gaussian]]:
        """The image (N, 3, S, S) and the priors p(z|ŷ), each group given z's groups before it."""
        skips = self.shape(shape)
        h, priors, _ = self.decoder.latents(skips, zs)
        return self.decoder.image(h, skips, self.decoder.maps(zs), self.decoder.grids(transforms)), priors

    def render(
        self, shape: Tensor, zs: Sequence[Tensor], transforms: Tensor | None = None, hidden: Tensor | None = None
    ) -> Tensor:
        """The image of `decode` alone, without the cost of the prior. hidden: as for `Decoder.grids`."""
        return self.draw(self.shape(shape), zs, self.decoder.maps(zs), self.decoder.grids(transforms, hidden))

    def draw(self, skips: list[Tensor], zs: Sequence[Tensor], maps: Sequence[Tensor], grids: Sequence[Tensor]) -> Tensor:
        """`render` from what depends on the shape alone (E's skips, the grids) and on z alone (the part maps)."""
        return self.decoder.image(self.decoder.carry(skips, zs), skips, maps, grids)

    def sample(
        self,
        shape: Tensor,
        temperature: float = 1.0,
        generator: Randomness = None,
        count: int = 1,
        garments: Tensor | None = None,
    ) -> list[Tensor]:
        """z ~ p(z|ŷ), `count` for each shape, one tensor for each latent scale; temperature 0 draws the most usual.

        garments: wishes (N, G) as for `HierarchicalPrior.draw`; only a trained prior of that kind knows them.
        """
        if self.prior is not None and self.prior.ready:
            return [z.to(shape.dtype) for z in self.prior.sample(shape, count, temperature, generator, garments)]
        skips = [s.repeat_interleave(count, dim=0) for s in self.shape(shape)[-2 * self.config.latents :]]
        return self.decoder.latents(skips, None, temperature, generator)[2]

    def forward(
        self,
        parts: Tensor,
        shape: Tensor,
        transforms: Tensor | None = None,
        temperature: float = 1.0,
        generator: Sequence[torch.Generator] | None = None,
        redraw: int = 0,
    ) -> tuple[Tensor, list[Gaussian], list[Gaussian]]:
        """The training pass: image, posteriors, priors, with z drawn from the posterior.

        redraw: with k, every k-th shape comes twice more at the end of the images, with z from the prior, and with the next
        person's, which learns nothing from it.
        """
        posteriors, zs = self.appearance(parts, temperature, generator)
        if redraw:
            with torch.no_grad():
                drawn = self.sample(shape[::redraw], generator=generator[::redraw] if generator else None)
            others = [z.detach().roll(-1, dims=0)[::redraw] for z in zs]
            zs = [torch.cat(each) for each in zip(zs, drawn, others, strict=True)]
            shape = with_redrawn(shape, redraw)
            transforms = with_redrawn(transforms, redraw) if transforms is not None else None
        image, priors = self.decode(shape, zs, transforms)
        return image, posteriors, [Gaussian(prior.mean[: len(parts)]) for prior in priors]


def extended(model: VUNet, config: VUNetConfig) -> VUNet:
    """The same weights, what the model lacks untrained. config: the model's own, with sizes of a prior or of a detail
    network."""
    wider = VUNet(config)
    wider.load_state_dict(wider.state_dict() | model.state_dict())
    return wider.eval()


def without_detail(model: VUNet) -> VUNet:
    """The same weights without a detail network."""
    return _reduced(model, replace(model.config, detail_width=0, detail_crop=VUNetConfig.detail_crop))


def without_autoregressive(model: VUNet) -> VUNet:
    """The same weights without the authors' prior, for models that draw from a trained hierarchical one: half the size."""
    return _reduced(model, replace(model.config, autoregressive=model.prior is None or not model.prior.ready))


def _reduced(model: VUNet, config: VUNetConfig) -> VUNet:
    if config == model.config:
        return model
    small = VUNet(config)
    weights = model.state_dict()
    small.load_state_dict({name: weights[name] for name in small.state_dict()})
    return small.eval()


def with_redrawn(rows: Tensor, redraw: int) -> Tensor:
    """(N, ...) and every k-th row twice more: what goes with the images of a training pass."""
    return torch.cat([rows, rows[::redraw], rows[::redraw]])
