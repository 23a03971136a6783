"""What goes wrong in the world: each fault is injected, told in one sentence, survived, and nothing is lost."""

import errno
import http.client
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import torch

from tests.conftest import ROOT
from tests.faults.guards import GUARDS
from tests.serving import finished, page_of
from vunet import HubUnavailable, NoPersonFound, Pose, Studio, VUNetError
from vunet.checkpoints import resolve
from vunet.errors import ModelFailed
from vunet.output.film import write_film
from vunet.pose.estimators.timeout import FAILED, EstimatorWithTimeout
from vunet.ui.visitor.live_render import LiveRenderer
from vunet.ui.visitor.loaded_checkpoints import Studios
from vunet.ui.words.error_messages import with_error_messages


class Faulty:
    """An engine that fails once, then works."""

    def __init__(self, engine, fault):
        self.engine, self.fault, self.name = engine, fault, engine.name

    def render(self, *inputs):
        fault, self.fault = self.fault, None
        if isinstance(fault, Exception):
            raise fault
        picture = self.engine.render(*inputs)
        return picture if fault is None else picture * float("nan")

    def double(self, *inputs):
        return self.engine.double(*inputs)

    def double_sample(self, *inputs):
        return self.engine.double_sample(*inputs)


@pytest.fixture
def faulty(studio, monkeypatch):
    def break_it(fault):
        monkeypatch.setattr(studio, "engine", Faulty(studio.engine, fault))
        return studio

    return break_it


OUT_OF_MEMORY = [
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 999 bytes"),
]


@pytest.mark.parametrize(
    "fault, words", [(error, "not enough memory") for error in OUT_OF_MEMORY] + [("nan", "no picture")]
)
def test_a_render_that_fails_is_told_and_the_next_one_works(faulty, fault, words):
    line = LiveRenderer(Studios(faulty(fault)))
    token = line.keep(line._studios.first.sample(Pose.default(), 1)[0])
    request = {"token": token, "seq": 1, "pose": Pose.default().to_dict()}
    assert words in finished(line.render(request))["error"]
    assert "src" in finished(line.render(request))


def test_a_bug_is_not_taken_for_a_lack_of_memory(faulty):
    studio = faulty(RuntimeError("shapes do not match"))
    look = studio.sample(Pose.default(), 1)[0]
    with pytest.raises(RuntimeError, match="shapes"):
        studio.render(look, Pose.default())
    assert studio.render(look, Pose.default()).shape == (studio.size, studio.size, 3)


def test_codes_that_are_not_numbers_are_refused_before_anybody_wears_them(studio, monkeypatch):
    monkeypatch.setattr(studio.model, "sample", lambda *_: [torch.full((1, 4, 4, 4), torch.nan)])
    with pytest.raises(ModelFailed):
        studio.sample(Pose.default(), 1)


class Estimators:
    """Makes estimators; the first one fails as it is told."""

    name = "faulty"

    def __init__(self, fault):
        self.fault, self.made = fault, 0

    def __call__(self):
        self.made += 1
        return self

    def detect(self, photo):
        if self.made == 1:
            self.fault()
        return []


def crash():
    raise RuntimeError("graph failed")


@pytest.mark.parametrize("fault", [crash, lambda: time.sleep(5)], ids=["crashes", "hangs"])
def test_an_estimator_that_fails_is_given_up_for_a_new_one(fault):
    make = Estimators(fault)
    watched = EstimatorWithTimeout(make, seconds=0.2)
    with pytest.raises(NoPersonFound, match=FAILED.partition(":")[0]):  # the page then offers to place the skeleton by hand
        watched.detect(np.zeros((8, 8, 3), np.uint8))
    assert watched.detect(np.zeros((8, 8, 3), np.uint8)) == [] and make.made == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_is_told_to_the_visitor(number):
    import gradio as gr

    @with_error_messages
    def handler(_):
        raise OSError(number, "disk")

    with pytest.raises(gr.Error, match="no room left"):
        handler(None)


def test_a_film_on_a_full_disk_is_an_error_and_no_empty_file(tmp_path, monkeypatch):
    import cv2

    class Silent:  # what OpenCV does when it cannot write
        isOpened, write, release = (lambda *_: True), (lambda *_: None), (lambda *_: None)  # noqa: N815

    monkeypatch.setattr(cv2, "VideoWriter", lambda *_: Silent())
    with pytest.raises(OSError) as caught:
        write_film([np.zeros((64, 64, 3), np.uint8)], tmp_path / "x.webm", 16)
    assert caught.value.errno == errno.ENOSPC


