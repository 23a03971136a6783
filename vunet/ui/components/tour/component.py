"""The tour as a component: a button that opens it, and a card that points at one part of the page at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vunet.ui.components.browser.component import BrowserComponent

# Name of the step, whose words are `js.tour.NAME`: what it points at.
STEPS = {
    "drag": ".vu-canvas",
    "people": ".vu-people",
    "outfits": "#looks",
    "tabs": ".vu-side .tab-wrapper",
    "save": "#save-menu",
}


class Tour(BrowserComponent):
    """It opens by itself on the first visit, once something is on the stage, and never again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Path(__file__).parent, "tour", {"steps": list(STEPS.items())}, **kwargs)
