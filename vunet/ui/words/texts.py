"""The page's words in English and Simplified Chinese: labels by key, and the sentences of errors and notes.

Labels are resolved in the browser by its language, by Gradio and by the editor; sentences are translated here.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

LANGUAGES = ("en", "zh-CN")
_DATA = json.loads((Path(__file__).parent / "texts.json").read_text(encoding="utf-8"))
LABELS: dict[str, dict[str, str]] = {
    language: {key: pair[i] for key, pair in _DATA["labels"].items()} for i, language in enumerate(LANGUAGES)
}
# Gradio looks a browser's language up as it stands.
I18N = gr.I18n(en=LABELS["en"], **dict.fromkeys(("zh-CN", "zh", "zh-SG", "zh-TW", "zh-HK"), LABELS["zh-CN"]))


def label(key: str) -> Any:
    """A label that the browser shows in its own language; raises `KeyError` for a key that texts.json does not have."""
    _ = LABELS["en"][key]
    return I18N(key)


def language_of(request: gr.Request | None) -> str:
    """One of `LANGUAGES`, from what the browser accepts first."""
    accepted = request.headers.get("accept-language", "") if request and request.headers else ""
    return "zh-CN" if accepted.lower().startswith("zh") else "en"


def sentence(english: str, language: str) -> str:
    """A sentence of texts.json in another language; "{}" in it stands for what changes. Unknown ones stay English.

    What stands before a colon may be the name of a file.
    """
    if language == "en":
        return english
    for pattern, translation in _patterns():
        found = pattern.fullmatch(english)
        if found:
            return translation.format(*found.groups())
    name, colon, rest = english.partition(": ")
    return name + colon + sentence(rest, language) if colon else english


def spoken(request: Any) -> str:
    """The language that one of the page's own components names in its request."""
    language = request.get("language") if isinstance(request, dict) else None
    return language if language in LANGUAGES else "en"


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    def pattern(text: str) -> re.Pattern[str]:
        return re.compile("(.*?)".join(map(re.escape, text.split("{}"))), re.DOTALL)

    return [(pattern(english), chinese) for english, chinese in _DATA["sentences"]]
