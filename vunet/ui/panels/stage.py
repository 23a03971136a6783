"""The rendered person with the skeleton over it, and what can be kept of them."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import gradio as gr
import numpy as np

from vunet.errors import VUNetError
from vunet.person.scene import into_scene, scene_behind
from vunet.pose.anatomy import PARTS
from vunet.pose.body_3d import side_of_trunk
from vunet.pose.files.formats import read_text
from vunet.pose.joints import EXTREMITIES, JOINTS
from vunet.pose.key_poses import Motion
from vunet.pose.skeleton import Pose
from vunet.pose.stance import upright_depths
from vunet.pose.stickman import draw_stickman
from vunet.studio.appearance import Appearance, codes_of_parts
from vunet.ui.components.skeleton_editor import FrameFeed, SkeletonEditor, copy_link, download, stage_value
from vunet.ui.panels.looks import PicturedLook, wishes_of
from vunet.ui.panels.stage_outputs import Updates
from vunet.ui.panels.wardrobe import Wardrobe
from vunet.ui.visitor.data_urls import data_url, png_url
from vunet.ui.visitor.loaded_checkpoints import forwarded
from vunet.ui.visitor.session import NO_SCENE, NOBODY, Session
from vunet.ui.visitor.session_file import BROKEN, MAX_CHARACTERS, Saved, write_session
from vunet.ui.visitor.share_link import Link, Sample, write_link
from vunet.ui.visitor.shared import Shared
from vunet.ui.words.error_messages import QUIET, with_error_messages
from vunet.ui.words.texts import label, language_of, sentence, spoken

SHEET_COLUMNS = 4
TORSO = PARTS.index("torso")


class StagePanel:
    """The editor with its feed."""

    def __init__(self, shared: Shared) -> None:
        self.editor = SkeletonEditor(shared.live_renderer.render, shared.live_renderer.astray, depths_of, elem_id="stage")
        self.feed = FrameFeed(elem_classes="vu-feed")


def depths_of(request: Any) -> dict[str, Any]:
    """For the editor: {"pose"} to how far each joint is towards the camera, in frames, and on which side of the trunk each
    limb lies, "front", "behind" or ""."""
    try:
        pose = Pose.from_dict(request.get("pose") or {}).require_usable()
    except VUNetError as error:
        return {"error": sentence(str(error), spoken(request))}
    except AttributeError:
        return {"error": sentence("The page sent no pose: reload it.", spoken(request))}
    depths = upright_depths(pose.joints, pose.visible)
    return {
        "depths": {name: round(float(depth), 5) for name, depth in zip(JOINTS, depths, strict=True)},
        "sides": {limb: side_of_trunk(pose, limb) for limb in EXTREMITIES},
    }


class SavePanel:
    """Pictures and the session as files: a menu."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        with gr.Accordion(label("keep.title"), open=False, elem_id="save-menu"):
            self.png, self.cutout, self.scene, self.both, self.sheet, self.save = (
                gr.Button(label(f"keep.{name}"), size="sm", elem_id=f"save-{name}")
                for name in ("png", "cutout", "scene", "both", "sheet", "session")
            )
            self.link = gr.Button(label("keep.link"), size="sm", elem_id="copy-link")
            self.open = gr.UploadButton(label("keep.open"), file_types=[".json"], size="sm", elem_id="open-session")

    def wire(
        self,
        session: gr.State,
        stage: StagePanel,
        looks: Any,
        motion: Any,
        wardrobe: Any,
        model: Any,
        reset: dict[str, Any],
    ) -> None:
        """looks: the panel of samples, for the sheet and the link. motion, wardrobe: the strip of key poses and the kept
        looks, which belong to the session. model: the panel that names the checkpoint. reset: the event that sets the
        other panels to a new session."""
        self._session, self._editor, self._motion, self._model, self._wardrobe = (
            session,
            stage.editor,
            motion,
            model,
            wardrobe,
        )
        self.png.click(self.save_png, [stage.editor, session], stage.feed, **QUIET)
        self.cutout.click(self.save_cutout, [stage.editor, session], stage.feed, **QUIET)
        self.scene.click(self.save_scene, [stage.editor, session], stage.feed, **QUIET)
        self.both.click(self.save_both, [stage.editor, session], stage.feed, **QUIET)
        self.sheet.click(self.save_sheet, [stage.editor, session, looks.shown], stage.feed, **QUIET)
        sampled = [looks.shown, looks.temperature, *looks.wishes]
        self.link.click(self.copy_link, [stage.editor, session, *sampled], stage.feed, **QUIET)
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
        return download("person-cutout.png", png_url(self._cutout(pose, session)), time.time_ns())

    @with_error_messages
    def save_scene(self, pose: Pose | None, session: Session) -> dict[str, Any]:
        """The person on the stage, in the photo again."""
        cut, ground = self._cutout(pose, session), scene_behind(session.person)
        if ground is None:
            raise VUNetError(NO_SCENE)
        return download("person-in-photo.png", png_url(into_scene(cut, ground)), time.time_ns())

    @with_error_messages
    def save_both(self, pose: Pose | None, session: Session) -> dict[str, Any]:
        """The photo and the person on the stage, side by side."""
        picture = self._picture(pose, session)
        assert session.own is not None
        before = self._before(session)
        both = np.concatenate([cv2.resize(before, picture.shape[:2], interpolation=cv2.INTER_AREA), picture], axis=1)
        return download("before-after.png", png_url(both), time.time_ns())

    def _before(self, session: Session) -> np.ndarray:
        """The photo's frame, or what stands for it after a session was opened: the own look in its own pose."""
        assert session.own is not None
        if session.person is not None:
            return session.person.backdrop
        return self.shared.studio_of(session).render(session.own, session.own.pose)

    @with_error_messages
    def save_sheet(self, pose: Pose | None, session: Session, gallery: tuple[PicturedLook, ...]) -> dict[str, Any]:
        """One picture of all: photo, skeleton, own look, worn look, this in the photo if there is one, and the gallery."""
        picture = self._picture(pose, session)
        assert pose is not None and session.own is not None
        photo = self._before(session)
        studio = self.shared.studio_of(session)
        own = studio.render(session.own, pose)
        tiles = [photo, draw_stickman(pose, studio.size, True), own, picture]
        ground = scene_behind(session.person)
        tiles += [] if ground is None else [into_scene(self._cutout(pose, session), ground)]
        tiles += [each.picture for each in gallery]
        return download("sheet.png", png_url(_grid(tiles, studio.size)), time.time_ns())

    @with_error_messages
    def copy_link(
        self,
        pose: Pose | None,
        session: Session,
        gallery: tuple[PicturedLook, ...],
        temperature: float,
        *wishes: Sequence[str] | str | None,
    ) -> dict[str, Any]:
        """The address of this page, with the pose, and the outfit if it is a sample as it was sampled."""
        if pose is None or session.look is None:
            raise VUNetError(NOBODY)
        sample = self._sample_of(session, gallery, temperature, wishes_of(*wishes))
        return copy_link(write_link(Link(pose, sample)), sample is not None, time.time_ns())

    def _sample_of(
        self, session: Session, gallery: tuple[PicturedLook, ...], temperature: float, wearing: tuple[str, ...]
    ) -> Sample | None:
        """Which sample of the gallery is worn, or the clothes of which; None for all else: it has no short name."""
        name = session.worn.get("torso", session.base)
        seed, _, number = name.partition("/")
        entry = next((each for each in gallery if each.name == name and not each.checkpoint), None)
        if entry is None or session.look is None or not (seed.isdecimal() and number.isdecimal()):
            return None
        sample = Sample(entry.look.pose, int(seed), temperature, wearing, int(number) - 1)
        worn, again = (self._finest_code(look) for look in (session.look, self.shared.sampled(sample)))
        return sample if np.array_equal(worn, again) else None

    def _finest_code(self, look: Appearance) -> np.ndarray:
        """That of the torso, where parts have their own."""
        config = self.shared.studio.config
        return codes_of_parts(look, config.parts)[-1][TORSO] if config.part_codes else look.codes[-1]

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
    def open_session(self, path: str, session: Session, request: gr.Request) -> Updates:
        """Puts the work of a session file on the stage, rendered by the checkpoint that it was made with."""
        text = read_text(path, BROKEN, MAX_CHARACTERS)
        saved = self.shared.read_saved(text, session.checkpoint, forwarded(request.headers))
        session = self.shared.reopen(replace(session, language=language_of(request)), saved)
        studio = self.shared.studio_of(session)
        own = data_url(studio.render(saved.own, saved.own.pose))
        shown = stage_value(saved.pose, own, session.token, new_person=True)
        wardrobe = tuple(
            PicturedLook(look, studio.render(look, look.pose, studio.live_size), name, session.checkpoint)
            for name, look in saved.wardrobe
        )
        others = {self._motion: saved.motion, self._model.name: studio.name}
        return {self._session: session, self._editor: shown} | others | self._wardrobe.of_items(wardrobe)

    def _cutout(self, pose: Pose | None, session: Session) -> np.ndarray:
        if pose is None or session.look is None:
            raise VUNetError(NOBODY)
        return self.shared.studio_of(session).cutout(session.look, pose)

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
