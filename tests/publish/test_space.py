"""The Space's files with their requirements, started as a Space starts them; and the page without any network."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from gradio_client import Client

from tests.conftest import DATA, ROOT
from tests.serving import page_of
from vunet.publish.space import build_space

SPACE = {
    "SYSTEM": "spaces", "SPACE_ID": "user/demo", "SPACE_HOST": "user-demo.hf.space", "SPACE_AUTHOR_NAME": "user",
    "SPACE_REPO_NAME": "demo", "SPACE_TITLE": "demo", "GRADIO_SERVER_NAME": "0.0.0.0", "PYTHONUNBUFFERED": "1",
}  # fmt: skip
ALONE = {"PYTHONPATH": str(DATA / "no_network")}


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """The tree, and the Python of an environment with its requirements and `spaces`, which Spaces adds itself.

    What is installed here already is seen from there: torch alone would take minutes and gigabytes once more.
    """
    folder = tmp_path_factory.mktemp("space")
    build_space(folder / "tree")
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment" / "bin" / "python"
    here, there = (sysconfig.get_path("purelib", vars=base) for base in ({}, {"base": str(folder / "environment")}))
    (Path(there) / "here.pth").write_text(here)
    install = [python, "-m", "pip", "install", "-q", "-r", folder / "tree" / "requirements.txt", "spaces"]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yield folder / "tree", python
    shutil.rmtree(folder)


def clean_environment(tmp_path, **more):
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GRADIO_", "VUNET_", "PYTHON"))
    }
    return {**kept, "HF_HOME": str(tmp_path / "empty"), "GRADIO_TEMP_DIR": str(tmp_path / "uploads"), **more}


def test_the_space_starts_from_its_own_files_and_answers(space, tmp_path):
    tree, python = space
    environment = clean_environment(tmp_path, **SPACE, **ALONE)
    with page_of([python, "app.py"], tree, environment, tmp_path / "log") as (url, _):
        client = Client(url, verbose=False)
        assert len(client.predict(None, 1, 0, 1.0, api_name="/sample")) == 1
        served = client.config
    choices = next(c["props"] for c in served["components"] if c["props"].get("elem_id") == "model-name")
    assert choices["allow_custom_value"] is False  # strangers name no repositories
    _, running, since = (tmp_path / "log").read_text().partition("Running on")
    collected = since.count("Exception ignored in: <function BaseEventLoop.__del__")  # not an error
    assert running and since.count("Traceback") == collected


def test_no_link_of_the_spaces_documents_is_broken(space):
    tree, _ = space
    for page in tree.rglob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)


def test_the_page_starts_without_a_network_and_without_a_cache(tmp_path):
    environment = clean_environment(tmp_path, **ALONE)
    with page_of([sys.executable, str(ROOT / "app.py")], tmp_path, environment, tmp_path / "log") as (url, _):
        assert len(Client(url, verbose=False).predict(None, 1, 0, 1.0, api_name="/sample")) == 1


def test_an_unreachable_hub_leaves_the_embedded_checkpoint(tmp_path):
    environment = clean_environment(tmp_path, **ALONE, VUNET_CHECKPOINT="user/nowhere")
    with page_of([sys.executable, str(ROOT / "app.py")], tmp_path, environment, tmp_path / "log"):
        pass
    assert "The embedded checkpoint is used." in (tmp_path / "log").read_text()
