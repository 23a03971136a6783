"""The pose library as a component; a click on a pose puts it on the stage of the same page."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from vunet.pose.joints import JOINTS, LIMBS
from vunet.pose.library import load_library
from vunet.ui.components.browser.component import BrowserComponent


class PoseLibrary(BrowserComponent):
    """Poses go from it to the stage within the browser."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Path(__file__).parent, "library", _constants(), **kwargs)


@cache
def _constants() -> str:
    """The poses as a constant: a prop would travel with each event of the page, 60 kB of it."""
    entries = [{"name": p.name, "kind": p.kind, "pose": p.pose.to_dict()} for p in load_library()]
    return f"const LIBRARY = {json.dumps(entries)}, LIMBS = {json.dumps(LIMBS)}, NAMES = {json.dumps(JOINTS)};"
