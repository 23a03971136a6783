"""The image is built, small enough and serves the page, where a Docker engine runs."""

import shutil
import subprocess
import time
import urllib.request

from tests.conftest import ROOT
from tests.serving import free_port

TAG = "vunet-test"
LARGEST = 2e9  # bytes


def engine_runs():
    return (
        bool(shutil.which("docker"))
        and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    )


def docker(*words):
    return subprocess.run(["docker", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


if engine_runs():  # a machine without an engine has nothing to skip

    def test_the_image_serves_the_page():
        docker("build", "-t", TAG, ".")
        assert int(docker("image", "inspect", "-f", "{{.Size}}", TAG)) < LARGEST
        port = free_port()
        container = docker("run", "--rm", "-d", "-p", f"127.0.0.1:{port}:7860", TAG)
        try:
            assert _answers(f"http://127.0.0.1:{port}/", time.monotonic() + 120)
        finally:
            docker("rm", "-f", container)


def _answers(url, end):
    while time.monotonic() < end:
        try:
            return urllib.request.urlopen(url, timeout=5).status == 200
        except OSError:
            time.sleep(0.5)
    return False
