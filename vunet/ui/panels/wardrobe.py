"""The wardrobe: looks that the visitor collects from photos and samples, to be worn whole or part by part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from vunet.errors import VUNetError
from vunet.pose.skeleton import Pose
from vunet.ui.panels.looks import PicturedLook, enabled_if_chosen
from vunet.ui.panels.stage_outputs import StageOutputs, Updates
from vunet.ui.visitor.examples import thumbnails
from vunet.ui.visitor.session import NOBODY, Session
from vunet.ui.visitor.session_file import MOST
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import PRIVATE, QUIET, with_error_messages
from vunet.ui.words.texts import label, language_of, sentence

Wardrobe = tuple[PicturedLook, ...]
FULL = f"The wardrobe holds {MOST} looks: remove one first."


class WardrobePanel:
    """Collects looks; a click on one wears what the radio above says."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.items: Any = gr.State(())
        self.found: Any = gr.State(())
        self.chosen: Any = gr.State(None)
        self.gallery = thumbnails("wardrobe", label("wardrobe.gallery"))
        gr.Markdown(label("wardrobe.empty"), elem_id="wardrobe-empty")
        with gr.Row():
            self.photos = gr.UploadButton(
                label("wardrobe.photos"),
                file_count="multiple",
                file_types=["image"],
                min_width=90,
                elem_id="wardrobe-photos",
            )
            self.add = gr.Button(label("wardrobe.add"), min_width=90, elem_id="wardrobe-add")
            self.remove = gr.Button(label("wardrobe.remove"), min_width=60, elem_id="wardrobe-remove", interactive=False)

    def wire(self, stage: StageOutputs, looks: Any) -> None:
        """looks: the panel of sampled looks, whose chosen one can be kept here."""
        self._stage, session = stage, stage.session
        shown = [self.items, self.gallery]
        reading = self.photos.upload(
            self.read_photos, [self.photos, session, self.items], self.found, show_progress_on=self.gallery, **PRIVATE
        )
        reading.success(self.add_read, [self.found, self.items], shown, **QUIET)
        self.add.click(self.add_worn, [stage.editor, session, self.items], shown, **QUIET)
        looks.keep.click(self.add_sampled, [looks.shown, looks.chosen, self.items], shown, **QUIET)
        self.chosen.change(enabled_if_chosen, self.chosen, self.remove, **QUIET)
        self.remove.click(self.take_out, [self.items, self.chosen], [*shown, self.chosen], **QUIET)
        self.gallery.select(self.wear, [session, self.items, stage.part], [*stage.worn, self.chosen], **QUIET)

    @with_error_messages
    def read_photos(
        self,
        paths: list[str],
        session: Session,
        items: Wardrobe,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[Any]:
        """The people of photos, as many as there is room for; a photo that cannot be used is named."""
        room, found = MOST - len(items), list[PicturedLook]()
        if paths and room <= 0:
            raise VUNetError(FULL)
        if len(paths or []) > room:
            warning = f"The wardrobe holds {MOST} looks: the first {room} photos are read."
            gr.Warning(sentence(warning, language_of(request)))
        for path in progress.tqdm((paths or [])[:room], desc=""):
            name = Path(path).stem[:24]
            try:
                person = self.shared.studio.detect(path)
                look = self.shared.studio_of(session).encode(person)
                found.append(PicturedLook(look, person.image, name, session.checkpoint))
            except VUNetError as error:
                gr.Warning(sentence(f"{name}: {error}", language_of(request)), duration=8)
            yield tuple(found)

    @with_error_messages
    def add_read(self, found: Wardrobe, items: Wardrobe) -> Updates:
        """Puts what was read into the wardrobe, which may have grown meanwhile."""
        return self.of_items((*items, *found)[:MOST])

    @with_error_messages
    def add_worn(self, pose: Pose | None, session: Session, items: Wardrobe) -> Updates:
        """The look on the stage, mixed or not."""
        if session.look is None or pose is None:
            raise VUNetError(NOBODY)
        studio = self.shared.studio_of(session)
        picture = studio.render(session.look, session.look.pose, studio.live_size)
        number = 1 + sum(each.name.startswith("outfit ") for each in items)
        return self.of_items(_with(items, PicturedLook(session.look, picture, f"outfit {number}", session.checkpoint)))

    @with_error_messages
    def add_sampled(
        self, gallery: tuple[PicturedLook, ...], chosen: int | None, items: Wardrobe, request: gr.Request
    ) -> Updates:
        """The look of the gallery that was chosen last."""
        if chosen is None or chosen >= len(gallery):
            raise VUNetError("Choose a look first.")
        if not any(each.look is gallery[chosen].look for each in items):
            items = _with(items, gallery[chosen])
        gr.Info(sentence("Kept in the wardrobe.", language_of(request)), duration=3)
        return self.of_items(items)

    @with_error_messages
    def wear(self, session: Session, items: Wardrobe, part: str, event: gr.SelectData) -> Updates:
        """Puts on a look, or one part of it."""
        if not 0 <= event.index < len(items):
            raise VUNetError("The server does not remember these looks any more: open a saved session, or collect again.")
        chosen = items[event.index]
        change = self.shared.look_changes.put_on(session, chosen.look, chosen.name, part, chosen.checkpoint)
        return self._stage.of_change(change) | {self.chosen: event.index}

    @with_error_messages
    def take_out(self, items: Wardrobe, chosen: int | None) -> Updates:
        """Removes the look chosen last."""
        if chosen is None or chosen >= len(items):
            raise VUNetError("Choose a look first.")
        return self.of_items((*items[:chosen], *items[chosen + 1 :])) | {self.chosen: None}

    def of_items(self, items: Wardrobe) -> Updates:
        """What shows the wardrobe."""
        return {self.items: items, self.gallery: [(each.picture, each.name) for each in items]}


def _with(items: Wardrobe, new: PicturedLook) -> Wardrobe:
    if len(items) >= MOST:
        raise VUNetError(FULL)
    return (*items, new)
