"""What runs out of memory, or gives no numbers, as one clear sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from vunet.errors import ModelFailed


@contextmanager
def clear_failures(device: torch.device) -> Iterator[None]:
    """Raises `ModelFailed` for failures of a computation that a visitor can do something about."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        if device.type == "cuda":
            torch.cuda.empty_cache()
        raise ModelFailed("There is not enough memory for this now: ask for less, or try again.") from None
    except FloatingPointError:
        raise ModelFailed("The model gave no picture for this: take another look or pose.") from None


def _out_of_memory(error: Exception) -> bool:
    """CUDA and Python have a type for it; PyTorch's and OpenVINO's allocators on the CPU only have words."""
    words = str(error).lower()
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate" in words or "bad_alloc" in words
