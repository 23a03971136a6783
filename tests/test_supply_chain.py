"""The locked requirements are whole and hashed, and no secret is in the repository."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, version

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

SECRETS = {
    "Hugging Face": r"hf_[A-Za-z]{30,}",
    "AWS": r"AKIA[0-9A-Z]{16}",
    "GitHub": r"gh[pousr]_[A-Za-z0-9]{36}",
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "token": r"(?i)(api|secret)[_-]?key\s*[:=]\s*['\"][A-Za-z0-9/+]{20,}",
}


TRAINING = {"train", "evaluate", "bench", "losses", "data", "calibration.py", "onnx"}  # what wants more than the app does
APP = [p for p in [ROOT / "app.py", *(ROOT / "vunet").rglob("*.py")] if not TRAINING & set(p.relative_to(ROOT).parts)]
RAY = {"cluster", "ray_cluster", "ray_tasks"}  # an extra
BROUGHT = {"anyio", "spaces", "starlette"}  # by a Space, by Gradio


def imported(path):
    """Names of the packages that a file imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.split(".")[0] for name in names}


def lines(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line.split("#")[0].strip() for line in text.splitlines() if line.split("#")[0].strip()]


def locked():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;]+).*?((?:\s+--hash=sha256:[0-9a-f]{64})*)$", text.replace("\\\n", ""), re.M
    )
    return {name.lower().replace("_", "-"): (pinned, hashes.split()) for name, pinned, hashes in entries}


def test_every_requirement_is_locked_within_its_range_and_hashed():
    pins = locked()
    assert all(hashes for _, hashes in pins.values())
    for line in lines("requirements.txt"):
        wanted = Requirement(line)
        assert wanted.specifier.contains(pins[wanted.name.lower()][0]), line


def test_what_runs_here_is_within_the_ranges():
    for line in lines("requirements.txt"):
        wanted = Requirement(line)
        assert wanted.specifier.contains(version(wanted.name)), line


@pytest.mark.parametrize("path", APP, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_app_imports_only_what_it_requires(path):
    wanted = lines("requirements.txt") + (lines("requirements-cluster.txt") if RAY & {*path.parts, path.stem} else [])
    required = {Requirement(line).name.lower() for line in wanted}
    offered = packages_distributions()
    for name in imported(path) - {"vunet", *sys.stdlib_module_names, *BROUGHT}:
        assert required & {owner.lower().replace("_", "-") for owner in offered[name]}, name


def test_no_secret_is_in_the_repository():
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split("\n")
    paths = [
        ROOT / name for name in known if name and not name.endswith((".safetensors", ".npz", ".png", ".webp", ".lock"))
    ]
    assert len(paths) > 100
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="ignore")
        for kind, pattern in SECRETS.items():
            assert not re.search(pattern, text), f"{path}: {kind}"
