"""Two languages, and a page that everybody can use."""

import ast
import itertools
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.conftest import ROOT
from tests.ui.stage import drag, tab, wait_for_gallery
from vunet.errors import VUNetError
from vunet.person.file_kinds import KINDS, TEXTS, kind_of
from vunet.person.photo import READ
from vunet.pose.joints import JOINTS
from vunet.pose.library import load_library
from vunet.ui.words.texts import LABELS, sentence

UI = ROOT / "vunet" / "ui"


def test_every_word_that_the_scripts_ask_for_is_there_in_both_languages():
    text = "\n".join(p.read_text(encoding="utf-8") for p in [*UI.rglob("*.js"), *UI.rglob("*.html")])
    asked = set(re.findall(r'\bt\("([\w.]+[\w])"[,)]', text)) | set(
        re.findall(r'data-(?:t|title|label|alt|hint)="([\w.]+)"', text)
    )
    asked |= {f"joint.{name}" for name in JOINTS} | {f"pose.{pose.name}" for pose in load_library()}
    assert len(asked) > 100
    for labels in LABELS.values():
        assert {f"js.{key}" for key in asked} <= labels.keys()


def test_no_word_is_there_twice():
    """JSON keeps the last of two, without a word."""

    def once(pairs):
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
        return dict(pairs)

    json.loads((UI / "words" / "texts.json").read_text(encoding="utf-8"), object_pairs_hook=once)


def test_no_chinese_word_was_forgotten():
    assert LABELS["en"].keys() == LABELS["zh-CN"].keys()
    same = {key for key in LABELS["en"] if LABELS["en"][key] == LABELS["zh-CN"][key]}
    assert same <= set()


def test_sentences_are_translated_with_their_numbers():
    english = "The matrix holds 8 people: leave out 3 of the photos."
    assert sentence(english, "en") == english
    assert sentence(english, "zh-CN") == "矩阵最多容纳 8 人：请减少 3 张照片。"
    assert sentence("Unheard of.", "zh-CN") == "Unheard of."


def test_the_page_speaks_chinese(chromium, url):
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-painted]")
    wait_for_gallery(page)
    assert page.locator('[data-do="mirror"]').text_content() == "镜像"
    assert page.locator('[data-do="undo"]').get_attribute("aria-label") == "撤销"
    assert page.locator("#new-looks").inner_text() == "重抽"
    assert page.get_by_role("tab").nth(2).inner_text() == "衣橱"
    drag(page, "lwrist", 30, -30)
    assert page.locator(".vu-status").inner_text() == "已移动左腕"
    page.locator("#between").click()
    page.wait_for_selector("text=请先选择一个外观。")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_accessibility_error(chromium, url, theme):
    context = chromium.new_context(color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{url}?__theme={theme}")
    page.wait_for_selector("[data-painted]")
    wait_for_gallery(page)
    page.locator(".vu-status").evaluate("e => { e.classList.add('vu-bad'); e.textContent = 'An error.' }")
    for width, name in itertools.product((1280, 390), ("looks", "poses", "wardrobe", "transfer", "motion")):
        page.set_viewport_size({"width": width, "height": 900})
        tab(page, name)
        page.wait_for_timeout(300)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        problems = [
            (v["id"], v["impact"], [(n["target"], n["html"][:140]) for n in v["nodes"][:4]])
            for v in found.response["violations"]
        ]
        assert not problems, (width, name, problems)
    context.close()


SPOKEN = [
    *(UI.rglob("*.py")), *(UI.parent / "pose").glob("*.py"), UI.parent / "person" / "photo.py",
    UI.parent / "runtime" / "render_queue.py", UI.parent / "studio" / "studio.py",
    UI.parent / "checkpoints" / "hub.py", UI.parent / "checkpoints" / "store.py",
]  # fmt: skip
PROGRAMMERS = re.compile(
    "given as an array|There are no photos in|The file holds|15 visibility flags|^OpenPose's weights|^x: x$"
    "|^This model draws|^This model was not read"
)


def sentences_of(tree):
    """The literals that errors and notes are made of, with an x for what changes."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in {
            "VUNetError",
            "NoPersonFound",
            "BadSession",
            "Busy",
            *(e.__name__ for e in VUNetError.__subclasses__()),
        }:
            yield from (text for text in [text_of(call.args[0])] if text)


def text_of(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_error_that_a_visitor_may_see_is_told_in_their_language():
    english = {text for path in SPOKEN for text in sentences_of(ast.parse(path.read_text(encoding="utf-8")))}
    english = {text for text in english if not PROGRAMMERS.search(text)}
    assert len(english) > 30
    assert [text for text in sorted(english) if sentence(text, "zh-CN") == text] == []


def test_every_kind_of_file_and_every_difficulty_too():
    kinds = {*KINDS.values(), *TEXTS.values(), kind_of(b"")}
    english = {f"This is {kind}: please use {READ}." for kind in kinds}
    source = ast.parse((UI.parent / "person" / "difficulties.py").read_text(encoding="utf-8"))
    given = (node for node in ast.walk(source) if isinstance(node, ast.List | ast.Call))  # not docstrings
    parts = (part for node in given for part in (*getattr(node, "elts", ()), *getattr(node, "args", ())))
    english |= {text for part in parts if (text := text_of(part)).endswith(".")}
    assert len(english) > 16
    assert [text for text in sorted(english) if sentence(text, "zh-CN") == text] == []
