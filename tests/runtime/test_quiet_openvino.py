"""Nothing is sent anywhere by importing or starting what renders."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

WATCH = """
import sys
asked = []
def seen(event, args):
    if event in ("socket.connect", "socket.getaddrinfo") and "127.0.0.1" not in str(args):
        asked.append((event, str(args)))
sys.addaudithook(seen)
"""
WAYS = {
    "import": "import vunet; vunet.Studio",
    "openvino": "from vunet.runtime.engine.quiet_openvino import openvino; openvino()",
    "studio": "from vunet import Studio; Studio.load(device='cpu')",
    "command": "sys.argv = ['vunet', '--help']\nfrom vunet.cli import main\ntry: main()\nexcept SystemExit: pass",
    "page": "import runpy; runpy.run_path('app.py', run_name='app')",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_connection_is_opened_and_no_identity_is_written(way, tmp_path):
    program = f"{WATCH}\n{WAYS[way]}\nimport time; time.sleep(0.3)\nassert not asked, asked\n"
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert not [path for path in tmp_path.rglob("*") if "openvino" in path.name.lower() or "intel" in path.name.lower()]