def test_a_training_state_that_cannot_be_written_leaves_the_last_one(tmp_path, monkeypatch):
    from tests.configs import SMALL
    from vunet.train.run import STATE, Run

    run = Run.open(tmp_path, SMALL)
    run.save()
    before = (tmp_path / STATE).read_bytes()

    def full(state, path):
        path.write_bytes(b"half")
        raise RuntimeError("PytorchStreamWriter failed writing file")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(VUNetError, match="make room"):
        run.save()
    assert (tmp_path / STATE).read_bytes() == before and list(tmp_path.glob("*.new")) == []


def test_a_cache_that_cannot_be_written_is_said_so(hub, monkeypatch):
    hub.repo("user/repo", **{"model.safetensors": b"x" * 100})
    monkeypatch.setenv("HF_HUB_CACHE", "/proc/nowhere")
    with pytest.raises(HubUnavailable, match="HF_HUB_CACHE"):
        resolve("user/repo")


def test_a_hub_that_vanishes_in_mid_download_is_an_error_and_the_file_is_not_kept(hub, tmp_path):
    repo = hub.repo("user/repo", **{"model.safetensors": os.urandom(500_000)})
    repo.breaks_after, repo.then_gone = 100_000, True
    with pytest.raises(HubUnavailable, match="cannot be reached"):
        resolve("user/repo")
    assert not list((tmp_path / "cache").rglob("*.incomplete")) and not list(
        (tmp_path / "cache").rglob("model.safetensors")
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    environment = {**os.environ, "TMPDIR": str(folder)}
    environment.pop("GRADIO_TEMP_DIR", None)
    with page_of([sys.executable, str(ROOT / "app.py")], folder, environment, folder / "log") as (url, process):
        yield url, process, folder / "log"


def post(url, path, body):
    connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=60)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    return connection


def test_clients_that_hang_up_do_not_stop_the_server(server):
    url, process, _ = server
    for _ in range(20):
        post(url, "/gradio_api/call/sample", {"data": [None, 8, 1, 1.0]}).close()
    connection = post(url, "/gradio_api/call/sample", {"data": [None, 1, 1, 1.0]})
    event = json.loads(connection.getresponse().read())["event_id"]
    connection.request("GET", f"/gradio_api/call/sample/{event}")
    assert b"event: complete" in connection.getresponse().read()
    assert process.poll() is None


def test_sigterm_with_work_in_progress_ends_the_server_without_a_traceback(server):
    url, process, log = server
    for _ in range(3):
        post(url, "/gradio_api/call/sample", {"data": [None, 64, 1, 1.0]}).getresponse().read()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == -signal.SIGTERM
    text = log.read_text()
    assert "Traceback" not in text and "terminate" not in text, text
    assert not [path for path in log.parent.glob("vunet-page-*") if path.is_dir()]


def test_training_that_is_told_to_stop_saves_between_two_steps_and_goes_on(data, tmp_path):
    command = [sys.executable, "-m", "vunet", "train", "--data", data[1], "--run", tmp_path / "run"]
    command = [*map(str, command), "--batch", "2", "--perceptual", "none", "--steps", "500"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    )  # fmt: skip
    seen = io.StringIO()
    reader = threading.Thread(target=lambda: [seen.write(c) for c in iter(lambda: process.stdout.read(1), "")])
    reader.start()
    while "loss=" not in seen.getvalue():
        assert process.poll() is None, seen.getvalue()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGTERM)  # as service managers do: to the processes that load data too
    assert process.wait(60) == 130
    reader.join()
    assert "goes on where it stopped" in seen.getvalue() and "Traceback" not in seen.getvalue()
    state = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    assert 1 <= state["step"] < 500


def test_a_damaged_checkpoint_is_one_sentence_at_the_start(tmp_path):
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    environment = {**os.environ, "VUNET_CHECKPOINT": str(path)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "not a VUNet checkpoint" in done.stderr


def test_loading_again_after_a_fault_gives_the_same_picture(studio):
    look = studio.sample(Pose.default(), 1, seed=3)[0]
    again = Studio.load(device="cpu")
    assert np.abs(again.render(look, Pose.default()).astype(int) - studio.render(look, Pose.default())).max() <= 1


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.fault)
def test_the_list_of_guards_is_true(guard):
    """That each test fails without its guard is seen by `python -m tests.faults.guards`."""
    assert guard.there in (ROOT / guard.file).read_text(encoding="utf-8")
    file, _, name = guard.test.partition("::")
    assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")
