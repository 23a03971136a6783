"""Small models that tests build, and what they read."""

import dataclasses

import torch

from vunet.model import PRESETS

SMALL = dataclasses.replace(
    PRESETS["parts-256"], size=64, latents=2, width=8, max_width=16, crop_size=32, crop_stem=2, crop_width=8,
    prior_width=16, part_channels=0, fine_channels=0, part_codes=0, prior_whole=0, prior_part=0,
)  # fmt: skip
SMALL_PARTS = dataclasses.replace(
    PRESETS["parts-256"], size=64, stem=2, width=8, max_width=16, crop_size=32, crop_stem=2, crop_width=8, prior_width=16,
    part_codes=2, prior_whole=8, prior_part=4,
)  # fmt: skip


SMALL_SIDES = dataclasses.replace(SMALL_PARTS, mannequin=True)


def inputs(config, n=2):
    parts = torch.randn(n, 3 * config.parts, config.crop_size, config.crop_size)
    shape = torch.randn(n, 3, config.size, config.size)
    transforms = torch.eye(3).expand(n, config.parts, 3, 3) if config.part_channels else None
    return parts, shape, transforms
