"""Nothing leaves the machine: not by importing, not by drawing, not by the command line, not by the page."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.serving import free_port

# What is asked of the network beyond the loopback interface goes into a file, from child processes' threads too.
GUARD = """
import sys
OWN = ("127.0.0.1", "localhost", "'::1'")
def seen(event, args):
    if event in ("socket.connect", "socket.getaddrinfo") and not any(own in str(args) for own in OWN):
        with open({log!r}, "a") as file:
            file.write(f"{{event}} {{args}}\\n")
sys.addaudithook(seen)
"""
PAGE = """
import os, runpy, threading, time, urllib.request
def leave():
    for _ in range(600):
        try:
            urllib.request.urlopen("http://127.0.0.1:" + os.environ["GRADIO_SERVER_PORT"], timeout=5)
            time.sleep(2)  # what a page does once it is there
            os._exit(0)
        except OSError:
            time.sleep(0.2)
    os._exit(1)
threading.Thread(target=leave, daemon=True).start()
runpy.run_path("app.py", run_name="__main__")
"""
WAYS = {
    "import": "import vunet; vunet.Studio",
    "openvino": "from vunet.telemetry import openvino; openvino()",
    "studio": """
from vunet import Pose, Studio
studio = Studio.load(device='cpu')
person = studio.detect('assets/people/00.webp')
studio.render(studio.encode(person), Pose.default())
studio.sample(Pose.default(), 1)
""",
    "command": """
sys.argv = ['vunet', 'render', 'assets/people/00.webp', 'assets/people/01.webp', {log!r} + '.png']
from vunet.cli import main
try: main()
except SystemExit as end: assert not end.code
""",
    "page": PAGE,
}


@pytest.mark.parametrize("way", WAYS)
def test_no_connection_is_opened_and_no_identity_is_written(way, tmp_path):
    home, log = tmp_path / "home", tmp_path / "asked"
    home.mkdir()
    program = GUARD.format(log=str(log)) + WAYS[way].replace("{log!r}", repr(str(log)))
    environment = {
        "HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "GRADIO_SERVER_PORT": free_port(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert not log.exists(), log.read_text()
    assert not [path for path in home.rglob("*") if "openvino" in path.name.lower() or "intel" in path.name.lower()]
