"""The page's scripts: modules that name what they import, served by versions that a browser may keep."""

import posixpath
import re

import pytest

from tests.serving import finished
from vunet.ui.components.browser.scripts import address, head, modules, starting, version
from vunet.ui.server.page_files import PageFiles, page_file

IMPORT = re.compile(r'^import (?:\{ (?P<names>[\w, ]+) \} )?from "(?P<place>[^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:const|function|class) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("module", modules())
def test_what_a_module_imports_is_there(module):
    source = re.sub(r"(^|\s)//.*", "", modules()[module])
    for found in IMPORT.finditer(source):
        other = posixpath.normpath(posixpath.join(posixpath.dirname(module), found["place"]))
        assert set(found["names"].split(", ")) <= set(EXPORT.findall(modules()[other])), (module, other)
        for name in found["names"].split(", "):
            assert len(re.findall(rf"\b{name}\b", source)) > 1, f"{module} does not use {name}"
    assert len(IMPORT.findall(source)) == len(re.findall(r"^import ", source, re.MULTILINE))


def test_every_module_is_used():
    entries = {
        "skeleton_editor/editor.js",
        "skeleton_editor/server_feed.js",
        "motion_strip/strip.js",
        "pose_library/library.js",
    }
    entries |= {"tour/tour.js", "mirror/mirror.js"}
    places = [(module, found["place"]) for module, source in modules().items() for found in IMPORT.finditer(source)]
    imported = {posixpath.normpath(posixpath.join(posixpath.dirname(module), place)) for module, place in places}
    assert imported | entries == set(modules())


def served(path, method="GET"):
    """Status, headers and body; 404 where the page behind it has to answer."""
    answers = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        answers.append(message)

    finished(PageFiles(app)({"type": "http", "path": path, "method": method}, None, send))
    return answers[0]["status"], dict(answers[0]["headers"]), answers[1]["body"]


def test_modules_are_kept_for_ever_under_their_version_and_not_at_all_under_another():
    status, headers, body = served("/" + address("tour/tour.js"))
    assert status == 200 and b"immutable" in headers[b"cache-control"] and body.decode() == modules()["tour/tour.js"]
    assert served("/below/a/proxy/" + address("facts.js"))[0] == 200
    status, headers, body = served("/" + address("tour/tour.js").replace(version(), "0123456789ab"))
    assert status == 200 and headers[b"cache-control"] == b"no-store" and body.decode() == modules()["tour/tour.js"]
    assert served("/" + address("tour/tour.js"), "HEAD")[2] == b""


@pytest.mark.parametrize("name", ["component.py", "../../page.py", "tour/tour.css", "", "vendor/vision_wasm_internal.js"])
def test_nothing_else_is_served(name):
    assert served("/" + address(name))[0] == 404 and page_file("/" + address(name)) is None


def test_the_page_loads_modules_early_and_starts_them_by_the_same_address():
    for module in ("skeleton_editor/editor.js", "browser/geometry.js"):
        assert f'<link rel="modulepreload" href="{address(module)}">' in head()
    assert address("skeleton_editor/editor.js") in starting("skeleton_editor/editor.js", "look_lost")
    assert '"look_lost"' in starting("skeleton_editor/editor.js", "look_lost")
