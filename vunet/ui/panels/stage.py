"""The rendered person with the skeleton over it, and what can be kept of them."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from typing import Any

import cv2
import gradio as gr
import numpy as np

from vunet.errors import VUNetError
from vunet.inputs.person import lift
from vunet.pose.skeleton import Pose
from vunet.pose.stickman import draw_stickman
from vunet.ui.data_urls import data_url, png_url
from vunet.ui.error_messages import QUIET, with_error_messages
from vunet.ui.loaded_checkpoints import forwarded
from vunet.ui.motion_strip import Motion
from vunet.ui.panels.looks import Drawn
from vunet.ui.panels.poses import read_text
from vunet.ui.panels.wardrobe import Wardrobe, shown_wardrobe
from vunet.ui.session import NOBODY, Session
from vunet.ui.session_file import BROKEN, MAX_CHARACTERS, Saved, write_session
from vunet.ui.shared import Shared
from vunet.ui.skeleton_editor import FrameFeed, SkeletonEditor, download, stage_value
from vunet.ui.texts import label, language_of

SHEET_COLUMNS = 4


class StagePanel:
    """The editor with its feed."""

    def __init__(self, shared: Shared) -> None:
        self.editor = SkeletonEditor(shared.live_renderer.draw, elem_id="stage")
        self.feed = FrameFeed(elem_classes="vu-feed")


class SavePanel:
    """Pictures and the session as files, under the stage."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        with gr.Row(elem_classes="vu-keep"):
            self.png = gr.Button(label("keep.png"), size="sm", min_width=80, elem_id="save-png")
            self.cutout = gr.Button(label("keep.cutout"), size="sm", min_width=110, elem_id="save-cutout")
            self.sheet = gr.Button(label("keep.sheet"), size="sm", min_width=80, elem_id="save-sheet")
            self.save = gr.Button(label("keep.session"), size="sm", min_width=80, elem_id="save-session")
            self.open = gr.UploadButton(
                label("keep.open"), file_types=[".json"], size="sm", min_width=80, elem_id="open-session"
            )

    def wire(
        self,
        session: gr.State,
        stage: StagePanel,
        drawn: Any,
        motion: Any,
        wardrobe: Any,
        model: Any,
        reset: dict[str, Any],
    ) -> None:
        """drawn: the gallery's looks, for the sheet. motion, wardrobe: the strip of key poses and the kept looks, which
        belong to the session. model: the panel that names the checkpoint. reset: the event that sets the other panels to a
        new session."""
        self.png.click(self.save_png, [stage.editor, session], stage.feed, **QUIET)
        self.cutout.click(self.save_cutout, [stage.editor, session], stage.feed, **QUIET)
        self.sheet.click(self.save_sheet, [stage.editor, session, drawn], stage.feed, **QUIET)
        self.save.click(self.save_session, [stage.editor, session, motion, wardrobe.items], stage.feed, **QUIET)
        opened = [session, stage.editor, motion, wardrobe.items, wardrobe.gallery, model.name]
        self.open.upload(self.open_session, [self.open, session], opened, **QUIET).success(**reset)

    @with_error_messages
    def save_png(self, pose: Pose | None, session: Session) -> dict[str, Any]:
        """The person on the stage as a PNG for the visitor."""
        return download("person.png", png_url(self._picture(pose, session)), time.time_ns())

    @with_error_messages
    def save_cutout(self, pose: Pose | None, session: Session) -> dict[str, Any]:
        """The same without the background."""
        return download("person-cutout.png", png_url(lift(self._picture(pose, session))), time.time_ns())

    @with_error_messages
    def save_sheet(self, pose: Pose | None, session: Session, drawn: tuple[Drawn, ...]) -> dict[str, Any]:
        """One picture of all: photo, skeleton, own look, worn look, and the gallery."""
        picture = self._picture(pose, session)
        assert pose is not None and session.own is not None
        photo = picture if session.person is None else session.person.backdrop
        studio = self.shared.studio_of(session)
        own = studio.render(session.own, pose)
        tiles = [photo, draw_stickman(pose, studio.size, True), own, picture, *(each.picture for each in drawn)]
        return download("sheet.png", png_url(_grid(tiles, studio.size)), time.time_ns())

    @with_error_messages
    def save_session(self, pose: Pose | None, session: Session, motion: Motion, wardrobe: Wardrobe) -> dict[str, Any]:
        """Pose, looks, wardrobe and motion as one JSON file."""
        if pose is None or session.look is None or session.own is None:
            raise VUNetError(NOBODY)
        kept = tuple(
            (each.name, self.shared.look_changes.converted(session, each.look, each.checkpoint)) for each in wardrobe
        )
        name = self.shared.studio_of(session).name
        text = write_session(Saved(pose, session.look, session.own, motion, name, kept))
        return download("vunet-session.json", _json_url(text), time.time_ns())

    @with_error_messages
    def open_session(self, path: str, session: Session, request: gr.Request) -> tuple[Any, ...]:
        """Puts the work of a session file on the stage, drawn by the checkpoint that it was made with."""
        text = read_text(path, BROKEN, MAX_CHARACTERS)
        saved = self.shared.read_saved(text, session.checkpoint, forwarded(request.headers))
        session = self.shared.reopen(replace(session, language=language_of(request)), saved)
        studio = self.shared.studio_of(session)
        own = data_url(studio.render(saved.own, saved.own.pose))
        stage = stage_value(saved.pose, own, session.token, new_person=True)
        wardrobe = tuple(
            Drawn(look, studio.render(look, look.pose), name, session.checkpoint) for name, look in saved.wardrobe
        )
        return session, stage, saved.motion, *shown_wardrobe(wardrobe), studio.name

    def _picture(self, pose: Pose | None, session: Session) -> np.ndarray:
        if pose is None or session.look is None:
            raise VUNetError(NOBODY)
        return self.shared.studio_of(session).render(session.look, pose)


def _grid(tiles: list[np.ndarray], size: int) -> np.ndarray:
    """Pictures in rows of four, the last row filled up with white."""
    blank = np.full((size, size, 3), 255, np.uint8)
    tiles = [tile if tile.shape[0] == size else cv2.resize(tile, (size, size)) for tile in tiles]
    tiles += [blank] * (-len(tiles) % SHEET_COLUMNS)
    rows = [np.concatenate(tiles[i : i + SHEET_COLUMNS], axis=1) for i in range(0, len(tiles), SHEET_COLUMNS)]
    return np.concatenate(rows)


def _json_url(text: str) -> str:
    return "data:application/json;base64," + base64.b64encode(text.encode()).decode()
