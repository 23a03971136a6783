"""Errors of handlers as one sentence, in the visitor's language."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import gradio as gr

from vunet.errors import VUNetError
from vunet.ui.texts import language_of, sentence

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
PRIVATE: dict[str, Any] = {"api_visibility": "private"}


def friendly(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Turns a `VUNetError` into a message of one sentence; all else is a bug and stays one."""

    signature = inspect.signature(handler)
    wants = "request" in signature.parameters

    @functools.wraps(handler)
    def guarded(*args: Any) -> Any:
        request = args[-1] if isinstance(args[-1], gr.Request) else None
        try:
            return handler(*(args[:-1] if request and not wants else args))
        except VUNetError as error:
            raise gr.Error(sentence(str(error), language_of(request)), duration=8, print_exception=False) from None

    # Gradio reads from the signature what to pass: the handler's own arguments, and the request for its language.
    if not wants:
        asked = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=gr.Request)
        guarded.__signature__ = signature.replace(parameters=[*signature.parameters.values(), asked])  # type: ignore
        guarded.__annotations__ = {**handler.__annotations__, "request": gr.Request}
    return guarded
