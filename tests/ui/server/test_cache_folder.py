"""Uploads go with the process that took them; pictures are whole for whoever fetches them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gradio import processing_utils

from tests.conftest import ROOT
from tests.serving import heeding_ctrl_c
from vunet.ui.server.atomic_files import write_files_atomically
from vunet.ui.server.cache_folder import VARIABLE

PAGE = f"""
import os, time
from vunet.ui.server.cache_folder import use_private_cache
use_private_cache()
folder = os.environ["{VARIABLE}"]
print(folder, os.listdir(folder), flush=True)
open(folder + "/photo.png", "w").close()
print(flush=True)
time.sleep(60)
"""


@pytest.fixture
def start(tmp_path):
    """Starts a page's process; returns it, its folder, and what lay there."""
    processes = []

    def starting(**more):
        environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), VARIABLE: "", **more}
        process = subprocess.Popen(
            [sys.executable, "-c", PAGE], env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=heeding_ctrl_c
        )  # fmt: skip
        processes.append(process)
        folder, found = process.stdout.readline().split(maxsplit=1)
        process.stdout.readline()
        return process, Path(folder), found.strip()

    yield starting
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_leaves_nothing(start, signal_):
    process, folder, _ = start()
    assert (folder / "photo.png").exists() and folder.stat().st_mode & 0o077 == 0
    process.send_signal(signal_)
    process.wait(10)
    assert not folder.exists()


def test_what_a_killed_server_left_goes_with_the_next_start_in_the_same_folder(start):
    process, folder, _ = start()
    process.kill()
    process.wait()
    assert (folder / "photo.png").exists()
    assert start()[1:] == (folder, "[]")


def test_two_servers_have_two_folders(start):
    _, first, _ = start()
    _, second, _ = start()
    assert first != second and (first / "photo.png").exists()


def test_a_link_that_somebody_laid_is_not_followed(start, tmp_path):
    process, folder, _ = start()
    process.terminate()
    process.wait(10)
    (tmp_path / "theirs").mkdir()
    folder.symlink_to(tmp_path / "theirs")
    assert start()[1] != folder and not list((tmp_path / "theirs").iterdir())


def test_a_folder_that_is_named_is_used_as_it_is(start, tmp_path):
    process, folder, _ = start(**{VARIABLE: str(tmp_path)})
    process.terminate()
    process.wait()
    assert folder == tmp_path and (tmp_path / "photo.png").exists()


def test_a_picture_that_is_written_anew_stays_whole_for_who_reads_it(tmp_path, monkeypatch):
    monkeypatch.setattr(processing_utils, "save_pil_to_cache", processing_utils.save_pil_to_cache)
    write_files_atomically()
    picture = np.zeros((64, 64, 3), np.uint8)
    path = Path(processing_utils.save_img_array_to_cache(picture, str(tmp_path / "cache")))
    whole = path.read_bytes()
    with path.open("rb") as reader:
        assert processing_utils.save_img_array_to_cache(picture, str(tmp_path / "cache")) == str(path)
        assert os.fstat(reader.fileno()).st_ino != path.stat().st_ino  # nothing was written into what is being read
        assert reader.read() == whole == path.read_bytes()
    assert [p for p in (tmp_path / "cache").rglob("*") if p.is_file()] == [path]
