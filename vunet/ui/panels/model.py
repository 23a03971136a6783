"""Which checkpoint draws: chosen or typed, for this visitor alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from vunet.appearance import Appearance
from vunet.errors import VUNetError
from vunet.studio import Studio
from vunet.ui.friendly import PRIVATE, friendly
from vunet.ui.session import Session
from vunet.ui.shared import Shared
from vunet.ui.texts import label, language_of, sentence


class ModelPanel:
    """A list of checkpoints, with room for the name of a repository on the Hugging Face Hub."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        studios = shared.studios
        info = label("model.info") if studios.any_repository else None
        with gr.Accordion(label("model.title"), open=False, elem_id="model"):
            self.name = gr.Dropdown(
                studios.names, value=studios.first.name, label=label("model.name"), info=info, elem_id="model-name",
                allow_custom_value=studios.any_repository,
            )  # fmt: skip

    def wire(self, session: gr.State, wear: list[Any], looks: Any, editor: Any, reset: dict[str, Any]) -> None:
        """wear: what a change of the look changes; looks: the gallery, which is drawn anew."""
        outputs = [*wear, self.name]
        choosing = self.name.input(
            self.choose, [self.name, session], outputs, show_progress_on=self.name, concurrency_limit=4, **PRIVATE
        )
        looks.fill(choosing.success(**reset), editor)

    @friendly
    def choose(
        self,
        name: str | None,
        session: Session,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        """Loads a checkpoint and reads the person and the looks again with it; the pose stays as it is."""
        progress(0, desc="")
        try:
            new = self.shared.studios.load((name or "").strip(), lambda here, whole: progress((here, whole), unit="B"))
        except VUNetError as error:
            gr.Warning(sentence(str(error), language_of(request)), duration=8)
            return *(gr.skip(),) * 4, session.checkpoint or self.shared.studios.first.name
        old = self.shared.studio_of(session)
        session = replace(session, checkpoint="" if new is self.shared.studio else (name or "").strip())
        return *self.shared.dressing.worn_again(read_again(session, old, new)), gr.skip()


def read_again(session: Session, old: Studio, new: Studio) -> Session:
    """The session with its looks as another model sees them: from the photo if there is one, else from their pictures."""
    if session.own is None or old is new:
        return session
    own = new.encode(session.person) if session.person else new.adopt(session.own, old)

    def seen(look: Appearance | None) -> Appearance | None:
        return own if look is session.own or look is None else new.adopt(look, old)

    return replace(session, own=own, look=seen(session.look), picked=seen(session.picked))
