"""Where the person comes from: a photo, or an example."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from vunet.errors import NoPersonFound, VUNetError
from vunet.person.difficulties import difficulties
from vunet.person.framing import Person
from vunet.pose.skeleton import Pose
from vunet.studio.appearance import Appearance
from vunet.ui.api.photo_input import PhotoInput
from vunet.ui.panels.stage_outputs import StageOutputs, Updates
from vunet.ui.visitor.examples import example_gallery
from vunet.ui.visitor.look_changes import CLOTHES, WHOLE
from vunet.ui.visitor.session import NOBODY, Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import PRIVATE, QUIET, with_error_messages
from vunet.ui.words.texts import LABELS, label, language_of, sentence

PLACE = "{} Or drag the joints onto the body, hide those that cannot be seen, then press the button below."
RENDERED = "A rendered figure of the VALID library: it shows what your photo would give."
CORRECT = "Drag the joints onto the body, then press the button below: the look is read again along them."


REFINING = "The look is brought nearer to the photo. You can go on meanwhile."
NEARER = "The look is nearer to the photo now."
STAYS = "The look of the photo is nearer to it now; what is worn stays on."
AS_NEAR = "The look is as near to the photo as it gets."


@dataclass(frozen=True, eq=False)
class Refined:
    """The look of a person's photo before and after."""

    person: Person
    before: Appearance
    after: Appearance


