"""Where the model runs, and in which precision."""

from __future__ import annotations

import torch

from vunet.errors import VUNetError

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


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


def named_precision(name: str | torch.dtype | None, device: torch.device, calibrated: bool) -> tuple[torch.dtype, bool]:
    """A precision, and whether convolutions of renders are in integers of eight bits.

    name: "float32", "bfloat16", "float16", "int8", or None or "auto" for what is fastest: half precision where the hardware
    computes in it, else integers where the checkpoint was calibrated. Raises `VUNetError`.
    """
    if isinstance(name, torch.dtype):
        return name, False
    if name is None or name == "auto":
        best = choose_precision(device)
        return best, calibrated and device.type == "cpu" and best == torch.float32
    if name in PRECISIONS:
        return PRECISIONS[name], False
    if name != "int8":
        raise VUNetError(f"There is no precision {name!r}: choose {', '.join(PRECISIONS)} or int8.")
    if not calibrated or device.type != "cpu":
        raise VUNetError("Integers need the CPU and a calibrated checkpoint: make one with `python -m vunet calibrate`.")
    return torch.float32, True


def choose_precision(device: torch.device) -> torch.dtype:
    """Half precision where the hardware computes in it: CUDA (bfloat16 if it can), and CPUs with AVX-512 BF16 or AMX."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and torch.cpu._is_avx512_bf16_supported():  # no public query exists
        return torch.bfloat16
    return torch.float32
