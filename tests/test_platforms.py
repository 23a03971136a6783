"""The requirements resolve to wheels for every Python and system that the README names; and another Python works."""

import itertools
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import ROOT

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
# Linux with glibc 2.28, and 2.36 on ARM (Debian 12), macOS on ARM, Windows. uv reads the systems' own markers, which pip's
# resolver takes from the machine that it runs on.
SYSTEMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_36", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
AT_ONCE = 8
# What the pose and picture packages need, without PyTorch.
LIGHT = ("numpy", "opencv-python-headless", "scipy", "pillow", "pillow-heif", "openvino", "filelock")
FAST_CHECK = """
import numpy as np
from vunet import Pose
from vunet.person.crops import crop_parts
from vunet.person.framing import frame_person
from vunet.person.photo import load_photo
from vunet.pose.estimators.detection import largest_person
from vunet.pose.estimators.load_estimator import load_estimator
from vunet.pose.mannequin import mannequin
from vunet.pose.stickman import draw_stickman
photo = load_photo("assets/people/00.webp")
detection, people = largest_person(load_estimator(), photo)
person = frame_person(photo, detection, 256, people)
assert person.pose.usable() and Pose.from_openpose(person.pose.to_openpose()).usable()
assert crop_parts(person.image, person.pose, "body", 32).shape == (12, 32, 32, 3)
assert np.isfinite(mannequin(person.pose.turned(60))[0]).all() and draw_stickman(person.pose, 64).std() > 1
"""


def uv():
    return shutil.which("uv") or str(Path(sys.executable).with_name("uv"))


def refused(pair):
    python, system = pair
    words = ["pip", "compile", "requirements.txt", "--python-version", python, "--python-platform", system]
    done = subprocess.run(
        [uv(), *words, "--only-binary", ":all:", "-q"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return f"{python} {system}: {done.stderr[-500:]}" if done.returncode else ""


def test_wheels_are_there_for_every_python_and_system():
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert not list(filter(None, pool.map(refused, itertools.product(PYTHONS, SYSTEMS))))


def other_pythons():
    """Interpreters on this machine that are supported and not this one, the newest last."""
    own = "{}.{}".format(*sys.version_info[:2])
    folders = sorted((Path.home() / ".pyenv" / "versions").glob("3.*/bin"))
    found = {v: next(filter(None, (_program(f, v) for f in folders)), shutil.which(f"python{v}")) for v in PYTHONS}
    return [path for version, path in found.items() if path and version != own]


def _program(folder, version):
    path = folder / f"python{version}"
    return str(path) if path.exists() else None


if other_pythons():  # a machine with one Python has nothing to skip

    def test_another_python_finds_and_frames_a_person():
        light = [f"--with={name}" for name in LIGHT]
        done = subprocess.run(
            [uv(), "run", "--no-project", "--python", other_pythons()[-1], *light, "python", "-c", FAST_CHECK],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
