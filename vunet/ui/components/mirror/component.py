"""The mirror as a `gr.HTML` component; it drives the stage of the same page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from vunet.pose.estimators.film_poses import LONGEST, RATE
from vunet.ui.components.browser.component import BrowserComponent

_HERE = Path(__file__).parent


class Mirror(BrowserComponent):
    """A button, a small preview with the skeleton, a recorder, and a reader of films. It has no value.

    film_keys: answers {"times", "joints", "pose"} of a film with key poses.
    """

    def __init__(self, film_keys: Callable[[Any], dict[str, Any]], **kwargs: Any) -> None:
        constants = {"film": {"rate": RATE, "longest": LONGEST}}
        super().__init__(_HERE, "mirror", constants, server_functions=[film_keys], **kwargs)
