"""The gallery of looks sampled from the learned prior p(z|ŷ)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import gradio as gr
import numpy as np

from vunet.errors import VUNetError
from vunet.pose.skeleton import Pose
from vunet.studio.appearance import Appearance
from vunet.studio.studio import MAX_SEED
from vunet.studio.wishes import COLOURED, COLOURS
from vunet.ui.panels.stage_outputs import StageOutputs, Updates
from vunet.ui.visitor.examples import thumbnails
from vunet.ui.visitor.session import LOOKS, NOBODY, Session
from vunet.ui.visitor.shared import Shared
from vunet.ui.visitor.zero_gpu import on_zero_gpu
from vunet.ui.words.error_messages import PRIVATE, QUIET, with_error_messages
from vunet.ui.words.texts import label

MOST_VARIETY = 1.5
FIRST_SEED, TEMPERATURE = 6, 1.0  # that the page opens with: eight outfits of different cuts and colours
WISHES = ("dress", "skirt", "trousers", "shorts", "coat")  # hats, sunglasses and bags seldom come when asked for
LATEST: dict[str, Any] = {"trigger_mode": "always_last"}
# What can be asked for beside garments: the wish for each word of a menu.
ASKED: dict[str, dict[str, str]] = {
    **{place: {f"colour.{colour}": f"{colour} {place}" for colour in COLOURS} for place in COLOURED},
    "sleeves": {"sleeves.long": "long sleeves", "sleeves.short": "short sleeves"},
}
BETWEEN = 7  # looks of the strip, from the own one to the one put on last


@dataclass(frozen=True, eq=False)
class PicturedLook:
    """A look with its picture (S, S, 3) uint8, and the checkpoint it is of; a locked one stays when others are sampled."""

    look: Appearance
    picture: np.ndarray
    name: str
    checkpoint: str = ""
    locked: bool = False


Gallery = tuple[PicturedLook, ...]
GONE = "The server does not remember these looks any more: draw new ones."


class LooksPanel:
    """Samples, varies, locks, blends."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self._sampling_first = Lock()
        self._first: Gallery = ()
        self.shown: Any = gr.State(())
        self.new_looks: Any = gr.State(())
        self.between: Any = gr.State(None)
        self.chosen: Any = gr.State(None)
        self.gallery = thumbnails("looks", label("looks.gallery"))
        with gr.Row():
            self.new = gr.Button(label("looks.new"), variant="primary", min_width=60, elem_id="new-looks")
            self.more = gr.Button(label("looks.more"), min_width=60, elem_id="more-looks")
            self.lock = gr.Button(label("looks.lock"), min_width=60, elem_id="lock-look", interactive=False)
            self.keep = gr.Button(label("looks.keep"), min_width=60, elem_id="keep-look", interactive=False)
        garments = [(label(f"garment.{name}"), name) for name in WISHES if name in shared.studio.garments]
        self.wearing = gr.CheckboxGroup(
            garments, label=label("looks.wearing"), elem_id="wearing", visible=bool(garments) or "hidden"
        )
        with gr.Row(elem_classes="vu-blend"):
            self.own = gr.Button(label("looks.own"), min_width=60, size="sm", elem_id="own-look")
            self.blend = gr.Slider(
                0, 1, 0, step=0.01, label=label("looks.blend"), min_width=150, elem_id="blend", buttons=[]
            )
            self.steps = gr.Button(label("looks.between"), min_width=60, size="sm", elem_id="between")
        with gr.Accordion(label("looks.options"), open=False, elem_id="looks-options"):
            with gr.Row():
                self.asked = {name: _choice(name, wishes, shared.studio.tells_colours) for name, wishes in ASKED.items()}
            with gr.Row():
                self.seed = gr.Number(
                    label=label("looks.seed"), value=FIRST_SEED, precision=0, minimum=0, maximum=MAX_SEED, min_width=110
                )
                self.temperature = gr.Slider(
                    0, MOST_VARIETY, TEMPERATURE, step=0.05, min_width=150, label=label("looks.temperature"),
                    info=label("looks.temperature.info"),
                )  # fmt: skip
        self.strip = thumbnails("strip", label("looks.between"), columns=BETWEEN)

    def wire(self, stage: StageOutputs) -> None:
        """Connects the panel."""
        self._stage, session, worn = stage, stage.session, stage.worn
        self.fill(self.new.click(new_seed, None, self.seed, **QUIET))
        self.fill(self.seed.submit(lambda: None, **QUIET))
        # At every change, because arrow keys release nothing.
        for changed in (self.temperature.input, self.wearing.input, *(menu.input for menu in self.asked.values())):
            self._show(changed(self.sample, self._wanted, self.new_looks, **self._busy, **LATEST))
        varying = self.more.click(new_seed, None, self.seed, **QUIET)
        self._show(varying.then(self.vary, [stage.editor, session, self.seed], self.new_looks, **self._busy))
        self.gallery.select(self.wear, [session, self.shown, stage.part], [*worn, self.chosen], **QUIET)
        self.chosen.change(enabled_if_chosen, self.chosen, self.lock, **QUIET)
        self.chosen.change(enabled_if_chosen, self.chosen, self.keep, **QUIET)
        self.lock.click(self.toggle_lock, [self.shown, self.chosen], [self.shown, self.gallery], **QUIET)
        self.own.click(self.wear_own, session, worn, **QUIET)
        self.blend.input(self.wear_blend, [session, self.blend], worn, **LATEST, **QUIET)
        self.steps.click(self.in_betweens, [stage.editor, session], [self.between, self.strip], **PRIVATE)
        self.strip.select(self.step_to, [session, self.between], worn, **QUIET)

    def fill(self, after: Any) -> None:
        """After an event, fills the gallery with samples for the pose on the stage."""
        self._show(after.then(self.sample, self._wanted, self.new_looks, **self._busy))

    @property
    def _wanted(self) -> list[Any]:
        return [self._stage.editor, self._stage.session, self.seed, self.temperature, *self.wishes]

    @property
    def wishes(self) -> list[Any]:
        """The parts of the page that say what samples should wear, for `wishes_of`."""
        return [self.wearing, *self.asked.values()]

    def _show(self, sampling: Any) -> None:
        changed = [self.shown, self.gallery, self.chosen]
        sampling.success(self.merge, [self.new_looks, self.shown, self.chosen], changed, **QUIET)

    @property
    def _busy(self) -> dict[str, Any]:
        return {"show_progress_on": self.gallery, **PRIVATE}

    @with_error_messages
    def sample(
        self, pose: Pose | None, session: Session, seed: float, temperature: float, *wishes: Sequence[str] | str | None
    ) -> Gallery:
        """Samples looks from p(z|ŷ) for the pose on the stage. wishes: what they should wear, as `wishes_of` reads it."""
        wanted = (pose or Pose.default(), int(seed or 0), float(temperature), session.checkpoint, wishes_of(*wishes))
        return self._opening() if wanted == self._at_opening else self._sampled(*wanted)

    @with_error_messages
    def vary(self, pose: Pose | None, session: Session, seed: float) -> Gallery:
        """Samples looks around the one that is worn."""
        if session.look is None or pose is None:
            raise VUNetError(NOBODY)
        looks = self.shared.studio_of(session).vary(session.look, LOOKS, int(seed or 0))
        return self._pictured(looks, pose, int(seed or 0), session.checkpoint)

    @property
    def _at_opening(self) -> tuple[Pose, int, float, str, tuple[str, ...]]:
        return self.shared.examples[0].pose, FIRST_SEED, TEMPERATURE, "", ()

    def _opening(self) -> Gallery:
        """What nearly every visitor meets first: sampled once, kept for all."""
        with self._sampling_first:
            self._first = self._first or self._sampled(*self._at_opening)
            return self._first

    def sample_ahead(self) -> None:
        """Samples the opening gallery; where that fails, or on ZeroGPU, the first visitor's page tries again."""
        with suppress(VUNetError):
            if not on_zero_gpu():
                self._opening()

    def _sampled(self, pose: Pose, seed: int, temperature: float, checkpoint: str, wearing: tuple[str, ...]) -> Gallery:
        studio = self.shared.studios.queued(checkpoint)
        known = tuple(wish for wish in wearing if studio.knows(wish))  # another model may know none
        looks = studio.sample(pose, LOOKS, seed, temperature, wearing=known)
        return self._pictured(looks, pose, seed, checkpoint)

    def _pictured(self, looks: list[Appearance], pose: Pose, seed: int, checkpoint: str) -> Gallery:
        studio = self.shared.studios.queued(checkpoint)
        pictures = studio.render_many(looks, [pose] * len(looks), studio.live_size)
        pairs = zip(looks, pictures, strict=True)
        return tuple(PicturedLook(look, picture, f"{seed}/{i + 1}", checkpoint) for i, (look, picture) in enumerate(pairs))

    def merge(self, new: Gallery, looks: Gallery, chosen: int | None) -> Updates:
        """The new looks in the places of those that are not locked; sampling takes long enough for locks to change."""
        kept = {i: old for i, old in enumerate(looks) if old.locked}
        merged = tuple(kept.get(i, look) for i, look in enumerate(new))
        return self._of_gallery(merged) | {self.chosen: chosen if chosen in kept else None}

    def _of_gallery(self, looks: Gallery) -> Updates:
        pictures = [(each.picture, str(label("looks.locked")) if each.locked else None) for each in looks]
        return {self.shown: looks, self.gallery: pictures}

    @with_error_messages
    def wear(self, session: Session, looks: Gallery, part: str, event: gr.SelectData) -> Updates:
        """Puts on a look of the gallery, or one part of it, and remembers which it was."""
        if not 0 <= event.index < len(looks):
            raise VUNetError(GONE)
        chosen = looks[event.index]
        change = self.shared.look_changes.put_on(session, chosen.look, chosen.name, part, chosen.checkpoint)
        return self._stage.of_change(change) | {self.chosen: event.index}

    @with_error_messages
    def wear_own(self, session: Session) -> Updates:
        """Puts the look of the photo on again."""
        return self._stage.of_change(self.shared.look_changes.put_on_own(session))

    @with_error_messages
    def wear_blend(self, session: Session, weight: float) -> Updates:
        """Puts on a look between the own one and the one put on last."""
        return self._stage.of_change(self.shared.look_changes.blend(session, weight))

    @with_error_messages
    def toggle_lock(self, looks: Gallery, chosen: int | None) -> Updates:
        """Locks the look chosen last, or unlocks it."""
        if chosen is None or chosen >= len(looks):
            raise VUNetError("Choose a look first.")
        turned = replace(looks[chosen], locked=not looks[chosen].locked)
        return self._of_gallery((*looks[:chosen], turned, *looks[chosen + 1 :]))

    @with_error_messages
    def in_betweens(self, pose: Pose | None, session: Session) -> tuple[Any, list]:
        """A strip of looks from the own one to the one put on last, in the pose on the stage."""
        if session.own is None or session.picked is None or pose is None:
            raise VUNetError(NOBODY)
        if session.picked is session.own:
            raise VUNetError("Choose a look first.")
        studio = self.shared.studio_of(session)
        looks = [studio.blend(session.own, session.picked, float(w)) for w in np.linspace(0, 1, BETWEEN)]
        pictures = studio.render_many(looks, [pose] * BETWEEN, studio.live_size)
        return session.picked, [(picture, None) for picture in pictures]

    @with_error_messages
    def step_to(self, session: Session, target: Any, event: gr.SelectData) -> Updates:
        """Puts on a look of the strip."""
        if not isinstance(target, Appearance):
            raise VUNetError(GONE)
        weight = event.index / (BETWEEN - 1)
        change = self.shared.look_changes.blend(replace(session, picked=target), weight)
        return self._stage.of_change(change) | {self.blend: weight}


def wishes_of(*chosen: Sequence[str] | str | None) -> tuple[str, ...]:
    """What samples should wear: garments, and what is chosen in the menus, of which empty ones ask for nothing."""
    groups = ([each] if isinstance(each, str) else each or () for each in chosen)
    return tuple(wish for group in groups for wish in group if wish)


def settings_of(wishes: Sequence[str]) -> list[Any]:
    """The inverse of `wishes_of`; what the page does not have is left out."""
    menus = [next((wish for wish in wishes if wish in menu.values()), "") for menu in ASKED.values()]
    return [[wish for wish in wishes if wish in WISHES], *menus]


def _choice(name: str, wishes: dict[str, str], visible: bool) -> Any:
    choices = [(label("looks.any"), ""), *((label(word), wish) for word, wish in wishes.items())]
    return gr.Dropdown(
        choices, value="", label=label(f"looks.{name}"), elem_id=f"asked-{name}", min_width=90, visible=visible
    )


def enabled_if_chosen(chosen: int | None) -> Any:
    """For a button that works on the look chosen last."""
    return gr.update(interactive=chosen is not None)


def new_seed() -> int:
    """Another seed, for the buttons that sample new looks."""
    return random.randrange(1, 10_000)
