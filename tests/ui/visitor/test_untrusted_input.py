"""What visitors send, and what is kept of it."""

import re

import pytest

from tests.conftest import ROOT
from vunet import BadCheckpoint, VUNetError
from vunet.model import VUNetConfig
from vunet.ui.panels.wardrobe import WardrobePanel
from vunet.ui.server.launch import launch_options
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.visitor.look_changes import plain
from vunet.ui.visitor.session import Session
from vunet.ui.visitor.session_file import MOST


def test_unknown_checkpoints_leave_nothing_behind(studio, monkeypatch):
    monkeypatch.setenv("SPACE_ID", "user/demo")
    studios = Studios(studio)
    for i in range(50):
        with pytest.raises(BadCheckpoint):
            studios.load(f"user/x{i}")
    assert not studios._loading and not studios._others


@pytest.mark.parametrize("name", ["![x](https://example.com/a.png)", "<img src=//example.com>", "*a* _b_ `c`", "a\n# b"])
def test_a_name_is_shown_as_it_is_and_never_as_markup(name):
    shown = plain(name)
    assert not re.search(r"(?<!\\)[!\[\]()<>*_`#]", shown.replace("_", r"\_")) and "\n" not in shown
    assert shown.replace("\\", "") == name.replace("\n", " ")


def test_a_full_wardrobe_reads_no_photo(monkeypatch):
    panel = object.__new__(WardrobePanel)  # no page, and no studio that could read
    with pytest.raises(VUNetError, match=f"holds {MOST} looks"):
        next(WardrobePanel.read_photos.__wrapped__(panel, ["a.png"], Session(), (None,) * MOST, None))


def test_the_work_of_a_bounded_number_of_visitors_is_held():
    assert 50 <= launch_options()["state_session_capacity"] <= 1000


@pytest.mark.parametrize("change", [{"latents": 0}, {"size": 0}, {"parts": -1}, {"width": 10**9}, {"crop_size": 0}])
def test_no_config_can_be_what_no_model_has(change):
    with pytest.raises(BadCheckpoint):
        VUNetConfig.from_dict(VUNetConfig.preset("parts-256").to_dict() | change)


def test_the_container_holds_no_libraries_of_a_gpu():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "download.pytorch.org/whl/cpu" in text
