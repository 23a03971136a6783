"""`python -m vunet bench --load`: visitors who all drag at once, over HTTP on the loopback interface.

Every picture that comes back is compared with what its visitor's look in its pose has to be, and with the other visitors'.
"""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from vunet.bench.load_server import looks_of
from vunet.bench.timing import Numbers, summary
from vunet.errors import VUNetError
from vunet.person.ground import BACKGROUND
from vunet.person.photo import load_photo
from vunet.pose.motion import in_betweens, wave
from vunet.pose.skeleton import Pose
from vunet.studio import Studio
from vunet.studio.appearance import Appearance

HERTZ = 30  # of a hand that moves
MATRIX = 8  # people of the matrix that somebody else draws meanwhile
ALIKE = 4.0  # grey levels by which JPEG, and another order of sums, may change a person; another look makes 20 and more
Render = Callable[[int, int, int], np.ndarray]  # numbers of a look and of a pose, pixels
POSES = in_betweens(wave(Pose.default()), 2 * HERTZ)


@dataclass
class Visitor:
    """A hand that moves at 30 Hz, one request in flight, the newest pose next: what the page does."""

    url: str
    editor: int
    token: str
    start: int
    waits: list[float] = field(default_factory=list)
    pictures: list[tuple[int, bytes]] = field(default_factory=list)  # index of the pose, JPEG
    errors: list[str] = field(default_factory=list)
    busy: int = 0
    last: int = -1  # index of the pose that the hand let go at

    def drag(self, seconds: float) -> None:
        """Drags, then lets go and waits for the last picture."""
        import httpx

        with httpx.Client(timeout=60) as client:
            began = time.perf_counter()
            for seq in itertools.count(1):
                now = time.perf_counter()
                released = now - began > seconds
                pose = (self.start + int((min(now - began, seconds)) * HERTZ)) % len(POSES)
                self.last = pose
                painted = self._ask(client, seq, pose, now)
                if released and painted:
                    return

    def _ask(self, client: Any, seq: int, pose: int, now: float) -> bool:
        data = {"token": self.token, "seq": seq, "pose": POSES[pose].to_dict()}
        body = {"data": data, "component_id": self.editor, "fn_name": "render", "session_hash": self.token}
        answer = client.post(f"{self.url}gradio_api/component_server", json=body)
        reply = answer.json() if answer.status_code == 200 else {"error": f"status {answer.status_code}"}
        if "src" in reply:
            self.waits.append(1e3 * (time.perf_counter() - now))
            self.pictures.append((pose, base64.b64decode(reply["src"].partition(",")[2])))
            return True
        if "busy" in reply:
            self.busy += 1
            time.sleep(0.8)
        else:
            self.errors.append(str(reply.get("error", reply)))
        return False


def load_report(checkpoint: str | None, visitors: int, seconds: float) -> dict[str, Any]:
    """Measures, prints, returns the numbers."""
    studio = Studio.load(checkpoint)
    looks = looks_of(studio, visitors)
    with _server(visitors, checkpoint) as (process, url, tokens):
        page = _config(url)
        _beside_a_matrix(url, page, tokens[0], 1.0)  # buffers that the first picture of a kind allocates
        before = _size(process.pid)
        crowd = _together(url, page, tokens, seconds)
        alone, matrix_seconds = _beside_a_matrix(url, page, tokens[0], seconds / 3)
        time.sleep(3)
        after = _size(process.pid)
    numbers = {
        "visitors": visitors,
        "seconds": seconds,
        "crowd": _numbers(crowd, seconds),
        "one beside a matrix": _numbers([alone], seconds / 3) | {"matrix_seconds": matrix_seconds},
        "memory_mb": [before["mb"], after["mb"]],
        "threads": [before["threads"], after["threads"]],
        "files": [before["files"], after["files"]],
        **_verified(studio, looks, [*crowd, alone]),
    }
    _print(numbers)
    return numbers


@contextmanager
def _server(visitors: int, checkpoint: str | None) -> Iterator[tuple[subprocess.Popen, str, list[str]]]:
    command = [sys.executable, "-m", "vunet.bench.load_server", str(visitors), checkpoint or ""]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if line.startswith("{")), None)
        if line is None:
            raise VUNetError("The page did not start: run `python app.py` to see why.")
        told = json.loads(line)
        yield process, told["url"], told["tokens"]
    finally:
        process.terminate()
        process.wait(30)


