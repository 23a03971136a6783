"""Fixtures: one studio on the default checkpoint, and pictures of example people. No photo of a real person is needed."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

if "PYTEST_XDIST_WORKER" in os.environ:  # each has one core: PyTorch's threads spin while they wait for one another
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from tests.fake_hub import FakeHub
from tests.prepared import Known, drawing
from vunet import Pose, Studio
from vunet.data.prepare import prepare
from vunet.person.photo import load_photo
from vunet.pose.joints import INDEX

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "data"


def pytest_addoption(parser):
    parser.addoption("--long", type=int, default=0, help="mutations of each kind in tests/fuzz, instead of some hundreds")


@pytest.fixture(scope="session")
def studio() -> Iterator[Studio]:
    studio = Studio.load(device="cpu")
    yield studio
    # The last turn is kept: a visitor's render that goes on while the interpreter ends would abort it.
    studio.render_queue.turn().__enter__()


@pytest.fixture(scope="session")
def people() -> list[Path]:
    return sorted((ROOT / "assets" / "people").glob("*.webp"))


@pytest.fixture(scope="session")
def street(people: list[Path]) -> np.ndarray:
    """A photo-like scene, 900 x 600: an example person, smaller than the picture, before a textured wall."""
    person = load_photo(people[0])
    rng = np.random.default_rng(0)
    wall = rng.integers(70, 130, (900, 600, 1), np.uint8).repeat(3, axis=2)
    import cv2

    figure = cv2.resize(person, (600, 600), interpolation=cv2.INTER_CUBIC)
    inside = (figure.astype(int).min(axis=2) < 215)[..., None]
    wall[150:750] = np.where(inside, figure, wall[150:750])
    return wall


@pytest.fixture
def raised() -> Pose:
    """The default pose with the left arm raised."""
    pose = Pose.default().to_dict()
    pose["joints"]["lelbow"] |= {"x": 0.68, "y": 0.16}
    pose["joints"]["lwrist"] |= {"x": 0.74, "y": 0.06}
    return Pose.from_dict(pose)


@pytest.fixture
def folded() -> Pose:
    """The default pose with the left forearm across the torso."""
    pose = Pose.default()
    joints = pose.joints.copy()
    joints[INDEX["lwrist"]] = (pose.xy("neck") + pose.xy("lhip")) / 2
    return Pose(joints, pose.visible)


@pytest.fixture
def loopback_only(monkeypatch):
    real = socket.socket.connect

    def connect(self, address):
        if isinstance(address, tuple) and not address[0].startswith(("127.", "::1", "localhost")):
            raise OSError(f"{address} is not on the loopback interface")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def hub(loopback_only, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with FakeHub().serving() as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        yield fake


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    photos, out = tmp_path_factory.mktemp("photos"), tmp_path_factory.mktemp("people")
    for i in range(40):
        Image.fromarray(drawing(i)).save(photos / f"{i:03d}.png")
    Image.fromarray(np.zeros((240, 240, 3), np.uint8)).save(photos / "nobody.png")
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "unread.jxl").write_bytes(b"\xff\x0a")
    Image.fromarray(drawing(40)).save(photos / "phone.avif", quality=95)
    Image.fromarray(drawing(41)).save(photos / "phone.heic", quality=95)
    counts = prepare(photos, out, Known())
    return photos, out, counts
