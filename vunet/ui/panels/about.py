"""How it works, in words, and what the model reads of the person on the stage."""

from __future__ import annotations

from typing import Any

import cv2
import gradio as gr
import numpy as np

from vunet.errors import VUNetError
from vunet.person.crops import seen_parts
from vunet.pose.skeleton import Pose
from vunet.pose.stickman import draw_stickman
from vunet.ui.visitor.session import NOBODY, Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import QUIET, with_error_messages
from vunet.ui.words.texts import label

SIDE = 384  # pixels of the stickman; the crops beside it are four rows of a quarter


class AboutPanel:
    """The text, and a button that shows ŷ and the crops that z is read from."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        with gr.Accordion(label("about.title"), open=False, elem_id="about"):
            gr.Markdown(label("about.text"), latex_delimiters=[{"left": "$", "right": "$", "display": False}])
            self.show = gr.Button(label("about.show"), size="sm", elem_id="show-inputs")
            self.inputs = gr.Image(
                label=label("about.inputs"), visible=False, interactive=False, buttons=["fullscreen"], elem_id="inputs"
            )

    def wire(self, session: gr.State, editor: Any) -> None:
        """Connects the panel."""
        self.show.click(self.read, [editor, session], self.inputs, **QUIET)

    @with_error_messages
    def read(self, pose: Pose | None, session: Session) -> Any:
        """The stickman of the pose on the stage, and the crops of the photo or of the own look's picture."""
        if pose is None or session.own is None:
            raise VUNetError(NOBODY)
        studio = self.shared.studio_of(session)
        layout, size = studio.config.layout, studio.config.crop_size
        crops = session.own.crops
        if crops is None:  # a draw: the crops are those of its picture
            picture = studio.render(session.own, session.own.pose, studio.live_size)
            crops = seen_parts(picture, session.own.pose, layout, size)
        return gr.update(value=_beside(draw_stickman(pose, SIDE, True), crops), visible=True)


def _beside(stickman: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """The stickman (S, S, 3) and the crops (P, s, s, 3) in four rows."""
    tiles = [cv2.resize(crop, (SIDE // 4,) * 2, interpolation=cv2.INTER_LINEAR) for crop in crops]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 4)
    across = len(tiles) // 4
    rows = [np.concatenate(tiles[i * across : (i + 1) * across], axis=1) for i in range(4)]
    return np.concatenate([stickman, np.concatenate(rows)], axis=1)
