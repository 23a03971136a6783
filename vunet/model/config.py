"""The shape of a VUNet, and the presets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from vunet.errors import BadCheckpoint

PARTS = {"authors": 8, "body": 12, "whole": 12, "blank": 12}  # crops of each layout
# A file from anywhere may claim anything: its config is bounded before a model is built.
MANNEQUIN, MANNEQUIN_SIZE = 15, 64  # maps of the body behind the skeleton (`vunet.pose.mannequin`), and their side
GROUND = 240 / 127.5 - 1  # the plain ground of pictures, in [-1, 1]
LEAST_CORRECTED = 32  # pixels of a picture whose features the correction network halves three times
SIDES = 2  # numbers that say which side of a part is seen
LIMITS = {
    "size": 1024, "bottleneck": 4, "latents": 4, "stem": 8, "width": 512, "max_width": 1024, "crop_size": 512,
    "crop_stem": 8, "crop_width": 512, "part_channels": 64, "fine_channels": 64, "part_codes": 64,
    "prior_width": 4096, "prior_whole": 1024, "prior_part": 256, "detail_width": 256,
    "sample_detail_width": 256, "correction_width": 128, "dropout": 0.9,
}  # fmt: skip


AT_LEAST_ONE = ("latents", "width", "max_width", "crop_width")


@dataclass(frozen=True)
class VUNetConfig:
    """All that decides a VUNet's graph.

    size: output in pixels, a power of two. bottleneck: log2 of the coarsest latent map's size. latents: number of latent
    scales. stem: E's trunk works at size / stem, entered by pixel-unshuffle. width, max_width: channels of E and D at the
    trunk's resolution and at most. crop_size, crop_stem, crop_width: the same for F's body-part crops. parts: number of
    crops, smooth_shape: sub-pixel stickmen. part_channels: channels of each un-normalised part map in D, 0 for none (the
    authors' graph). fine_channels: the same of the finer maps where parts have codes, 0 for two thirds of part_channels.
    part_codes: channels of each part's own code in every latent but the coarsest, 0 for codes of the whole body (the
    authors' graph). autoregressive: whether D holds the authors' prior, which training needs, and samples only where there
    is no other. prior_width: channels inside it, 0 for four times the latent's (the authors' graph).
    prior_whole, prior_part: numbers of the latent w above the codes, for the whole person and for each part; 0 for none
    (the authors' graph). prior_colours: whether samples can be asked for colours. mannequin: whether E reads maps of a
    body behind the skeleton, and F and D which side of each part they see and show. correction_width: channels of the
    network that corrects D's picture by the mannequin, 0 for none. detail_width: channels of the network that doubles it,
    0 for none; sample_detail_width: of that for looks without a photo, 0 where one network doubles all.
    """

    size: int = 256
    bottleneck: int = 2
    latents: int = 2
    stem: int = 1
    width: int = 32
    max_width: int = 128
    crop_size: int = 64
    crop_stem: int = 1
    crop_width: int = 128
    layout: Literal["authors", "body", "whole", "blank"] = "authors"
    parts: int = 8
    smooth_shape: bool = False
    part_channels: int = 0
    fine_channels: int = 0
    part_codes: int = 0
    autoregressive: bool = True
    prior_width: int = 0
    prior_whole: int = 0
    prior_part: int = 0
    prior_colours: bool = False
    mannequin: bool = False
    correction_width: int = 0
    detail_width: int = 0
    sample_detail_width: int = 0
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for name, most in LIMITS.items():
            least = 1 if name in AT_LEAST_ONE else 0
            if not least <= getattr(self, name) <= most:
                raise BadCheckpoint(f"The model's {name} has to be from {least} to {most}, not {getattr(self, name)}.")
        if self.layout not in PARTS or self.parts != PARTS[self.layout]:
            raise BadCheckpoint(f"There are no crops of layout {self.layout!r} with {self.parts} parts.")
        for name in ("size", "stem", "crop_size", "crop_stem"):
            value = getattr(self, name)
            if value < 1 or value & (value - 1):
                raise BadCheckpoint(f"The model's {name} has to be a power of two, not {value}.")
        if self.scales <= self.latents or self.crop_scales < self.latents:
            raise BadCheckpoint("The model has fewer scales than its latent codes need.")
        if self.part_channels and self.stem < 2:
            raise BadCheckpoint("Part maps need a trunk at reduced resolution (stem 2 or more).")
        if bool(self.part_codes) != bool(self.part_channels) or (self.part_codes and self.latents < 2):
            raise BadCheckpoint("Part maps need codes of parts in two latents or more, and such codes need maps.")
        if bool(self.prior_whole) != bool(self.prior_part):
            raise BadCheckpoint("The latent above the codes needs numbers for the whole person and for each part.")
        if self.prior_colours and (not self.prior_whole or self.layout != "body"):
            raise BadCheckpoint("Colours are read from a latent above the codes, of crops of the layout 'body'.")
        if self.mannequin and (self.layout != "body" or not self.part_codes or self.stem < 2):
            raise BadCheckpoint("The mannequin needs codes of parts, crops of the layout 'body' and a reduced trunk.")
        if self.correction_width and not (self.mannequin and self.size >= LEAST_CORRECTED):
            raise BadCheckpoint(f"The correction needs the mannequin and pictures of {LEAST_CORRECTED} pixels or more.")
        if not self.autoregressive and not self.prior_whole:
            raise BadCheckpoint("A model needs a prior: the authors' or one above the codes.")
        if self.detail_width and self.layout != "body":
            raise BadCheckpoint("The detail network needs crops of the layout 'body'.")
        if self.sample_detail_width and not self.detail_width:
            raise BadCheckpoint("The detail network for looks without a photo needs one for looks with a photo.")
        if self.prior_whole and (not self.part_codes or self.bottleneck != 2 or self.latents != 3):
            raise BadCheckpoint("A latent above the codes needs codes of parts in three latents, from 4x4 on.")

    @property
    def best_size(self) -> int:
        """Pixels of the largest picture's side: twice D's where a detail network follows."""
        return 2 * self.size if self.detail_width else self.size

    @property
    def scales(self) -> int:
        """Scales of E and D: 1 + log2(trunk) - bottleneck."""
        return (self.size // self.stem).bit_length() - self.bottleneck

    @property
    def crop_scales(self) -> int:
        """Scales of F on the way up."""
        return (self.crop_size // self.crop_stem).bit_length() - self.bottleneck

    def latent_widths(self, trunk: Sequence[int]) -> list[int]:
        """Channels of z, coarse first; trunk: those of D's scales, coarse first."""
        if not self.part_codes:
            return list(trunk[: self.latents])
        return [trunk[0]] + [self.parts * self.part_codes] * (self.latents - 1)

    @classmethod
    def preset(cls, name: str, size: int | None = None) -> VUNetConfig:
        """One of `PRESETS`, for pictures of its own size or another; raises `BadCheckpoint`."""
        if name not in PRESETS:
            raise BadCheckpoint(f"There is no preset {name!r}: choose one of {', '.join(PRESETS)}.")
        return dataclasses.replace(PRESETS[name], size=size or PRESETS[name].size)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> VUNetConfig:
        """Reads the config of a checkpoint; raises `BadCheckpoint` on unknown names or wrong types."""
        if data.get("part_channels") and not data.get("part_codes"):
            raise BadCheckpoint("Models of the preset body-256 are not supported any more: train one of parts-256.")
        types = {f.name: type(f.default) for f in dataclasses.fields(cls)}
        for name, value in data.items():
            if name not in types:
                raise BadCheckpoint(f"The checkpoint's config has an unknown setting {name!r}: update this program.")
            if type(value) is not types[name]:
                raise BadCheckpoint(f"The checkpoint's setting {name!r} should be {types[name].__name__}, not {value!r}.")
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dataclasses.asdict(self)


_PARTS = VUNetConfig(
    stem=4, latents=3, width=48, max_width=128, crop_stem=4, crop_width=64, layout="body", parts=12, smooth_shape=True,
    part_channels=6, fine_channels=8, part_codes=10, prior_width=192, prior_whole=64, prior_part=16, dropout=0.0,
)  # fmt: skip

PRESETS: dict[str, VUNetConfig] = {
    "paper-256": VUNetConfig(),
    "paper-128": VUNetConfig(size=128, bottleneck=1, crop_width=64),
    "parts-256": _PARTS,
}
DEFAULT_PRESET = "parts-256"
