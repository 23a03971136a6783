"""The skeleton editor as a `gr.HTML` component: SVG, no front-end build. JavaScript owns what is on the screen.

Two components make a stage. The editor asks `render` for pictures, newest pose first, one at a time, and takes poses from
Python. The feed carries all else that Python has to say to it: a new look, a file to save.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import gradio as gr

from vunet.errors import BadPose
from vunet.pose.joints import ARMS, BENDS, FACE, JOINTS, LEGS, LIMBS
from vunet.pose.skeleton import Pose
from vunet.ui.components.browser.scripts import starting

_HERE = Path(__file__).parent
# Later joints lie on top: the small eyes above the nose.
_DRAW_ORDER = [*(n for n in JOINTS if not n.endswith("eye")), "reye", "leye"]


class SkeletonEditor(gr.HTML):
    """The stage: a picture with a draggable skeleton.

    Its value to Python is the `Pose` on it, or None before there is one. From Python it takes `stage_value(...)`.
    render: answers {"token", "seq", "pose", "fine", "scene"} with a picture, astray: {"token", "pose"} with the joints that
    are not followed; see `vunet.ui.visitor.live_render`.
    depths: answers {"pose"} with how deep each joint lies. Event `look_lost`: the server no longer has the look.
    """

    def __init__(
        self,
        render: Callable[[Any], Awaitable[dict[str, Any]]],
        astray: Callable[[Any], dict[str, Any]],
        depths: Callable[[Any], dict[str, Any]],
        value: Any = None,
        **kwargs: Any,
    ) -> None:
        rig = {"chains": (*ARMS, *LEGS), "bends": BENDS, "face": FACE}
        super().__init__(
            value,
            html_template=(_HERE / "editor.html").read_text(encoding="utf-8"),
            css_template=(_HERE / "editor.css").read_text(encoding="utf-8"),
            js_on_load=starting("skeleton_editor/editor.js", "look_lost"),
            skeleton={"names": _DRAW_ORDER, "limbs": LIMBS} | rig,
            server_functions=[_named("render", render), _named("astray", astray), _named("depths", depths)],
            **kwargs,
        )

    def preprocess(self, payload: Any) -> Pose | None:  # type: ignore[override]
        """The browser's JSON, checked like any hostile input; raises `gr.Error`, which is no traceback."""
        if not payload:
            return None
        try:
            return Pose.from_dict(payload["pose"])
        except (BadPose, KeyError, TypeError) as error:
            text = str(error) if isinstance(error, BadPose) else "The page sent no pose: reload it."
            raise gr.Error(text, print_exception=False) from None

    def postprocess(self, value: Any) -> Any:
        """Hands a `stage_value` to the browser."""
        return value

    def api_info(self) -> dict[str, Any]:
        """The value is a JSON object."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """A pose as the browser sends it."""
        return {"pose": Pose.default().to_dict(), "own": True}

    def example_value(self) -> Any:
        """A pose as Python sends it."""
        return stage_value(Pose.default())


class FrameFeed(gr.HTML):
    """Messages for the editor of the same `vu-stage`: `wear(...)`, `download(...)`. Shows nothing itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            None, html_template="<span hidden></span>", js_on_load=starting("skeleton_editor/server_feed.js"), **kwargs
        )

    def preprocess(self, payload: Any) -> None:
        """Nothing comes back from the feed."""
        return

    def postprocess(self, value: Any) -> Any:
        """Hands a message to the browser."""
        return value

    def api_info(self) -> dict[str, Any]:
        """The value is a JSON object."""
        return {"type": "object"}

    def example_payload(self) -> Any:
        """Nothing."""
        return None

    def example_value(self) -> Any:
        """Another look."""
        return wear("token", 0)


def stage_value(
    pose: Pose,
    photo: str | None = None,
    look: str | None = None,
    *,
    new_person: bool = False,
    placing: bool = False,
    restored: bool = False,
    scene: bool = False,
    linked: bool = False,
) -> dict[str, Any]:
    """A pose for the stage. new_person: Reset goes back to it, `photo` (a data URL) can be shown behind the skeleton, and
    `look` is the token of what they wear; placing: the photo is shown, because the user has to place the joints on it;
    restored: the pose that the browser remembers is put on, if there is one. scene: there is a photo to stand in; linked:
    the pose is somebody else's, and is not remembered."""
    value: dict[str, Any] = {"pose": pose.to_dict()}
    if new_person:
        value |= {
            "photo": photo or "",
            "look": look or "",
            "placing": placing,
            "restored": restored,
            "scene": scene,
            "linked": linked,
        }
    return value


def wear(token: str, change: int, scene: bool = True) -> dict[str, Any]:
    """Asks the editor to have its present pose rendered again: the look under the token has changed. `change` tells
    one such message from the next; scene: whether the photo, if there was one, is still there to stand in."""
    return {"wear": token, "change": change, "scene": scene}


def copy_link(fragment: str, outfit: bool, token: int) -> dict[str, Any]:
    """Puts the page's address with this fragment on the visitor's clipboard; outfit: whether it names one. The token
    makes a repeated one new."""
    return {"copy": fragment, "outfit": outfit, "token": token}


def download(name: str, src: str, token: int) -> dict[str, Any]:
    """Hands a file (a data URL) to the visitor. The token makes a repeated one new."""
    return {"download": name, "src": src, "token": token}


def _named(name: str, function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    async def awaited(request: Any) -> dict[str, Any]:
        return await function(request)

    def answer(request: Any) -> dict[str, Any]:
        return function(request)

    named: Any = awaited if iscoroutinefunction(function) else answer
    named.__name__ = name  # the browser calls it by this name
    return named
