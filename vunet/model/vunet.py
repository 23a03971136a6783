"""VUNet: log p(x|ŷ) >= E_q[log p(x|ŷ,z)] - KL(q(z|x,ŷ) || p(z|ŷ)) (equation 3 of the paper)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from vunet.model.config import VUNetConfig
from vunet.model.correction import CorrectionNetwork
from vunet.model.decoder import Decoder
from vunet.model.detail import DetailNetwork
from vunet.model.encoders import AppearanceEncoder, PartwiseEncoder, ShapeEncoder
from vunet.model.latent import Gaussian, Randomness
from vunet.model.prior.colours import AskedColours
from vunet.model.prior.hierarchical import HierarchicalPrior
from vunet.model.sample_detail import SampleDetailNetwork

CONDITION = ("shape", "transforms", "mannequin", "facing", "rotated")  # what a pose is rendered by


class VUNet(nn.Module):
    """The variational U-Net. Tensors are NCHW floats in [-1, 1]; S is `config.size`, P `config.parts`.

    shape: (N, 3, S, S) stickman. parts: (N, 3P, s, s) crops stacked on channels, s = `config.crop_size`.
    transforms: (N, P, 3, 3), frame to crop coordinates, for presets that un-normalise parts. mannequin: (N, 15, s, s), maps
    of the body behind the stickman, and facing: (N, P, 2), which side of each part is shown, for presets that read them.
    rotated: (N, P) in [0, 1], how far each part is seen from another direction than the look was, for a correction.
    """

    def __init__(self, config: VUNetConfig) -> None:
        super().__init__()
        self.config = config
        self.appearance: Any = (PartwiseEncoder if config.part_codes else AppearanceEncoder)(config)  # F
        self.shape = ShapeEncoder(config)  # E
        self.decoder = Decoder(config, self.shape.widths)  # D
        self.prior = HierarchicalPrior(config, self.decoder.sizes) if config.prior_whole else None
        self.correction = CorrectionNetwork(config) if config.correction_width else None
        self.detail = DetailNetwork(config) if config.detail_width else None
        self.sample_detail = SampleDetailNetwork(config) if config.sample_detail_width else None

    def placed(self, device: torch.device, precision: torch.dtype) -> VUNet:
        """Moves the model in place, channels last. The prior stays in single precision: it is small, and its flow adds up
        many steps."""
        networks = self.appearance, self.shape, self.decoder, self.correction, self.detail, self.sample_detail
        for network in filter(None, networks):
            network.to(device, precision, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self.prior is not None:
            self.prior.to(device)
        return self

    def posterior(self, parts: Tensor, facing: Tensor | None = None) -> list[Gaussian]:
        """q(z|x,ŷ), one for each latent scale, coarse first, the next scale fed by the mean of the one before.

        facing: (N, P, 2), from which side each part is seen, for models that read it.
        """
        return self.appearance(parts, facing=facing)[0]

    def decode(
        self,
        shape: Tensor,
        zs: Sequence[Tensor],
        transforms: Tensor | None = None,
        mannequin: Tensor | None = None,
        facing: Tensor | None = None,
    ) -> tuple[Tensor, list[Gaussian]]:
        """The image (N, 3, S, S) and the priors p(z|ŷ), each group given z's groups before it."""
        skips = self.shape(shape, mannequin)
        h, priors, _ = self.decoder.latents(skips, zs)
        maps = self.decoder.turned(self.decoder.maps(zs), facing)
        return self.decoder.image(h, skips, maps, self.decoder.grids(transforms)), priors

    def render(
        self,
        shape: Tensor,
        zs: Sequence[Tensor],
        transforms: Tensor | None = None,
        hidden: Tensor | None = None,
        mannequin: Tensor | None = None,
        facing: Tensor | None = None,
        rotated: Tensor | None = None,
    ) -> Tensor:
        """The image of `decode`, without the cost of the prior, corrected by the mannequin where parts are rotated.

        hidden: as for `Decoder.grids`.
        """
        maps = self.decoder.turned(self.decoder.maps(zs), facing)
        picture = self.image(self.shape(shape, mannequin), zs, maps, self.decoder.grids(transforms, hidden))
        if self.correction is None or mannequin is None or rotated is None:
            return picture
        return self.correction(picture, mannequin, rotated)

    def image(self, skips: list[Tensor], zs: Sequence[Tensor], maps: Sequence[Tensor], grids: Sequence[Tensor]) -> Tensor:
        """D's picture from what depends on the shape alone (E's skips, the grids) and on z and its side (the part maps)."""
        return self.decoder.image(self.decoder.carry(skips, zs), skips, maps, grids)

    def sample(
        self,
        shape: Tensor,
        temperature: float = 1.0,
        generator: Randomness = None,
        count: int = 1,
        garments: Tensor | None = None,
        asked: AskedColours | None = None,
    ) -> list[Tensor]:
        """z ~ p(z|ŷ), `count` for each shape, one tensor for each latent scale; temperature 0 gives the most usual.

        garments: (N, G) as for `HierarchicalPrior.sample_w`, asked: colours; only a trained prior of that kind knows them.
        """
        if self.prior is not None and self.prior.ready:
            return [z.to(shape.dtype) for z in self.prior.sample(shape, count, temperature, generator, garments, asked)]
        skips = [s.repeat_interleave(count, dim=0) for s in self.shape(shape)[-2 * self.config.latents :]]
        return self.decoder.latents(skips, None, temperature, generator)[2]

    def forward(
        self,
        batch: Mapping[str, Tensor],
        temperature: float = 1.0,
        generator: Sequence[torch.Generator] | None = None,
        rerender: int = 0,
        photos: int | None = None,
    ) -> tuple[Tensor, list[Gaussian], list[Gaussian]]:
        """The training pass: image, posteriors, priors, with z drawn from the posterior.

        batch: parts, what `render` takes beside z, and seen_facing, from which side parts are seen. The priors are those
        of models that hold the authors' one. rerender: with k, the images end with every k-th of the first `photos` shapes
        twice more, rendered with samples of the prior and with the next person's z, both detached (`rerendered_rows`).
        """
        count = len(batch["parts"])
        posteriors, zs = self.appearance(batch["parts"], temperature, generator, batch.get("seen_facing"))
        shown = {name: batch[name] for name in CONDITION if name in batch}
        if rerender:
            rows = slice(0, photos, rerender)
            with torch.no_grad():
                sampled = self.sample(shown["shape"][rows], generator=generator[rows] if generator else None)
            others = [z.detach().roll(-1, dims=0)[rows] for z in zs]
            zs = [torch.cat(each) for each in zip(zs, sampled, others, strict=True)]
            shown = {name: rerendered_rows(value, rerender, photos) for name, value in shown.items()}
        if not self.config.autoregressive:
            return self.render(zs=zs, **shown), posteriors, []
        image, priors = self.decode(zs=zs, **shown)
        return image, posteriors, [Gaussian(prior.mean[:count]) for prior in priors]


