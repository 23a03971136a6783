"""The scripts of `deploy/` for Slurm and Kubernetes, run as those would, by a command that notes what it was told."""

import json
import os
import subprocess

import pytest
import yaml
from typer.testing import CliRunner

from tests.conftest import ROOT
from vunet import Pose
from vunet.cli import app

TASKS = 100  # that both scripts ask for


@pytest.fixture
def told(tmp_path):
    """Runs a command line in a folder; the words that `vunet` was called with."""
    note = tmp_path / "told"
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "vunet"
    command.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {note}\n')
    command.chmod(0o755)

    def run(words, **variables):
        path = f"{command.parent}:{os.environ['PATH']}"
        subprocess.run(words, cwd=tmp_path, env={"PATH": path, **variables}, check=True, timeout=30)
        return note.read_text().splitlines()

    return run


def kubernetes_command(folder):
    job = yaml.safe_load((ROOT / "deploy" / "kubernetes-job.yaml").read_text())
    assert job["spec"]["completions"] == TASKS and job["spec"]["completionMode"] == "Indexed"
    return [word.replace("/data", str(folder)) for word in job["spec"]["template"]["spec"]["containers"][0]["command"]]


def test_every_task_of_both_takes_a_share_of_its_own(told, tmp_path):
    slurm = ["bash", str(ROOT / "deploy" / "slurm-array.sh"), "photos", "out"]
    kubernetes = kubernetes_command(tmp_path)
    for number in (1, 42, TASKS):
        variables = {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_ARRAY_TASK_COUNT": str(TASKS)}
        for words in (told(slurm, **variables), told(kubernetes, JOB_COMPLETION_INDEX=str(number - 1))):
            assert words[0] == "render" and words[words.index("--shard") + 1] == f"{number}/{TASKS}"


def test_their_command_renders_its_share_and_nothing_else(told, people, tmp_path):
    """With two tasks instead of a hundred, each photo is rendered by one of them."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "pose.json").write_text(json.dumps(Pose.default().to_dict()))
    for person in people[:3]:
        (tmp_path / "photos" / person.name).write_bytes(person.read_bytes())
    rendered = []
    for number in (1, 2):
        words = told(kubernetes_command(tmp_path), JOB_COMPLETION_INDEX=str(number - 1))
        words = [word.replace(f"/{TASKS}", "/2") for word in words[: words.index("--workers")]]
        done = CliRunner().invoke(app, [*words, "--json", str(tmp_path / f"{number}.json")])
        assert done.exit_code == 0, done.output
        rendered.append({path.name for path in (tmp_path / "out").rglob("*.png")})
    assert rendered[0] < rendered[1] and len(rendered[1]) == 3 and rendered[0]
