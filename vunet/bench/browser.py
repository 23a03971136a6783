"""Drag-to-pixel latency, as a visitor has it: headless Chromium, a real pointer, the page served on loopback."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from vunet.bench.timing import Numbers, summary
from vunet.errors import VUNetError
from vunet.runtime.engine import Engine
from vunet.studio import Studio

# Background services of the browser would only wait for hosts that a closed network does not have.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
POINTER_INTERVAL_MS = 16

# For each pointer position: when it came, and when a picture of it or of a later one was on the screen. For each picture:
# the last position that it may show, when it was asked for, when it was on the screen.
RECORDER = """() => {
  const root = document.querySelector(".vu-editor");
  const log = window.vuLog = { moved: [], painted: [] }, shows = {}, sent = {};
  root.querySelector(".vu-world svg").addEventListener("pointermove", (e) => log.moved.push(e.timeStamp), true);
  new MutationObserver(() => {
    shows[root.dataset.sent] = log.moved.length - 1;
    sent[root.dataset.sent] = performance.now();
  }).observe(root, { attributes: true, attributeFilter: ["data-sent"] });
  new MutationObserver(() => {
    const seq = root.dataset.painted;
    if (root.dataset.fine === seq) return; // the finer picture after the drag
    requestAnimationFrame(() => setTimeout(() => log.painted.push([shows[seq], sent[seq], performance.now()])));
  }).observe(root, { attributes: true, attributeFilter: ["data-painted"] });
}"""


def chromium_path() -> str:
    """Where Chromium is: CHROMIUM, or one on the path. Raises `VUNetError`."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise VUNetError("Chromium was not found: install it, or set CHROMIUM, or pass --no-browser.")
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise VUNetError("Playwright is not installed: run `pip install -r requirements-dev.txt`.") from None
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)


@contextmanager
def served(studio: Studio) -> Iterator[str]:
    """The page on a free port of the loopback interface; yields its address."""
    from vunet.ui.page import build_app
    from vunet.ui.server.launch import launch_options

    demo = build_app(studio)
    _, url, _ = demo.launch(**launch_options(), server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
    try:
        yield url
    finally:
        demo.close()


class Stopwatch:
    """An engine whose renders are timed."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.name, self.integers = engine, engine.name, engine.integers
        self.milliseconds: list[float] = []

    def render(self, *inputs: Any) -> Any:
        """See `Engine.render`."""
        started = time.perf_counter()
        picture = self.engine.render(*inputs).cpu()  # a GPU has to be waited for
        self.milliseconds.append(1e3 * (time.perf_counter() - started))
        return picture

    def double(self, *inputs: Any) -> Any:
        """See `Engine.double`: not timed, since it waits for the end of a drag."""
        return self.engine.double(*inputs)

    def double_sample(self, *inputs: Any) -> Any:
        """See `Engine.double_sample`: nor is this."""
        return self.engine.double_sample(*inputs)


@contextmanager
def timed(studio: Studio) -> Iterator[Stopwatch]:
    """The studio's engine under a stopwatch."""
    engine = studio.engine
    studio.engine = watch = Stopwatch(engine)
    try:
        yield watch
    finally:
        studio.engine = engine


def drag_numbers(studio: Studio, positions: int, latency: int = 0) -> dict[str, Numbers]:
    """A drag of so many pointer positions. Drag-to-pixel counts from every position, those between two pictures too; a
    picture's own way from the moment that it is asked for, and beside it E + D as long as they take in that company.

    latency: milliseconds of a network that the browser pretends.
    """
    with served(studio) as url, browser() as chromium, timed(studio) as watch:
        page = chromium.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        page.goto(url)
        page.wait_for_selector("[data-painted]", timeout=30_000)
        page.wait_for_timeout(3000)  # the gallery fills
        _pretend_network(page, latency)
        page.evaluate(RECORDER)
        watch.milliseconds.clear()
        _drag(page, "lwrist", positions)
        page.wait_for_timeout(1500)
        log = page.evaluate("window.vuLog")
    return _latencies(log) | _ways(log, watch)


def _pretend_network(page: Any, latency: int) -> None:
    session = page.context.new_cdp_session(page)
    unlimited = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", unlimited | {"latency": latency})


def _drag(page: Any, joint: str, positions: int) -> None:
    box = page.locator(f'[data-joint="{joint}"] .vu-dot').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(positions):
        angle = 2 * math.pi * i / positions
        page.mouse.move(x + 70 * math.sin(angle), y - 70 + 70 * math.cos(angle))
        page.wait_for_timeout(POINTER_INTERVAL_MS)
    page.mouse.up()


def _latencies(log: dict[str, Any]) -> dict[str, Numbers]:
    moved, painted = log["moved"], [(k, t) for k, _, t in log["painted"] if k is not None]
    waits = [min(t for k, t in painted if k >= i) - at for i, at in enumerate(moved) if any(k >= i for k, _ in painted)]
    if len(waits) < len(moved) or not moved:
        raise VUNetError("The last pointer position never reached the screen: the page is broken.")
    seconds = (painted[-1][1] - moved[0]) / 1e3
    return {"drag-to-pixel": summary(np.array(waits)) | {"frames_per_second": len(painted) / seconds}}


def _ways(log: dict[str, Any], watch: Stopwatch) -> dict[str, Numbers]:
    """A picture's way to the screen: request, stickman, E + D, JPEG, answer, decoding, painting."""
    whole = summary(np.array([shown - asked for _, asked, shown in log["painted"] if asked is not None]))
    render = summary(np.array(watch.milliseconds))
    beside = {"median_ms": whole["median_ms"] - render["median_ms"]}
    return {"of it a picture's own way": whole, "E + D beside the browser": render, "way without E + D": beside}
