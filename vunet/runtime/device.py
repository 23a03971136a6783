"""Where the model runs, and in which precision."""

from __future__ import annotations

import torch

from vunet.errors import VUNetError


def choose_device(name: str | None = None) -> torch.device:
    """The named device, or the best there is: CUDA, Apple's MPS, the CPU. Raises `VUNetError`."""
    if name is None:
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise VUNetError(f"The device {name!r} is not available here: leave it out to take the best there is.") from None
    return device


def choose_precision(device: torch.device) -> torch.dtype:
    """Half precision where the hardware computes in it: CUDA (bfloat16 if it can), and CPUs with AVX-512 BF16 or AMX."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and torch.cpu._is_avx512_bf16_supported():  # no public query exists
        return torch.bfloat16
    return torch.float32
