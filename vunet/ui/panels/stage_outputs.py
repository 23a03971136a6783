"""The components that many panels change: the session, the stage, and what tells of the look that is worn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from vunet.ui.visitor.look_changes import LookChange

Updates = dict[Any, Any]  # component: value


@dataclass(frozen=True, eq=False)
class StageOutputs:
    """editor: shows another person or pose. feed: messages to the stage. blend, outfit: the slider, and the outfit in
    words. part: which part of a look a click puts on."""

    session: gr.State
    editor: Any
    feed: Any
    blend: gr.Slider
    outfit: gr.Markdown
    part: gr.Radio

    @property
    def worn(self) -> list[Any]:
        """What a change of the look changes."""
        return [self.session, self.feed, self.blend, self.outfit]

    def of_change(self, change: LookChange | None) -> Updates:
        """The values of `worn` after a change."""
        if change is None:
            return {self.session: gr.skip()}  # Gradio takes no empty dictionary
        updates: Updates = {self.session: change.session, self.feed: change.message}
        updates |= {} if change.weight is None else {self.blend: change.weight}
        return updates | ({} if change.outfit is None else {self.outfit: change.outfit})
