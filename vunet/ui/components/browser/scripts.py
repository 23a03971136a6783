"""The page's scripts: ES modules in one tree, and what a component says to have its own loaded."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from vunet.pose.anatomy import BONES
from vunet.pose.files.layouts import MEDIAPIPE_33
from vunet.pose.joints import JOINTS, LIMBS
from vunet.ui.words.texts import LABELS

COMPONENTS = Path(__file__).parents[1]
PREFIX = "vunet-scripts/"  # of addresses; after it the version, so that a browser may keep them for ever
FACTS = "facts.js"  # the module that Python writes
# In the page's head, before Gradio's own scripts: no modules.
IN_HEAD = ("storage_stand_in.js", "phone_photos.js", "drop_and_paste.js", "save_menu.js", "links.js")


@cache
def modules() -> dict[str, str]:
    """The source of each module by its path below the components' folder, as in "skeleton_editor/editor.js"."""
    files = [path for path in COMPONENTS.rglob("*.js") if "vendor" not in path.parts and path.name not in IN_HEAD]
    sources = {path.relative_to(COMPONENTS).as_posix(): path.read_text(encoding="utf-8") for path in sorted(files)}
    return {FACTS: _facts()} | sources


def _facts() -> str:
    """What scripts know from Python: WORDS, {language: {key: text}}; NAMES of joints; LIMBS that are drawn and BONES
    that are measured; LANDMARKS, the number of each joint in MediaPipe's order."""
    words = {
        language: {key.removeprefix("js."): text for key, text in labels.items() if key.startswith("js.")}
        for language, labels in LABELS.items()
    }
    landmarks = {name: MEDIAPIPE_33.joints[name] for name in JOINTS}
    facts = {"WORDS": words, "NAMES": JOINTS, "LIMBS": LIMBS, "BONES": BONES, "LANDMARKS": landmarks}
    return "\n".join(f"export const {name} = {json.dumps(value)};" for name, value in facts.items())


@cache
def version() -> str:
    """Of all modules together."""
    return hashlib.sha256(json.dumps(modules()).encode()).hexdigest()[:12]


def address(module: str) -> str:
    """Where the server has a module, relative to the page."""
    return f"{PREFIX}{version()}/{module}"


def starting(module: str, *events: str, **constants: Any) -> str:
    """A component's `js_on_load`: its module's `start` is called with what Gradio gives it, and with the constants.
    Where it cannot be loaded, the component says so.

    events: of its own that the script triggers; Gradio looks for their names in this text."""
    gradio = "{ element, props, server, trigger, watch }"
    place = f'new URL("{address(module)}", document.baseURI).href'
    named = "".join(f'/* triggers "{event}" */ ' for event in events)
    failed = json.dumps({language: labels["js.script.failed"] for language, labels in LABELS.items()})
    return f"""{named}const place = {place}, failed = {failed};
        const language = navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
        import(place).catch(() => import(place + "?again"))
            .then(({{ start }}) => start({gradio}, {json.dumps(constants)}))
            .catch((error) => {{ console.error(error); element.append(failed[language]); }});"""


def head() -> str:
    """What stands in the page's head, before Gradio's own scripts; modules come while those load."""
    folder = Path(__file__).parent
    scripts = [f"<script>(() => {{\n{(folder / name).read_text(encoding='utf-8')}}})();</script>" for name in IN_HEAD]
    return "".join([*scripts, *(f'<link rel="modulepreload" href="{address(module)}">' for module in modules())])
