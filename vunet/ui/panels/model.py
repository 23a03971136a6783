"""Which checkpoint renders: chosen or typed, for this visitor alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from vunet.studio import Studio
from vunet.studio.appearance import Appearance
from vunet.ui.panels.stage_outputs import StageOutputs, Updates
from vunet.ui.visitor.loaded_checkpoints import forwarded
from vunet.ui.visitor.session import Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import PRIVATE, QUIET, with_error_messages
from vunet.ui.words.texts import label


class ModelPanel:
    """A list of checkpoints, with room for the name of a repository on the Hugging Face Hub."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.loaded: Any = gr.State("")
        studios = shared.studios
        info = label("model.info") if studios.any_repository else None
        with gr.Accordion(label("model.title"), open=False, elem_id="model"):
            self.name = gr.Dropdown(
                studios.names, value=studios.first.name, label=label("model.name"), info=info, elem_id="model-name",
                allow_custom_value=studios.any_repository,
            )  # fmt: skip

    def wire(self, stage: StageOutputs, looks: Any, reset: dict[str, Any]) -> None:
        """looks: the gallery, which is sampled anew. reset: the event that sets the other panels back."""
        self._stage, session = stage, stage.session
        loading = self.name.input(
            self.load, self.name, self.loaded, show_progress_on=self.name, concurrency_limit=4, **PRIVATE
        )
        loading.failure(self.name_of, session, self.name, **QUIET)
        # A second event: what the visitor did during the download is in the session that it is given.
        changing = loading.success(self.put_to_work, [self.loaded, session], stage.worn, **QUIET)
        looks.fill(changing.success(**reset))

    @with_error_messages
    def load(
        self,
        name: str | None,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> str:
        """Loads a checkpoint, and says under which name it is known."""
        progress(0, desc="")
        name = (name or "").strip()
        told = lambda here, whole: progress((here, whole), unit="B")  # noqa: E731
        return self.shared.studios.load(name, told, untrusted=forwarded(request.headers)).name

    def name_of(self, session: Session) -> str:
        """The checkpoint at work, where another could not be had."""
        return self.shared.studio_of(session).name

    @with_error_messages
    def put_to_work(self, loaded: str, session: Session) -> Updates:
        """Reads the person and the looks again with the checkpoint that was loaded; the pose stays as it is."""
        new, old = self.shared.studios[loaded], self.shared.studio_of(session)
        session = replace(session, checkpoint=self.shared.studios.short_name(new.name))
        again = read_again(session, old, new)
        if again.look is None:
            return {self._stage.session: again}
        return self._stage.of_change(self.shared.look_changes.worn_again(again))


def read_again(session: Session, old: Studio, new: Studio) -> Session:
    """The session with its looks as another model sees them: from the photo if there is one, else from their pictures."""
    if session.own is None or old is new:
        return session
    own = new.encode(session.person) if session.person else new.reencode(session.own, old)

    def seen(look: Appearance | None) -> Appearance | None:
        return own if look is session.own or look is None else new.reencode(look, old)

    return replace(session, own=own, look=seen(session.look), picked=seen(session.picked))
