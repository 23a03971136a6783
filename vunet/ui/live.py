"""The direct line of a drag: a pose and the token of a look in, a picture out, past Gradio's event queue.

A Gradio event costs a drag 25 ms a picture on both sides of the line, a third of what the model itself takes.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Any

from vunet.appearance import Appearance
from vunet.errors import VUNetError
from vunet.pose.skeleton import Pose
from vunet.studio import Studio
from vunet.ui.pictures import data_url
from vunet.ui.texts import sentence, spoken

KEPT = 512  # looks; a visitor whose look was dropped is asked for it again


class LiveLine:
    """Renders for visitors who know a look's token. Tokens cannot be guessed, so nobody sees another one's look."""

    def __init__(self, studio: Studio, kept: int = KEPT) -> None:
        self._studio, self._kept = studio, kept
        self._looks: OrderedDict[str, Appearance] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, look: Appearance, token: str = "") -> str:
        """The token that `draw` will know the look by: the visitor's own, whose look is replaced, or a new one."""
        token = token or secrets.token_urlsafe(16)
        with self._lock:
            self._looks[token] = look
            self._looks.move_to_end(token)
            while len(self._looks) > self._kept:
                self._looks.popitem(last=False)
        return token

    def draw(self, request: Any) -> dict[str, Any]:
        """{"token", "seq", "pose", "language"} to {"seq"} with "src", a data URL, or "error", or "lost"."""
        if not isinstance(request, dict) or not isinstance(request.get("seq"), int):
            return {"error": "The page sent no pose: reload it."}
        seq = {"seq": request["seq"]}
        look = self._look(request.get("token"))
        if look is None:
            return seq | {"lost": True}
        try:
            return seq | {"src": data_url(self._studio.render(look, Pose.from_dict(request.get("pose") or {})))}
        except VUNetError as error:
            return seq | {"error": sentence(str(error), spoken(request))}

    def _look(self, token: Any) -> Appearance | None:
        with self._lock:
            if not isinstance(token, str) or token not in self._looks:
                return None
            self._looks.move_to_end(token)
            return self._looks[token]
