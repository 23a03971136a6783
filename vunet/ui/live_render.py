"""Renders for drags: a pose and the token of a look in, a picture out, without Gradio's event queue.

A Gradio event costs a drag 25 ms a picture in server and browser, a third of what the model itself takes.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from vunet.appearance import Appearance
from vunet.errors import Busy, Superseded, VUNetError
from vunet.pose.skeleton import Pose
from vunet.runtime.render_queue import live
from vunet.ui.data_urls import data_url
from vunet.ui.loaded_checkpoints import Studios
from vunet.ui.texts import sentence, spoken

KEPT = 512  # looks; a visitor whose look was dropped is asked for it again


class LiveRenderer:
    """Renders for visitors who know a look's token. Tokens cannot be guessed, so nobody sees another one's look."""

    def __init__(self, studios: Studios, kept: int = KEPT) -> None:
        self._studios, self._kept = studios, kept
        self._looks: OrderedDict[str, tuple[Appearance, str]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, look: Appearance, token: str = "", checkpoint: str = "") -> str:
        """The token that `draw` will know the look by: the visitor's own, whose look is replaced, or a new one.

        checkpoint: the name of the model that the look is of.
        """
        token = token or secrets.token_urlsafe(16)
        with self._lock:
            self._looks[token] = replace(look, crops=None), checkpoint  # pieces of the photo: a render needs none
            self._looks.move_to_end(token)
            while len(self._looks) > self._kept:
                self._looks.popitem(last=False)
        return token

    def forget(self, token: str) -> None:
        """Drops the look of a visitor who left."""
        with self._lock:
            self._looks.pop(token, None)

    def draw(self, request: Any) -> dict[str, Any]:
        """{"token", "seq", "pose", "language"} to {"seq"} with "src", a data URL, or "error", "busy", "late" or "lost".

        late: a newer pose of the same visitor took its place.
        """
        if not isinstance(request, dict) or not isinstance(request.get("seq"), int):
            return {"error": "The page sent no pose: reload it."}
        seq = {"seq": request["seq"]}
        kept = self._look(request.get("token"))
        if kept is None:
            return seq | {"lost": True}
        look, checkpoint = kept
        try:
            with live(request["token"]):
                picture = self._studios[checkpoint].render(look, Pose.from_dict(request.get("pose") or {}))
            return seq | {"src": data_url(picture)}
        except Superseded:
            return seq | {"late": True}
        except Busy as error:
            return seq | {"busy": sentence(str(error), spoken(request))}
        except VUNetError as error:
            return seq | {"error": sentence(str(error), spoken(request))}

    def _look(self, token: Any) -> tuple[Appearance, str] | None:
        with self._lock:
            if not isinstance(token, str) or token not in self._looks:
                return None
            self._looks.move_to_end(token)
            return self._looks[token]
