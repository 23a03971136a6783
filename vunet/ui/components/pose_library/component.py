"""The pose library as a component; a click on a pose puts it on the stage of the same page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from vunet.pose.library import load_library
from vunet.ui.components.browser.component import BrowserComponent


class PoseLibrary(BrowserComponent):
    """Poses go from it to the stage within the browser."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Path(__file__).parent, "library", {"ready": _ready()}, **kwargs)


@cache
def _ready() -> list[dict[str, Any]]:
    """The poses for the script; as a prop they would travel with each event of the page, 60 kB of them."""
    return [{"name": p.name, "kind": p.kind, "pose": p.pose.to_dict()} for p in load_library()]
