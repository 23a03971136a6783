"""All commands and Python examples of the documents are run, in a folder like a user's, with a hub on the loopback."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.conftest import DATA, ROOT
from tests.fake_hub import FakeHub
from tests.serving import page_of
from vunet import Pose
from vunet.checkpoints import DEFAULT
from vunet.data.index import Record
from vunet.photo import load_photo

# In this order: what one document makes, a later one uses.
DOCUMENTS = [
    "README.md", "docs/training.md", "docs/formats.md", "docs/command-line.md", "docs/deploying.md", "docs/api.md",
    "docs/how-it-works.md", "docs/privacy.md", "docs/troubleshooting.md", "docs/licences.md", "CONTRIBUTING.md",
    "SECURITY.md", "README.zh-CN.md",
]  # fmt: skip
# What would take hours, or wants a screen, is cut short; the command is otherwise as it is printed.
SHORTENED = {
    "vunet train ": " --steps 2 --batch 2",
    "vunet evaluate ": " --limit 3",
    "vunet bench": " --no-browser --no-presets",
    "vunet growth ": " --size 128 --samples 2 --visitors 2 --rows 1000 --processes 1",
}
OWN_TEST_COMMAND = "python -m pytest"  # that is what runs this
SERVER = re.compile(r"\bpython app\.py$")
TESTED_ELSEWHERE = {"docs/api.md"}  # its calls want a running page: tests/ui/test_api.py


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
    people = [cv2.resize(load_photo(p), (640, 640)) for p in sorted((ROOT / "assets" / "people").glob("*.png"))]
    held_out = [n for n in map("{:03d}.jpg".format, range(900)) if Record(n, n, Pose.default(), 0.0).held_out][:4]
    named = {"me.jpg": 0, "dancer.jpg": 1, "photo.jpg": 2, "other.jpg": 3, "people/first.jpg": 4, "poses/photo.jpg": 5}
    named |= {f"photos/{name}": i for i, name in enumerate(held_out)}
    named |= {f"photos/train-{i}.jpg": i for i in range(len(people))}
    for name, i in named.items():
        (here / name).parent.mkdir(exist_ok=True)
        Image.fromarray(people[i]).save(here / name, quality=92)
    (here / "poses" / "standing.json").write_text(json.dumps(Pose.default().to_dict()))


@pytest.fixture(scope="module")
def environment(folder):
    hub = FakeHub()
    hub.repo("user/repo", **{"model.safetensors": DEFAULT.read_bytes()})
    with hub.serving():
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        yield {**os.environ, "HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(folder / "cache"), "PATH": path}


def run(command, folder, environment):
    for part, ending in SHORTENED.items():
        command += ending if part in f"{command} " else ""
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def serve(command, folder, environment):
    """Starts the page, waits until it answers, stops it."""
    before, _, start = re.sub(r"GRADIO_SERVER_PORT=\d+", "", command).rpartition("&&")
    if before:
        run(before, folder, environment)
    with page_of(["bash", "-c", f"exec env {start}"], folder, environment, folder / "server.log"):
        pass


@pytest.fixture(scope="module")
def done():
    """Commands that have run: another document that prints the same one needs no second run."""
    return set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_run_as_printed(document, folder, environment, done):
    for command in commands(document):
        if command in done:
            continue
        done.add(command)
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            environment[name] = value
        elif SERVER.search(command):
            serve(command, folder, environment)
        elif document not in TESTED_ELSEWHERE or command.startswith("pip "):
            run(command, folder, environment)


@pytest.mark.parametrize("document", sorted({d for d in DOCUMENTS if (ROOT / d).exists()} - TESTED_ELSEWHERE))
def test_python_examples_run_as_printed(document, folder, environment):
    for block in blocks(document, "python"):
        command = [sys.executable, "-c", block]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block}\n{done.stderr}"


def test_every_document_is_listed_here():
    documents = {p.relative_to(ROOT).as_posix() for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}
    assert documents - {"CHANGELOG.md"} == set(DOCUMENTS)


@pytest.mark.parametrize("document", [*DOCUMENTS, "CHANGELOG.md", "checkpoints/README.md", "checkpoints/street-256.md"])
def test_links_lead_to_files_that_are_there(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (ROOT / document).parent.joinpath(target).exists(), target


def test_pictures_of_the_readme_are_small():
    for path in (ROOT / "assets").glob("*.*"):
        assert path.stat().st_size < 500_000 and np.asarray(Image.open(path)).std() > 5, path
