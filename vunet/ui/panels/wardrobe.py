"""The wardrobe: looks that the visitor collects from photos and samples, to be worn whole or part by part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from vunet.errors import VUNetError
from vunet.pose.skeleton import Pose
from vunet.ui.examples import thumbnails
from vunet.ui.friendly import PRIVATE, QUIET, friendly
from vunet.ui.panels.looks import Drawn
from vunet.ui.session import NOBODY, Session
from vunet.ui.session_file import MOST
from vunet.ui.shared import Shared
from vunet.ui.texts import label, language_of, sentence

Hangers = tuple[Drawn, ...]


class WardrobePanel:
    """Collects looks; a click on one wears what the radio above says."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.hangers: Any = gr.State(())
        self.found: Any = gr.State(())
        self.chosen: Any = gr.State(None)
        gr.Markdown(label("wardrobe.title"))
        self.gallery = thumbnails("wardrobe", label("wardrobe.gallery"))
        with gr.Row():
            self.photos = gr.UploadButton(
                label("wardrobe.photos"),
                file_count="multiple",
                file_types=["image"],
                min_width=90,
                elem_id="wardrobe-photos",
            )
            self.add = gr.Button(label("wardrobe.add"), min_width=90, elem_id="wardrobe-add")
            self.remove = gr.Button(label("wardrobe.remove"), min_width=60, elem_id="wardrobe-remove")

    def wire(self, session: gr.State, editor: Any, part: gr.Radio, wear: list[Any], looks: Any) -> None:
        """looks: the panel of drawn looks, whose chosen one can be kept here."""
        shown = [self.hangers, self.gallery]
        reading = self.photos.upload(
            self.read_photos, [self.photos, session], self.found, show_progress_on=self.gallery, **PRIVATE
        )
        reading.success(self.hang, [self.found, self.hangers], shown, **QUIET)
        self.add.click(self.add_worn, [editor, session, self.hangers], shown, **QUIET)
        looks.keep.click(self.add_drawn, [looks.drawn, looks.chosen, self.hangers], shown, **QUIET)
        self.remove.click(self.take_out, [self.hangers, self.chosen], [*shown, self.chosen], **QUIET)
        self.gallery.select(self.wear, [session, self.hangers, part], [*wear, self.chosen], **QUIET)

    @friendly
    def read_photos(
        self,
        paths: list[str],
        session: Session,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Any]:
        """The people of photos; a photo that cannot be used is named, and the others are kept."""
        found: list[Drawn] = []
        for path in progress.tqdm(paths or [], desc=""):
            name = Path(path).stem[:24]
            try:
                person = self.shared.studio.detect(path)
                look = self.shared.studio_of(session).encode(person)
                found.append(Drawn(look, person.image, name, session.checkpoint))
            except VUNetError as error:
                gr.Warning(sentence(f"{name}: {error}", language_of(request)), duration=8)
            yield tuple(found)

    @friendly
    def hang(self, found: Hangers, hangers: Hangers) -> tuple[Hangers, list]:
        """Puts what was read into the wardrobe, which may have grown meanwhile."""
        for each in found:
            hangers = _with(hangers, each)
        return hung(hangers)

    @friendly
    def add_worn(self, pose: Pose | None, session: Session, hangers: Hangers) -> tuple[Hangers, list]:
        """The look on the stage, mixed or not."""
        if session.look is None or pose is None:
            raise VUNetError(NOBODY)
        picture = self.shared.studio_of(session).render(session.look, session.look.pose)
        number = 1 + sum(each.name.startswith("outfit ") for each in hangers)
        return hung(_with(hangers, Drawn(session.look, picture, f"outfit {number}", session.checkpoint)))

    @friendly
    def add_drawn(
        self, drawn: tuple[Drawn, ...], chosen: int | None, hangers: Hangers, request: gr.Request
    ) -> tuple[Hangers, list]:
        """The look of the gallery that was chosen last."""
        if chosen is None or chosen >= len(drawn):
            raise VUNetError("Choose a look first.")
        if not any(each.look is drawn[chosen].look for each in hangers):
            hangers = _with(hangers, drawn[chosen])
        gr.Info(sentence("Kept in the wardrobe.", language_of(request)), duration=3)
        return hung(hangers)

    @friendly
    def wear(self, session: Session, hangers: Hangers, part: str, event: gr.SelectData) -> tuple[Any, ...]:
        """Puts on a look, or one part of it."""
        if not 0 <= event.index < len(hangers):
            raise VUNetError("The server does not remember these looks any more: open a saved session, or collect again.")
        chosen = hangers[event.index]
        return *self.shared.dressing.put_on(session, chosen.look, chosen.name, part, chosen.checkpoint), event.index

    @friendly
    def take_out(self, hangers: Hangers, chosen: int | None) -> tuple[Any, ...]:
        """Removes the look chosen last."""
        if chosen is None or chosen >= len(hangers):
            raise VUNetError("Choose a look first.")
        return *hung((*hangers[:chosen], *hangers[chosen + 1 :])), None


def _with(hangers: Hangers, new: Drawn) -> Hangers:
    if len(hangers) >= MOST:
        raise VUNetError(f"The wardrobe holds {MOST} looks: remove one first.")
    return (*hangers, new)


def hung(hangers: Hangers) -> tuple[Hangers, list]:
    """The wardrobe's state and its pictures."""
    return hangers, [(each.picture, each.name) for each in hangers]
