"""`python -m vunet.bench.page_film FILE`: ten seconds of the page in a real browser, as an animated WebP.

The examples, rendered figures and samples, are all that is seen: a wave, a drag, an outfit, a ready-made pose.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from vunet.bench.browser import browser, served
from vunet.studio import Studio

SIZE = {"width": 1280, "height": 800}
WIDTH, EVERY, QUALITY = 800, 125, 60  # pixels, milliseconds of a frame, of WebP
# A cursor, which a headless browser does not draw.
CURSOR = """() => {
  const dot = document.createElement("div");
  dot.style = "position:fixed;z-index:99;width:22px;height:22px;margin:-11px;border-radius:50%;border:3px solid #18181b;"
    + "background:#ffffffaa;pointer-events:none";
  document.body.append(dot);
  addEventListener("pointermove", (e) => { dot.style.left = e.clientX + "px"; dot.style.top = e.clientY + "px"; }, true);
}"""


def film(path: Path) -> None:
    """Writes the film."""
    with served(Studio.load()) as url, browser() as chromium:
        page = chromium.new_page(viewport=SIZE, reduced_motion="reduce")
        page.add_init_script("localStorage.setItem('vunet.toured', '1')")
        page.goto(url)
        page.wait_for_function("document.querySelectorAll('#looks img').length >= 8", timeout=60_000)
        page.evaluate(CURSOR)
        frames = [frame_of(page) for _ in _scenes(page)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=EVERY, loop=0, quality=QUALITY, method=6)


def frame_of(page: Any) -> Image.Image:
    """What the page shows, small."""
    picture = Image.open(io.BytesIO(page.screenshot(type="jpeg", quality=92)))
    return picture.resize((WIDTH, WIDTH * SIZE["height"] // SIZE["width"]), Image.Resampling.LANCZOS)


def _scenes(page: Any) -> Iterator[None]:
    """Acts; at each step a frame is taken."""
    yield from _dragged(page, "lwrist", lambda t: (150 * math.sin(t), -190 * t), 14)
    yield from _dragged(page, "rwrist", lambda t: (-120 * t, -260 * t), 12)
    yield from _clicked(page, "#looks .thumbnail-item >> nth=0", 8)
    yield from _dragged(page, "lankle", lambda t: (130 * t, -50 * t), 10)
    yield from _clicked(page, "#looks .thumbnail-item >> nth=5", 8)
    yield from _clicked(page, "#tab-poses-button", 4)
    for name in ("Walking", "Arms wide"):
        yield from _clicked(page, f'.vu-card button:has-text("{name}") >> nth=0', 9)


def _dragged(page: Any, joint: str, way: Any, frames: int) -> Iterator[None]:
    box = page.locator(f'[data-joint="{joint}"] .vu-dot').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(1, frames + 1):
        dx, dy = way(i / frames)
        page.mouse.move(x + dx, y + dy, steps=3)
        page.wait_for_timeout(EVERY)
        yield
    page.mouse.up()
    page.wait_for_timeout(400)
    yield


def _clicked(page: Any, selector: str, frames: int) -> Iterator[None]:
    node = page.locator(selector)
    node.scroll_into_view_if_needed()
    node.hover()
    yield
    node.click()
    for _ in range(frames - 1):
        page.wait_for_timeout(EVERY)
        yield


if __name__ == "__main__":
    film(Path(sys.argv[1]))
