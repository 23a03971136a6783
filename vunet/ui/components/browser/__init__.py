"""What the page's own components share in the browser: words, pure geometry, drawing. No front-end build."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from vunet.pose.anatomy import BONES
from vunet.ui.words.texts import LABELS

_HERE = Path(__file__).parent
SHARED = ("words.js", "geometry.js", "retarget.js", "drawing.js", "icons.js", "stage_link.js")
IN_HEAD = ("storage_stand_in.js", "phone_photos.js", "drop_and_paste.js", "save_menu.js", "links.js")


@cache
def shared_source() -> str:
    """The script that each component begins with: WORDS, then the shared files."""
    words = {
        language: {key.removeprefix("js."): text for key, text in labels.items() if key.startswith("js.")}
        for language, labels in LABELS.items()
    }
    files = [(_HERE / name).read_text(encoding="utf-8") for name in SHARED]
    constants = [f"const WORDS = {json.dumps(words)};", f"const BONES = {json.dumps(BONES)};"]
    return "\n".join([*constants, *files])


def head() -> str:
    """What stands in the page's head, before Gradio's own scripts."""
    files = [(_HERE / name).read_text(encoding="utf-8") for name in IN_HEAD]
    return "".join(f"<script>(() => {{\n{source}}})();</script>" for source in files)
