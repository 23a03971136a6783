"""The package as `pip install` brings it: in an environment that knows the libraries, but not this repository."""

import os
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from tests.conftest import ROOT
from tests.serving import page_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory):
    """The folder of programs of an environment with the wheel alone, libraries borrowed from this one."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    venv.create(folder / "env", with_pip=False, symlinks=True)
    (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(folder / "env"), "install", "-q", "--no-deps", str(wheel)], check=True
    )
    return folder / "env" / "bin"


def test_the_command_draws(bin_folder, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    words = ["sample", "out", "--count", "1"]
    subprocess.run([str(bin_folder / "vunet"), *words], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert (tmp_path / "out" / "00.png").stat().st_size > 10_000


def test_without_words_the_page_opens(bin_folder, tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with page_of([str(bin_folder / "vunet")], tmp_path, environment, tmp_path / "log") as (url, _):
        assert b"Variational U-Net" in urllib.request.urlopen(url).read()


def test_what_the_package_wants_is_what_the_requirements_say():
    wanted = {name: set(PROJECT["optional-dependencies"][name]) for name in ("openpose", "train", "cluster")}
    assert set(PROJECT["dependencies"]) | wanted["openpose"] == lines("requirements.txt")
    assert wanted["train"] == lines("requirements-train.txt")
    assert wanted["cluster"] == lines("requirements-cluster.txt")
    assert all(Requirement(each) for each in PROJECT["dependencies"])


def lines(name: str) -> set[str]:
    text = Path(ROOT / name).read_text(encoding="utf-8")
    stripped = (line.split("#")[0].strip() for line in text.splitlines())
    return {line for line in stripped if line and not line.startswith("-r")}
