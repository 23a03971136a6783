"""Renders for drags: a pose and the token of a look in, a picture out, without Gradio's event queue.

A Gradio event costs a drag 25 ms a picture in server and browser, a third of what the model itself takes.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from anyio import to_thread

from vunet.errors import Busy, Superseded, VUNetError
from vunet.person.framing import Person
from vunet.person.scene import into_scene, scene_behind
from vunet.pose.skeleton import Pose
from vunet.runtime.render_queue import MAX_WAIT, RenderQueue, Ticket, live
from vunet.studio import Studio
from vunet.studio.appearance import Appearance
from vunet.studio.look_renderer import LookRenderer
from vunet.ui.visitor.data_urls import data_url
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.words.texts import sentence, spoken

# Looks, each up to 1.3 MB, twice that once seen from behind, and as much for a photo; as many as drags may wait, where
# those are more. A visitor whose look was dropped is asked for it again.
KEPT = 128
SHARP_WITHIN = 0.06  # seconds of a finer picture above which a drag shows D's own
NEWEST = 0.25  # weight of the newest time in the mean


@dataclass(frozen=True, eq=False)
class Kept:
    """A look, the name of the model that it is of, and the person whose photo it may stand in."""

    look: Appearance
    checkpoint: str
    scene: Scene

    def on(self, person: Person | None) -> bool:
        """Whether it is this person's."""
        return self.scene.person is person


@dataclass(eq=False)
class Scene:
    """A photo without its person, made when it is first asked for."""

    person: Person | None

    @cached_property
    def picture(self) -> np.ndarray | None:
        """(S, S, 3) uint8; None where there is no photo."""
        return scene_behind(self.person)


class Pace:
    """Whether the finer picture comes fast enough to be rendered while the hand moves: by the last ones' time, where nobody
    else waits."""

    def __init__(self) -> None:
        self._seconds: WeakKeyDictionary[Studio, float] = WeakKeyDictionary()

    def sharp(self, studio: Studio) -> bool:
        """False until a finer picture was rendered at rest."""
        return self._seconds.get(studio, SHARP_WITHIN) < SHARP_WITHIN and not studio.renderer.queue.waiting

    @contextmanager
    def measured(self, studio: Studio, fine: bool) -> Iterator[None]:
        """Around a render."""
        alone, started = not studio.renderer.queue.waiting, time.perf_counter()
        yield
        if fine and alone:
            seconds = time.perf_counter() - started
            before = self._seconds.get(studio, seconds)
            self._seconds[studio] = before + NEWEST * (min(seconds, 2 * before) - before)  # one hiccup is no trend


async def result_in_time(queue: RenderQueue, ticket: Ticket) -> Any:
    """`RenderQueue.result` for coroutines."""
    waited = asyncio.wrap_future(ticket.future)
    await asyncio.wait([waited], timeout=MAX_WAIT[ticket.caller.live])
    if not waited.done():
        queue.give_up(ticket)
    return await waited


def _shown(renderer: LookRenderer, rendered: Any, scene: np.ndarray | None) -> np.ndarray:
    """A rendered picture on the plain ground, or in the scene."""
    return renderer.on_ground(rendered) if scene is None else into_scene(renderer.off_ground(rendered), scene)


class LiveRenderer:
    """Renders for visitors who know a look's token. Tokens cannot be guessed, so nobody sees another one's look."""

    def __init__(self, studios: Studios, kept: int | None = None) -> None:
        """kept: looks that are remembered, by default what the first studio's queue has places for."""
        self._studios, self._kept = studios, kept or max(KEPT, studios.first.renderer.queue.places)
        self._looks: OrderedDict[str, Kept] = OrderedDict()
        self._lock, self._checking = threading.Lock(), threading.Lock()
        self._pace = Pace()

    def keep(self, look: Appearance, token: str = "", checkpoint: str = "", person: Person | None = None) -> str:
        """The token that `render` will know the look by: the visitor's own, whose look is replaced, or a new one.

        checkpoint: the name of the model that the look is of. person: who is on the stage.
        """
        token = token or secrets.token_urlsafe(16)
        with self._lock:
            before = self._looks.get(token)
            scene = before.scene if before is not None and before.on(person) else Scene(person)
            self._looks[token] = Kept(replace(look, crops=None), checkpoint, scene)  # a render needs no crops
            self._looks.move_to_end(token)
            while len(self._looks) > self._kept:
                self._looks.popitem(last=False)
        return token

    def forget(self, token: str) -> None:
        """Drops the look of a visitor who left."""
        with self._lock:
            self._looks.pop(token, None)

    async def render(self, request: Any) -> dict[str, Any]:
        """{"token", "seq", "pose", "fine", "rest", "scene", "language"} to {"seq"} with "src", a data URL, "finer" and
        "ms", or "error", "busy", "late" or "lost".

        fine: the picture of `Studio.size`. rest: no hand moves. finer: whether there is one yet. scene: in the visitor's
        own photo. ms: milliseconds that the answer took here. late: a newer pose of the same visitor took its place. Where
        the finer picture is fast enough it comes at once.
        """
        if not isinstance(request, dict) or not isinstance(request.get("seq"), int):
            return {"error": "The page sent no pose: reload it."}
        seq = {"seq": request["seq"]}
        kept = self._look(request.get("token"))
        if kept is None:
            return seq | {"lost": True}
        started = time.perf_counter()
        try:
            with live(request["token"], at_rest=bool(request.get("rest"))):
                picture = await self._rendered(kept, request)
            source = await to_thread.run_sync(data_url, picture)
            answer = {"src": source, "finer": len(picture) < self._studios[kept.checkpoint].size}
            return seq | answer | {"ms": round(1e3 * (time.perf_counter() - started), 1)}
        except Superseded:
            return seq | {"late": True}
        except Busy as error:
            return seq | {"busy": sentence(str(error), spoken(request))}
        except VUNetError as error:
            return seq | {"error": sentence(str(error), spoken(request))}

    def astray(self, request: Any) -> dict[str, Any]:
        """{"token", "pose"} to {"astray"}: names of joints that the person does not follow; {} where it cannot be told."""
        kept = self._look(request.get("token")) if isinstance(request, dict) else None
        if kept is None or not self._checking.acquire(blocking=False):  # one at a time: drags come first
            return {}
        try:
            with live("astray " + request["token"], at_rest=True):
                studio = self._studios[kept.checkpoint]
                return {"astray": studio.astray(kept.look, Pose.from_dict(request.get("pose") or {}))}
        except VUNetError:
            return {}
        finally:
            self._checking.release()

    async def _rendered(self, kept: Kept, request: dict[str, Any]) -> np.ndarray:
        """Waits without a thread, so that thousands may; what is computed beside the networks has one for its moment."""
        studio, pose = self._studios[kept.checkpoint], Pose.from_dict(request.get("pose") or {})
        fine = bool(request.get("fine")) or self._pace.sharp(studio)
        size, renderer = studio.size if fine else studio.live_size, studio.renderer
        scene = await to_thread.run_sync(lambda: kept.scene.picture) if request.get("scene") else None
        with self._pace.measured(studio, fine):
            ticket = await to_thread.run_sync(renderer.submit, kept.look, pose, size)
            rendered = await result_in_time(renderer.queue, ticket)
            return await to_thread.run_sync(_shown, renderer, rendered, scene)

    def _look(self, token: Any) -> Kept | None:
        with self._lock:
            if not isinstance(token, str) or token not in self._looks:
                return None
            self._looks.move_to_end(token)
            return self._looks[token]
