"""Hugging Face's ZeroGPU: a GPU that is lent for the length of a call. Drags cannot wait for one and stay on the CPU."""

from __future__ import annotations

import os
from typing import Any

from vunet.studio import Studio

DEVICE = "cuda"
SECONDS = 30  # the most a call may take; a visitor's quota is counted by it


def on_zero_gpu() -> bool:
    """True on a ZeroGPU Space."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in {"1", "true"}


def on_lent_gpu(studio: Studio) -> Studio:
    """The studio's twin, whose samples and rows of pictures are made on the GPU."""
    import spaces  # only Spaces have it

    twin: Any = studio.on(DEVICE)
    twin.sample = spaces.GPU(duration=SECONDS)(twin.sample)
    twin.render_many = spaces.GPU(duration=SECONDS)(twin.render_many)
    return twin
