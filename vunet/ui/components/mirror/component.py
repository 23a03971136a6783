"""The mirror as a `gr.HTML` component; it drives the stage of the same page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vunet.pose.files.layouts import MEDIAPIPE_33
from vunet.pose.joints import ARMS, JOINTS, LEGS, LIMBS
from vunet.pose.motion import MAX_KEYS
from vunet.ui.components.browser.component import BrowserComponent

_HERE = Path(__file__).parent
SCRIPTS = ("smooth.js", "recorder.js")


class Mirror(BrowserComponent):
    """A button, a small preview with the skeleton, and a recorder. It has no value."""

    def __init__(self, **kwargs: Any) -> None:
        facts = {
            "MARKS": {name: MEDIAPIPE_33.joints[name] for name in JOINTS},
            "CHAINS": (*ARMS, *LEGS),
            "LIMBS": LIMBS,
            "MOST": MAX_KEYS,
        }
        constants = [f"const {name} = {json.dumps(value)};" for name, value in facts.items()]
        scripts = [(_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS]
        super().__init__(_HERE, "mirror", "\n".join([*constants, *scripts]), **kwargs)
