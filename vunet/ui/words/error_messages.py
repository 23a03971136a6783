"""Errors of handlers as one sentence, in the visitor's language."""

from __future__ import annotations

import errno
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from gradio.context import LocalContext

from vunet.errors import VUNetError
from vunet.ui.words.texts import language_of, sentence

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
PRIVATE: dict[str, Any] = {"api_visibility": "private"}


def with_error_messages(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Turns a `VUNetError` into a message of one sentence; all else is a bug and stays one.

    A handler that may take long is a generator, so that it can be cancelled between its steps. The language is that of the
    request that Gradio is answering.
    """

    @functools.wraps(handler)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        with _sentences():
            return handler(*args, **kwargs)

    @functools.wraps(handler)
    def guarded_steps(*args: Any, **kwargs: Any) -> Any:
        with _sentences():
            yield from handler(*args, **kwargs)

    return guarded_steps if inspect.isgeneratorfunction(handler) else guarded


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except VUNetError as error:
        raise _told(str(error)) from None
    except MemoryError:
        raise _told("There is not enough memory for this now: ask for less, or try again.") from None
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise _told("There is no room left on the server's disk: try again later.") from None


def _told(english: str) -> gr.Error:
    language = language_of(LocalContext.request.get(None))
    return gr.Error(sentence(english, language), duration=8, print_exception=False)