def rerendered_rows(rows: Tensor, rerender: int, photos: int | None = None) -> Tensor:
    """(N, ...) to the rows of `forward`'s images: every k-th of the first `photos` twice more."""
    again = rows[:photos:rerender]
    return torch.cat([rows, again, again])


def extended(model: VUNet, config: VUNetConfig) -> VUNet:
    """The same weights, what the model lacks untrained. config: the model's own, with sizes of a prior or of the networks
    behind D."""
    wider = VUNet(config)
    wider.load_state_dict(wider.state_dict() | model.state_dict())
    return wider.eval()


def without_correction(model: VUNet) -> VUNet:
    """The same weights, D's pictures as they are."""
    return _reduced(model, replace(model.config, correction_width=0))


def without_detail(model: VUNet) -> VUNet:
    """The same weights without detail networks."""
    return _reduced(model, replace(model.config, detail_width=0, sample_detail_width=0))


def without_autoregressive(model: VUNet) -> VUNet:
    """The same weights without the authors' prior, for models that draw from a trained hierarchical one: half the size."""
    return _reduced(model, replace(model.config, autoregressive=model.prior is None or not model.prior.ready))


def without_colours(model: VUNet) -> VUNet:
    """The same weights, of which samples cannot be asked for colours."""
    return _reduced(model, replace(model.config, prior_colours=False))


def _reduced(model: VUNet, config: VUNetConfig) -> VUNet:
    if config == model.config:
        return model
    small = VUNet(config)
    weights = model.state_dict()
    small.load_state_dict({name: weights[name] for name in small.state_dict()})
    return small.eval()
