"""Errors of handlers as one sentence, in the visitor's language."""

from __future__ import annotations

import errno
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from vunet.errors import VUNetError
from vunet.ui.words.texts import language_of, sentence

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
PRIVATE: dict[str, Any] = {"api_visibility": "private"}


def with_error_messages(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Turns a `VUNetError` into a message of one sentence; all else is a bug and stays one.

    A handler that may take long is a generator, so that it can be cancelled between its steps.
    """

    signature = inspect.signature(handler)
    wants = "request" in signature.parameters

    def called(args: tuple[Any, ...]) -> tuple[tuple[Any, ...], gr.Request | None]:
        request = next((each for each in args if isinstance(each, gr.Request)), None)
        return (args[:-1] if request and not wants else args), request

    @functools.wraps(handler)
    def guarded(*args: Any) -> Any:
        own, request = called(args)
        with _sentences(request):
            return handler(*own)

    @functools.wraps(handler)
    def guarded_steps(*args: Any) -> Any:
        own, request = called(args)
        with _sentences(request):
            yield from handler(*own)

    answer = guarded_steps if inspect.isgeneratorfunction(handler) else guarded
    # Gradio reads from the signature what to pass: the handler's own arguments, and the request for its language.
    if not wants:
        asked = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=gr.Request)
        answer.__signature__ = signature.replace(parameters=[*signature.parameters.values(), asked])  # type: ignore
        answer.__annotations__ = {**handler.__annotations__, "request": gr.Request}
    return answer


@contextmanager
def _sentences(request: gr.Request | None) -> Iterator[None]:
    try:
        yield
    except VUNetError as error:
        raise _told(str(error), request) from None
    except MemoryError:
        raise _told("There is not enough memory for this now: ask for less, or try again.", request) from None
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise _told("There is no room left on the server's disk: try again later.", request) from None


def _told(english: str, request: gr.Request | None) -> gr.Error:
    return gr.Error(sentence(english, language_of(request)), duration=8, print_exception=False)
