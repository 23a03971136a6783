"""The mirror as a `gr.HTML` component; it drives the stage of the same page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vunet.pose.estimators.film_poses import LONGEST, RATE
from vunet.pose.files.layouts import MEDIAPIPE_33
from vunet.pose.joints import ARMS, JOINTS, LEGS, LIMBS
from vunet.ui.components.browser.component import BrowserComponent

_HERE = Path(__file__).parent
SCRIPTS = ("smooth.js", "films.js", "recorder.js")


class Mirror(BrowserComponent):
    """A button, a small preview with the skeleton, a recorder, and a reader of films. It has no value.

    film_keys: answers {"times", "joints", "pose"} of a film with key poses.
    """

    def __init__(self, film_keys: Callable[[Any], dict[str, Any]], **kwargs: Any) -> None:
        facts = {
            "MARKS": {name: MEDIAPIPE_33.joints[name] for name in JOINTS},
            "CHAINS": (*ARMS, *LEGS),
            "LIMBS": LIMBS,
            "NAMES": JOINTS,
            "FILM": {"rate": RATE, "longest": LONGEST},
        }
        constants = [f"const {name} = {json.dumps(value)};" for name, value in facts.items()]
        scripts = [(_HERE / name).read_text(encoding="utf-8") for name in SCRIPTS]
        super().__init__(_HERE, "mirror", "\n".join([*constants, *scripts]), server_functions=[film_keys], **kwargs)
