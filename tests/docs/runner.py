"""Runs the commands and examples of the documents, each in a process of its own, forked from one that is warm."""

import json
import shlex
import subprocess
import sys

from tests.conftest import ROOT

VUNET = "python -m vunet "


class Runner:
    """A user's shell in a folder. environment: its variables, which may change between commands."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.log = folder / "output.log"
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.fork_server"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def command(self, line):
        """A line of a document; fails with its output."""
        if line.startswith(VUNET) and not set("|&;<>$*") & set(line):
            return self._fork(words=shlex.split(line.removeprefix(VUNET)))
        done = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return None

    def example(self, code):
        """A Python example of a document."""
        self._fork(code=code)

    def close(self):
        self.server.stdin.close()
        self.server.wait(30)

    def _fork(self, **job):
        job |= {"folder": str(self.folder), "environment": self.environment, "log": str(self.log)}
        self.server.stdin.write(json.dumps(job) + "\n")
        self.server.stdin.flush()
        answer = self.server.stdout.readline().strip()
        assert answer == "0", f"{job.get('words') or job.get('code')}\n{self.log.read_text(encoding='utf-8')}"
