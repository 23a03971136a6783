"""Functions of Gradio that are replaced. A name that is gone ends the start: what it protected would be open unseen."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any


def replace_function(module: ModuleType, name: str, replacement: Callable[..., Any]) -> None:
    """Replaces a module's function; raises `RuntimeError` when it has none of that name."""
    if not callable(getattr(module, name, None)):
        raise RuntimeError(f"This version of Gradio has no {module.__name__}.{name}: install one of requirements.txt.")
    setattr(module, name, replacement)