class PersonPanel:
    """The first person, who is on the stage."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        with gr.Row(elem_classes="vu-people"):
            self.photo = PhotoInput(label=label("person.photo"), height=96, min_width=0, elem_id="photo")
            self.people = example_gallery(shared.examples, "people")
        self.note = gr.Markdown(elem_classes="vu-note")
        with gr.Row(elem_classes="vu-photo-tools"):
            self.correct = gr.Button(label("person.correct"), size="sm", visible=False, elem_id="correct-skeleton")
            self.refine = gr.Button(label("person.refine"), size="sm", visible=False, elem_id="refine")
        self.refined: Any = gr.State(None)
        self.placed = gr.Button(label("person.placed"), variant="primary", visible=False, elem_id="use-skeleton")

    def wire(self, stage: StageOutputs, reset: dict[str, Any]) -> None:
        """reset: the event that sets the other panels back for a new person."""
        self._stage, session, part = stage, stage.session, stage.part
        outputs = [session, stage.editor, self.note]
        opened = self.photo.input(self.open_photo, [self.photo, session], outputs, show_progress_on=self.photo, **PRIVATE)
        opened.success(**reset)
        # Who brings a photo wants to keep their face.
        opened.success(lambda kept: CLOTHES if kept.upload else gr.skip(), session, part, **QUIET)
        opened.failure(lambda kept: kept.upload, session, self.photo, **QUIET)  # the page shows what is on the stage
        self.people.select(self.open_example, session, [*outputs, self.photo], **QUIET).success(**reset)
        self.people.select(lambda: WHOLE, None, part, **QUIET)
        self.correct.click(self.correct_skeleton, session, outputs, **QUIET).success(**reset)
        self.placed.click(self.use_placed, [stage.editor, session], outputs, **PRIVATE).success(**reset)
        self._wire_refining(session, stage.worn)

    def _wire_refining(self, session: gr.State, worn: list[Any]) -> None:
        started = self.refine.click(self.announce, session, [self.refine, self.note], **QUIET)
        read = started.then(self.refine_look, session, self.refined, show_progress_on=self.photo, **PRIVATE)
        read.success(self.wear_refined, [self.refined, session], [*worn, self.note], **QUIET)
        read.failure(without_announcement, self.note, self.note, **QUIET)
        read.then(lambda: gr.update(interactive=True), None, self.refine, **QUIET)

    @with_error_messages
    def open_example(self, session: Session, event: gr.SelectData, request: gr.Request) -> Updates:
        """Puts an example person on the stage."""
        session, shown = self._example(session, event.index, request)
        text = sentence(RENDERED, session.language) if self.shared.examples[event.index].rendered else ""
        return self._entered(session, shown, text) | {self.photo: None}

    def _entered(self, session: Session, shown: dict[str, Any], text: str) -> Updates:
        return {self._stage.session: session, self._stage.editor: shown, self.note: text}

    def open_first(self, request: gr.Request) -> tuple[Session, dict]:
        """The person who is on the stage when the page opens."""
        session, stage = self._example(Session(), 0, request)
        return session, stage | {"restored": True}

    def _example(self, session: Session, index: int, request: gr.Request) -> tuple[Session, dict]:
        return self.shared.enter(session, self.shared.example(index), language_of(request))

    @with_error_messages
    def open_photo(self, path: str | None, session: Session, request: gr.Request) -> Updates:
        """Puts the person of an uploaded photo on the stage; without one, a skeleton to place by hand."""
        language = language_of(request)
        if path is None:
            return {self._stage.session: replace(session, upload=None)}
        try:
            person = self.shared.studio.detect(path)
        except NoPersonFound as error:
            return self._place_by_hand(session, path, str(error), language)
        session, stage = self.shared.enter(session, person, language)
        return self._entered(replace(session, correctable=True, upload=path), stage, note(person, language))

    def _place_by_hand(self, session: Session, path: str, reason: str, language: str) -> Updates:
        session, stage = self.shared.enter(session, self.shared.studio.place(path), language, placing=True)
        text = sentence(PLACE, language).format(sentence(reason, language))
        return self._entered(replace(session, photo=path, placing=True, upload=path), stage, text)

    @with_error_messages
    def correct_skeleton(self, session: Session) -> Updates:
        """Shows the photo with the skeleton that was found, to be moved where it belongs."""
        if session.person is None:
            raise VUNetError(NOBODY)
        entered, stage = self.shared.enter(session, session.person, session.language, placing=True)
        kept = replace(entered, photo=session.photo, placing=True, upload=session.upload)
        return self._entered(kept, stage, sentence(CORRECT, session.language))

    @with_error_messages
    def use_placed(self, pose: Pose | None, session: Session) -> Updates:
        """Reads the look along the skeleton that was placed by hand."""
        if pose is None or session.person is None:
            raise VUNetError(NOBODY)
        person = self._placed(session.photo, pose) if session.photo else replace(session.person, pose=pose.require_usable())
        entered, stage = self.shared.enter(session, person, session.language)
        kept = replace(entered, photo=session.photo, correctable=True, upload=session.upload)
        return self._entered(kept, stage, "")

    def announce(self, session: Session) -> tuple[Any, str]:
        """No second press, and a place for the progress."""
        return gr.update(interactive=False), sentence(REFINING, session.language)

    @with_error_messages
    def refine_look(
        self,
        session: Session,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Refined:
        """Brings the look of the photo nearer to it, while the stage stays usable."""
        if session.person is None or session.own is None:
            raise VUNetError(NOBODY)
        studio = self.shared.studio_of(session)  # on ZeroGPU the CPU, as what reads photos
        tell = lambda done, steps: progress((done, steps))  # noqa: E731
        return Refined(session.person, session.own, studio.refined(session.own, session.person, progress=tell))

    @with_error_messages
    def wear_refined(self, refined: Refined, session: Session) -> Updates:
        """Puts the refined look on, where the person still stands there."""
        if session.own is not refined.before:  # another photo, whose note stays, or another model
            return {self.note: "" if session.person is refined.person else gr.skip()}
        if refined.after is refined.before:
            return {self.note: sentence(AS_NEAR, session.language)}
        change = self.shared.look_changes.with_own(session, refined.after)
        text = STAYS if change.session.look is session.look else NEARER
        return self._stage.of_change(change) | {self.note: sentence(text, session.language)}

    def of_session(self, session: Session) -> Updates:
        """The buttons under the photo: for a skeleton that is being placed, for one that can be corrected, and for the
        look."""
        shown = {self.placed: session.placing, self.correct: session.correctable}
        shown[self.refine] = session.correctable and not session.placing
        return {button: gr.update(visible=visible) for button, visible in shown.items()}

    def _placed(self, photo: str, pose: Pose) -> Person:
        if not Path(photo).exists():
            raise VUNetError("The photo was deleted after an hour: upload it again.")
        return self.shared.studio.place(photo, pose)


def without_announcement(text: str) -> Any:
    """An empty note, unless it says something else by now."""
    return "" if text in {sentence(REFINING, language) for language in LABELS} else gr.skip()


def note(person: Person, language: str) -> str:
    """What the visitor should know about a photo's person; mostly nothing."""
    return " ".join(sentence(text, language) for text in difficulties(person))
