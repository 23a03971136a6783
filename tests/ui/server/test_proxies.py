"""The page starts whatever proxies the environment names."""

import os
import sys

import httpx
import pytest

from tests.conftest import ROOT
from tests.serving import page_of
from vunet.ui.server.proxies import bypass_proxies

DEAD = {"http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"}


def test_the_page_starts_behind_proxies_that_are_dead(tmp_path):
    environment = {**os.environ, **DEAD, "NO_PROXY": "example.com"}
    page = page_of([sys.executable, str(ROOT / "app.py")], tmp_path, environment, tmp_path / "log")
    with page as (url, _), httpx.Client(trust_env=False) as client:
        assert client.get(url).status_code == 200
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("installed", [True, False])
def test_what_the_environment_excepts_stays_and_socks_needs_its_package(monkeypatch, capsys, installed):
    for name in (*DEAD, "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "example.com")
    monkeypatch.setenv("ALL_PROXY", DEAD["ALL_PROXY"])
    monkeypatch.setattr("vunet.ui.server.proxies.find_spec", lambda _: object() if installed else None)
    bypass_proxies()
    assert os.environ["no_proxy"].split(",") == ["example.com", "127.0.0.1", "localhost", "0.0.0.0", "::1"]
    assert ("ALL_PROXY" in os.environ) == installed and ("ALL_PROXY" in capsys.readouterr().err) != installed
