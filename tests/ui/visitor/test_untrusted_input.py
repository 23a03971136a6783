"""What visitors send, and what is kept of it."""

import re

import pytest

from tests.conftest import ROOT
from vunet import BadCheckpoint, Motion, Pose, VUNetError
from vunet.model import VUNetConfig
from vunet.ui.panels.motion import film_keys
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


ROW = [[0.5, 0.5, 1]] * 15


@pytest.mark.parametrize(
    "request_",
    [
        {}, [], None, {"times": [], "joints": []}, {"times": [0, 1], "joints": [ROW]},
        {"times": [1, 0], "joints": [ROW, ROW]}, {"times": [10**400], "joints": [ROW]},
        {"times": [0], "joints": [[[10**400, 0, 1]] * 15]}, {"times": [0], "joints": [[[0, 0]]]},
        {"times": [float("nan")], "joints": [ROW]}, {"times": [0], "joints": [None]},
        {"times": [0.0], "joints": [ROW], "pose": 3}, {"times": [0, 1e9], "joints": [ROW, ROW]},
        {"times": [0, 1], "joints": [ROW, *[0] * 100_000]},
    ],
)  # fmt: skip
def test_a_films_joints_that_make_no_sense_are_one_sentence(request_):
    answer = film_keys(request_)
    assert set(answer) == {"error"} and answer["error"].endswith(".")


def test_a_films_joints_become_keys():
    answer = film_keys({"times": [0, 0.1, 0.2], "joints": [ROW, None, ROW], "pose": Pose.default().to_dict()})
    assert Motion.from_dict(answer).keys