def _config(url: str) -> dict[str, Any]:
    import httpx

    return httpx.get(f"{url}config", timeout=30).json()


def _editor(page: dict[str, Any]) -> int:
    return next(c["id"] for c in page["components"] if c["props"].get("elem_id") == "stage")


def _together(url: str, page: dict[str, Any], tokens: list[str], seconds: float) -> list[Visitor]:
    crowd = [Visitor(url, _editor(page), token, 7 * i % len(POSES)) for i, token in enumerate(tokens)]
    threads = [threading.Thread(target=visitor.drag, args=(seconds,)) for visitor in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return crowd


def _beside_a_matrix(url: str, page: dict[str, Any], token: str, seconds: float) -> tuple[Visitor, float]:
    """One visitor who drags while another has the largest matrix drawn, again and again."""
    visitor, stop, took = Visitor(url, _editor(page), token, 0), threading.Event(), [0.0]
    thread = threading.Thread(target=_draw_matrices, args=(url, page, stop, took))
    thread.start()
    time.sleep(0.5)
    visitor.drag(seconds)
    stop.set()
    thread.join()
    return visitor, max(took)


def _draw_matrices(url: str, page: dict[str, Any], stop: threading.Event, took: list[float]) -> None:
    import httpx

    button = next(c["id"] for c in page["components"] if c["props"].get("elem_id") == "draw-matrix")
    event = next(d for d in page["dependencies"] if [button, "click"] in d["targets"])
    data = [MATRIX if i == 1 else None for i in range(len(event["inputs"]))]
    with httpx.Client(timeout=120) as client:
        while not stop.is_set():
            started = time.perf_counter()
            call = {"data": data, "fn_index": event["id"], "session_hash": "matrix", "trigger_id": button}
            client.post(f"{url}gradio_api/queue/join", json=call).raise_for_status()
            with client.stream("GET", f"{url}gradio_api/queue/data?session_hash=matrix") as stream:
                for line in stream.iter_lines():
                    if "process_completed" in line:
                        break
            took.append(time.perf_counter() - started)


def _verified(studio: Studio, looks: list[Appearance], visitors: list[Visitor]) -> dict[str, int]:
    """How many pictures were not their visitor's look in their pose, and how many visitors' last picture was not."""
    render = _memoised(studio, looks)
    wrong = stale = 0
    for i, visitor in enumerate(visitors):
        own = i % len(looks)
        right = [_difference(load_photo(jpeg), own, pose, render) < ALIKE for pose, jpeg in visitor.pictures]
        wrong += right.count(False)
        stale += not right or not right[-1] or visitor.pictures[-1][0] != visitor.last
    return {"pictures": sum(len(v.pictures) for v in visitors), "of somebody else": wrong, "stale at the end": stale}


def _memoised(studio: Studio, looks: list[Appearance]) -> Render:
    known: dict[tuple[int, int, int], np.ndarray] = {}

    def render(look: int, pose: int, size: int) -> np.ndarray:
        if (look, pose, size) not in known:
            known[look, pose, size] = studio.render(looks[look], POSES[pose], size)
        return known[look, pose, size]

    return render


def _difference(decoded: np.ndarray, look: int, pose: int, render: Render) -> float:
    """Grey levels, on average over the person: JPEG alone makes 2."""
    picture = render(look, pose, len(decoded))
    person = np.abs(picture.astype(int) - BACKGROUND).max(axis=2) > 16
    return float(np.abs(decoded.astype(int) - picture)[person].mean())


def _numbers(visitors: list[Visitor], seconds: float) -> Numbers:
    waits = np.array([wait for visitor in visitors for wait in visitor.waits] or [np.nan])
    return summary(waits) | {
        "frames_per_second": len(waits) / seconds,
        "errors": sum(len(v.errors) for v in visitors),
        "busy": sum(v.busy for v in visitors),
    }


def _size(pid: int) -> dict[str, float]:
    """Resident memory, threads and open files of a process; zeros where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return {"mb": 0.0, "threads": 0, "files": 0}
    told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return {"mb": float(told["VmRSS"].split()[0]) / 1024, "threads": int(told["Threads"]), "files": files}


def _print(numbers: dict[str, Any]) -> None:
    for name, value in numbers.items():
        cells = "   ".join(f"{k} {v:.4g}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"{name:22} {cells}")
