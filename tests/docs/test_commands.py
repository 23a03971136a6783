"""All commands and Python examples of the documents are run, in a folder like a user's, with a hub on the loopback."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.conftest import DATA, ROOT
from tests.docs.runner import Runner
from tests.fake_hub import FakeHub
from tests.serving import page_of
from vunet import Pose
from vunet.checkpoints import DEFAULT
from vunet.data.index import Record
from vunet.person.photo import load_photo
from vunet.pose.files.layouts import LAYOUTS

# In this order: what one document makes, a later one uses.
DOCUMENTS = [
    "README.md", "docs/training.md", "docs/formats.md", "docs/command-line.md", "docs/deploying.md", "docs/api.md",
    "docs/how-it-works.md", "docs/privacy.md", "docs/troubleshooting.md", "docs/licences.md", "docs/README.md",
    "docs/page.md", "docs/speed.md", "docs/pair-benchmark.md", "docs/training-log.md",
    "CONTRIBUTING.md", "SECURITY.md", "README.zh-CN.md",
]  # fmt: skip
# What would take hours, or wants a screen, is cut short; the command is otherwise as it is printed.
SHORTENED = {
    "vunet train ": " --steps 2 --batch 2",
    "vunet train-prior ": " --steps 3 --batch 2 --coloured 32",
    "--run runs/prior ": " --codes-steps 2 --flow-steps 6",
    "--run runs/second-prior ": " --codes-steps 2 --flow-steps 6",
    "vunet train-detail ": " --steps 2 --batch 2 --workers 0",
    "vunet evaluate ": " --limit 3",
    "vunet bench": " --no-browser --no-presets",
    "vunet animate ": " --seconds 0.1",
    "vunet growth ": " --size 128 --samples 2 --visitors 2 --rows 1000 --processes 0",
}
OWN_TEST_COMMAND = "python -m pytest"  # that is what runs this
SERVER = re.compile(r"\bpython app\.py$")
# Calls that want a running page: tests/ui/api/test_api.py; linters: .ci/run.
TESTED_ELSEWHERE = {"docs/api.md", "CONTRIBUTING.md"}


def blocks(document, language):
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def commands(document):
    """The lines of all bash blocks, without comments, continuations joined."""
    text = "\n".join(blocks(document, "bash")).replace("\\\n", " ")
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines()]
    return [line for line in lines if line and OWN_TEST_COMMAND not in line]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder: the program, photos, a pose, a TensorFlow checkpoint."""
    here = tmp_path_factory.mktemp("user")
    for name in ("vunet", "assets"):
        shutil.copytree(ROOT / name, here / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.glob("*.*"):
        if path.is_file():
            shutil.copy(path, here)
    shutil.copy(ROOT / "LICENSE", here)
    (here / "checkpoints").symlink_to(ROOT / "checkpoints")
    _photos(here)
    for path in DATA.glob("vunet32.ckpt.*"):
        shutil.copy(path, here / path.name.replace("vunet32.ckpt", "model.ckpt-100000"))
    return here


def _photos(here):
    people = [cv2.resize(load_photo(p), (640, 640)) for p in sorted((ROOT / "assets" / "people").glob("*.webp"))]
    held_out = [n for n in map("{:03d}.jpg".format, range(900)) if Record(n, n, Pose.default(), 0.0).held_out][:4]
    named = {"me.jpg": 0, "dancer.jpg": 1, "photo.jpg": 2, "other.jpg": 3, "people/first.jpg": 4, "poses/photo.jpg": 5}
    named |= {f"photos/{name}": i for i, name in enumerate(held_out)}
    named |= {f"photos/train-{i}.jpg": i for i in range(len(people))}
    for name, i in named.items():
        (here / name).parent.mkdir(exist_ok=True)
        Image.fromarray(people[i]).save(here / name, quality=92)
    (here / "poses" / "standing.json").write_text(json.dumps(Pose.default().to_dict()))


@pytest.fixture(scope="module")
def shell(folder):
    """A user's shell in that folder, with a hub on the loopback."""
    hub = FakeHub()
    hub.repo("user/repo", **{"model.safetensors": DEFAULT.read_bytes()})
    with hub.serving():
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(folder / "cache"), "PATH": path}
        runner = Runner(folder, {**os.environ, **own})
        yield runner
        runner.close()


def run(command, shell):
    for part, ending in SHORTENED.items():
        command += ending if part in f"{command} " else ""
    shell.command(command)


def serve(command, shell):
    """Starts the page, waits until it answers, stops it."""
    before, _, start = re.sub(r"GRADIO_SERVER_PORT=\d+", "", command).rpartition("&&")
    if before:
        run(before, shell)
    with page_of(["bash", "-c", f"exec env {start}"], shell.folder, shell.environment, shell.folder / "server.log"):
        pass


@pytest.fixture(scope="module")
def done():
    """Commands that have run: another document that prints the same one needs no second run."""
    return set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_run_as_printed(document, shell, done):
    for command in commands(document):
        if command in done:
            continue
        done.add(command)
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            shell.environment[name] = value
        elif SERVER.search(command):
            serve(command, shell)
        elif document not in TESTED_ELSEWHERE or command.startswith("pip "):
            run(command, shell)


@pytest.mark.parametrize("document", sorted({d for d in DOCUMENTS if (ROOT / d).exists()} - TESTED_ELSEWHERE))
def test_python_examples_run_as_printed(document, shell):
    for block in blocks(document, "python"):
        shell.example(block)


def test_every_document_is_listed_here():
    documents = {p.relative_to(ROOT).as_posix() for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}
    assert documents - {"CHANGELOG.md"} == set(DOCUMENTS)


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md", "checkpoints/README.md", "checkpoints/parts-256.md"])
def test_links_lead_to_files_that_are_there(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (ROOT / document).parent.joinpath(target).exists(), target


def test_both_readmes_have_the_same_headings_commands_and_tables():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert commands("README.md") == commands("README.zh-CN.md")
    for pattern in (r"^(#+) ", r"^\| (`[^|]+`) \|", r"\]\(([^)]+)\)", r"`[^`\n]*`"):
        of_english, of_chinese = (re.findall(pattern, text, re.M) for text in (english, chinese))
        assert len(of_english) > 3 and [_plain(each) for each in of_english] == [_plain(each) for each in of_chinese], (
            pattern
        )


def _plain(found):
    """Apart from what differs by language: the link to the other README, and the punctuation of lists."""
    return found.replace("README.zh-CN.md", "README.md").replace("`, `", "`、`")


def test_the_formats_document_names_every_layout_that_is_read():
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert all(f"| {layout.name} | {layout.count} |" in text for layout in LAYOUTS.values())


def test_pictures_of_the_readme_are_small():
    for path in (ROOT / "assets").glob("*.*"):
        assert path.stat().st_size < 500_000 and np.asarray(Image.open(path)).std() > 5, path
