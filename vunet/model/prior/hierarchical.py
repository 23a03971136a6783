"""p(z|ŷ) = ∫ p(z|w) p(w|ŷ) dw: a second, small latent w above the codes, trained through D.

z holds tens of thousands of numbers a person, of which no density can be learned from two thousand people. w holds a few
hundred: some for the whole person, some for each part. One more level of the same bound,

    log p(x|ŷ) >= E[log p(x|ŷ,z)] - KL(q(z|x,ŷ) || p(z|w)) - KL(q(w|z) || p(w|ŷ)),

as in Sønderby and others, "Ladder Variational Autoencoders", NeurIPS 2016, and Child, "Very Deep VAEs", ICLR 2021. p(w|ŷ)
is learned a second time, after the rest: Dai and Wipf, "Diagnosing and Enhancing VAE Models", ICLR 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vunet.model.config import VUNetConfig
from vunet.model.garments import GARMENTS
from vunet.model.latent import Randomness, sample_noise
from vunet.model.layers import Downsample, Upsample, conv3x3, pointwise
from vunet.model.prior.colours import AskedColours, ColourReading
from vunet.model.prior.flow import LatentFlow

TOKEN, HEADS = 128, 4
WIDTH = 64  # channels of a part's maps
START = 4  # side of the smallest map of a part
POSE = 8  # side of the small stickman that the flow is conditioned on
NEAR, FAR = 0.5, 0.9  # z-scores of a pose: below NEAR the flow is conditioned on it fully, above FAR not at all


def _mixer(width: int, layers: int) -> nn.TransformerEncoder:
    """Attention among the tokens (N, T, width)."""
    layer = nn.TransformerEncoderLayer(
        width, HEADS, 2 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)


class LatentPosterior(nn.Module):
    """q(w|z): mean and log-std of w from a person's codes; one token for the whole person, one for each part."""

    def __init__(self, config: VUNetConfig, coarse: int) -> None:
        super().__init__()
        self.parts = config.parts
        self.whole = nn.Linear(coarse, TOKEN)
        self.enter = pointwise(config.part_codes * (config.latents - 1), WIDTH // 2)
        self.down = nn.ModuleList([Downsample(WIDTH // 2, WIDTH), Downsample(WIDTH, WIDTH)])
        self.part = nn.Linear(WIDTH * START**2, TOKEN)
        self.places = nn.Parameter(torch.zeros(1 + self.parts, TOKEN).uniform_(-0.03, 0.03))
        self.unseen = nn.Parameter(torch.zeros(TOKEN))
        self.mix = _mixer(TOKEN, 2)
        self.whole_out = nn.Linear(TOKEN, 2 * config.prior_whole)
        self.part_out = nn.Linear(TOKEN, 2 * config.prior_part)

    def forward(self, zs: Sequence[Tensor], seen: Tensor) -> tuple[Tensor, Tensor]:
        """zs: normalised codes; seen: (N, P), 1 for parts whose codes count. Mean and log-std, (N, K)."""
        size = zs[-1].shape[-2:]
        codes = [F.interpolate(z, size=size).unflatten(1, (self.parts, -1)) for z in zs[1:]]
        h = self.enter(torch.cat(codes, dim=2).flatten(0, 1))  # (NP, WIDTH/2, 16, 16)
        for down in self.down:
            h = down(F.elu(h))  # (NP, WIDTH, 8, 8), (NP, WIDTH, 4, 4)
        part = self.part(F.elu(h).flatten(1)).unflatten(0, (-1, self.parts))  # (N, P, TOKEN)
        part = torch.where(seen[..., None] > 0, part, self.unseen.to(part.dtype))
        # The coarsest code is of all crops: where some do not count, it does not either.
        whole = self.whole(zs[0].flatten(1)) * seen.amin(dim=1, keepdim=True)
        tokens = self.mix(torch.cat([whole[:, None], part], dim=1) + self.places)
        mean_w, log_w = self.whole_out(tokens[:, 0]).chunk(2, dim=1)
        mean_p, log_p = self.part_out(tokens[:, 1:]).chunk(2, dim=2)
        mean = torch.cat([mean_w, mean_p.flatten(1)], dim=1)
        return mean.float(), torch.cat([log_w, log_p.flatten(1)], dim=1).float().clamp(-6, 2)


class ModulatedBlock(nn.Module):
    """A residual block of two convolutions whose features a token scales and shifts.

    Perez and others, "FiLM: Visual Reasoning with a General Conditioning Layer", AAAI 2018.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width, affine=False)
        self.modulation = nn.Linear(TOKEN, 2 * width)
        self.first, self.second = conv3x3(width, width), conv3x3(width, width)

    def forward(self, x: Tensor, token: Tensor) -> Tensor:
        """x: (N, C, h, w), token: (N, TOKEN)."""
        scale, shift = self.modulation(token)[..., None, None].chunk(2, dim=1)
        h = self.norm(x) * (1 + scale) + shift
        return x + self.second(F.elu(self.first(F.elu(h))))


class PlaceAttention(nn.Module):
    """Attention among all places of all parts: a sleeve goes on at the elbow, a hem on the other thigh."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.mix = _mixer(width, layers)

    def forward(self, h: Tensor, parts: int) -> Tensor:
        """(NP, C, h, w) to the same."""
        tokens = h.unflatten(0, (-1, parts)).flatten(3).permute(0, 1, 3, 2).flatten(1, 2)  # (N, P h w, C)
        mixed = self.mix(tokens).unflatten(1, (parts, -1)).permute(0, 1, 3, 2)
        return mixed.flatten(0, 1).unflatten(2, h.shape[-2:])


class CodeGenerator(nn.Module):
    """The mean of p(z|w): w to normalised codes, every part by the same network, attention in between."""

    def __init__(self, config: VUNetConfig, coarse: tuple[int, int, int]) -> None:
        """coarse: shape of the coarsest code (C, h, w)."""
        super().__init__()
        self.parts, self.split = config.parts, config.prior_whole
        self.coarse_shape = coarse
        self.whole = nn.Linear(config.prior_whole, TOKEN)
        self.part = nn.Linear(config.prior_part, TOKEN)
        self.places = nn.Parameter(torch.zeros(1 + self.parts, TOKEN).uniform_(-0.03, 0.03))
        self.mix = _mixer(TOKEN, 3)
        self.coarse = nn.Linear(TOKEN, coarse[0] * coarse[1] * coarse[2])
        self.enter = nn.Linear(TOKEN, WIDTH * START**2)
        self.map_places = nn.Parameter(torch.zeros(self.parts, WIDTH, START, START).uniform_(-0.03, 0.03))
        self.blocks: Any = nn.ModuleList(ModulatedBlock(WIDTH) for _ in range(4))
        self.attention = PlaceAttention(WIDTH, layers=2)
        self.rise: Any = nn.ModuleList(Upsample(WIDTH, WIDTH) for _ in range(config.latents - 1))
        self.codes: Any = nn.ModuleList(conv3x3(WIDTH, config.part_codes) for _ in range(config.latents - 1))

    def forward(self, w: Tensor) -> list[Tensor]:
        """(N, K) to codes, coarse first."""
        part = self.part(w[:, self.split :].unflatten(1, (self.parts, -1)))
        tokens = self.mix(torch.cat([self.whole(w[:, : self.split])[:, None], part], dim=1) + self.places)
        codes = [self.coarse(tokens[:, 0]).unflatten(1, self.coarse_shape)]
        token = tokens[:, 1:].flatten(0, 1)  # (NP, TOKEN)
        h = self.enter(token).unflatten(1, (WIDTH, START, START)) + self.map_places.repeat(len(w), 1, 1, 1)
        h = self.blocks[0](self.attention(h, self.parts), token)  # (NP, WIDTH, 4, 4)
        h = self.blocks[1](self.rise[0](h), token)  # (NP, WIDTH, 8, 8)
        codes.append(self._codes(0, h, len(w)))
        for level, rise in enumerate(self.rise[1:], start=1):
            h = rise(h)  # (NP, WIDTH, 16, 16)
            for block in self.blocks[2:]:
                h = block(h, token)
            codes.append(self._codes(level, h, len(w)))
        return codes

    def _codes(self, level: int, h: Tensor, count: int) -> Tensor:
        return self.codes[level](F.elu(h)).reshape(count, -1, *h.shape[-2:])


class HierarchicalPrior(nn.Module):
    """The latent w above the codes z: q(w|z), p(z|w) and p(w|ŷ, garments, colours).

    K = prior_whole + P * prior_part numbers.
    """

    def __init__(self, config: VUNetConfig, sizes: Sequence[tuple[int, int]]) -> None:
        """sizes: channels and side of each code, coarse first."""
        super().__init__()
        (channels, side), self.parts = sizes[0], config.parts
        self.numbers = config.prior_whole + config.parts * config.prior_part
        self.posterior = LatentPosterior(config, channels * side**2)
        self.generator = CodeGenerator(config, (channels, side, side))
        self.flow = LatentFlow(self.numbers, 3 * POSE**2 + 2 * len(GARMENTS))
        self.colours = ColourReading(self.numbers) if config.prior_colours else None
        for i, (width, _) in enumerate(sizes):
            self.register_buffer(f"mean_{i}", torch.zeros(1, width, 1, 1))
            self.register_buffer(f"deviation_{i}", torch.ones(1, width, 1, 1))
        self.register_buffer("pose_mean", torch.zeros(3 * POSE**2))
        self.register_buffer("pose_deviation", torch.ones(3 * POSE**2))
        self.register_buffer("trained", torch.zeros(()))

    @property
    def ready(self) -> bool:
        """False until `train-prior` has trained it: the autoregressive prior samples until then."""
        return bool(self.get_buffer("trained") > 0)

    def normalised(self, zs: Sequence[Tensor]) -> list[Tensor]:
        """Codes with mean 0 and std 1 in each channel, over the people it was trained on."""
        return [(z.float() - self.get_buffer(f"mean_{i}")) / self.get_buffer(f"deviation_{i}") for i, z in enumerate(zs)]

    def infer(self, zs: Sequence[Tensor], seen: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """q(w|z), the codes of parts that are not seen (N, P) left out: mean and log-std, (N, K)."""
        seen = seen if seen is not None else zs[0].new_ones(len(zs[0]), self.parts)
        return self.posterior(self.normalised(zs), seen)

    def generate(self, w: Tensor) -> list[Tensor]:
        """The mean of p(z|w) for w (N, K)."""
        return [
            z.float() * self.get_buffer(f"deviation_{i}") + self.get_buffer(f"mean_{i}")
            for i, z in enumerate(self.generator(w))
        ]

    def sample_w(
        self, noise: Tensor, shape: Tensor, garments: Tensor | None = None, asked: AskedColours | None = None
    ) -> Tensor:
        """w ~ p(w|ŷ, garments, colours) from standard normal numbers (N, K).

        shape: stickmen (M, 3, S, S), each for N / M rows in turn. garments: (M, G), 1 for what is worn, -1 for what is not,
        0 for either.
        """
        each = len(noise) // len(shape)
        garments = noise.new_zeros(len(shape), len(GARMENTS)) if garments is None else garments
        pose = small_stickmen(shape)
        pose = (pose * self.familiarity(pose)).repeat_interleave(each, dim=0)
        garments = garments.repeat_interleave(each, dim=0)
        plain = flow_condition(pose, torch.zeros_like(garments)) if garments.any() else None
        w = self.flow.sample(noise, flow_condition(pose, garments), plain)
        if asked is None or self.colours is None:
            return w
        return self.flow.unwhitened(self.colours.moved(self.flow.whitened(w), asked))

    def familiarity(self, pose: Tensor) -> Tensor:
        """(N, 1): 1 for poses like those of the people it was trained on, 0 for poses far from them, which the flow is not
        conditioned on: it never saw their like."""
        away = (pose - self.get_buffer("pose_mean")) / self.get_buffer("pose_deviation")
        distance = away.square().mean(dim=1, keepdim=True).sqrt()
        return ((FAR - distance) / (FAR - NEAR)).clamp(0, 1)

    def sample(
        self,
        shape: Tensor,
        count: int,
        temperature: float,
        generator: Randomness,
        garments: Tensor | None = None,
        asked: AskedColours | None = None,
    ) -> list[Tensor]:
        """z ~ p(z|ŷ, garments, colours), `count` for each stickman (N, 3, S, S); temperature scales the noise that w comes
        from."""
        noise = temperature * sample_noise((count * len(shape), self.numbers), generator, shape.device)
        return self.generate(self.sample_w(noise, shape, garments, asked))


def small_stickmen(shape: Tensor) -> Tensor:
    """(N, 3, S, S) in [-1, 1] to (N, 3 * POSE^2), from 0."""
    return F.adaptive_avg_pool2d(shape.float() + 1, POSE).flatten(1)


def flow_condition(pose: Tensor, garments: Tensor) -> Tensor:
    """The flow's condition: a small stickman, garments that are worn, and those that are not: (N, 3 * POSE^2 + 2G)."""
    return torch.cat([pose, (garments > 0).float(), (garments < 0).float()], dim=1)
