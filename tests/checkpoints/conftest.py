"""A hub on the loopback interface, and no way to any other."""

import socket

import pytest

from tests.fake_hub import FakeHub


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
