"""`python -m vunet bench --mirror`: how soon the person on the stage follows a camera, and a film of it for the README.

The camera is Chromium's fake one; it shows a person that the model renders, who dances.
`python -m vunet.bench.mirror FILE` writes the film.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vunet.bench.browser import FLAGS, browser, chromium_path, served
from vunet.bench.page_film import EVERY, QUALITY, SIZE, frame_of
from vunet.bench.timing import Numbers, summary
from vunet.errors import VUNetError
from vunet.pose.motion import in_betweens, ready_made
from vunet.pose.skeleton import Pose
from vunet.studio import Studio

CAMERA = (640, 480)
BETWEEN = 6  # pictures of the camera from key to key
LOADS_WITHIN = 60_000  # milliseconds, of the estimator
FILM_FRAMES = 48
# When each pose was seen by the camera; for each picture the pose that it shows, and when it was on the screen.
RECORDER = """() => {
  const root = document.querySelector(".vu-editor"), log = window.vuLog = { seen: [], painted: [] }, shows = {};
  root.closest(".vu-stage").addEventListener("vu-show", ({ detail }) => detail.at && log.seen.push(detail.at));
  new MutationObserver(() => { shows[root.dataset.sent] = log.seen.length - 1; })
    .observe(root, { attributes: true, attributeFilter: ["data-sent"] });
  new MutationObserver(() => {
    const seen = log.seen[shows[root.dataset.painted]];
    requestAnimationFrame(() => setTimeout(() => seen && log.painted.push([seen, performance.now()])));
  }).observe(root, { attributes: true, attributeFilter: ["data-painted"] });
}"""


def film_poses(motion: str = "groove") -> list[Pose]:
    """What the person in the camera's film does."""
    return in_betweens(ready_made()[motion].on(Pose.default()), BETWEEN)


def camera_film(studio: Studio, path: Path) -> None:
    """Pictures of a sampled person who moves, as JPEG files one after the other, which Chromium takes for a camera."""
    look = studio.sample(Pose.default(), 1, 6)[0]
    film = io.BytesIO()
    for pose in film_poses():
        picture = Image.fromarray(studio.render(look, pose, studio.live_size)).resize((CAMERA[1], CAMERA[1]))
        wide = Image.new("RGB", CAMERA, (240, 240, 240))
        wide.paste(picture, ((CAMERA[0] - CAMERA[1]) // 2, 0))
        wide.save(film, "jpeg", quality=92)
    path.write_bytes(film.getvalue())


@contextmanager
def with_camera(chromium: Any, film: Path) -> Iterator[Any]:
    """Another browser of the same kind, whose camera shows the film."""
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    launched = chromium.browser_type.launch(executable_path=chromium_path(), args=[*FLAGS, *fake])
    yield launched
    launched.close()


@contextmanager
def mirroring(studio: Studio) -> Iterator[Any]:
    """The page, with the mirror on."""
    with tempfile.TemporaryDirectory() as folder, served(studio) as url, browser() as chromium:
        film = Path(folder) / "camera.mjpeg"
        camera_film(studio, film)
        with with_camera(chromium, film) as launched:
            context = launched.new_context(viewport=SIZE, permissions=["camera"], reduced_motion="reduce")
            context.add_init_script("localStorage.setItem('vunet.toured', '1')")
            page = context.new_page()
            page.goto(url)
            page.wait_for_function("document.querySelectorAll('#looks img').length >= 8", timeout=LOADS_WITHIN)
            page.locator("#tab-motion-button").click()
            page.locator('#mirror [data-do="mirror"]').click()
            page.wait_for_function(
                "Number((document.querySelector('[data-seen]') || { dataset: {} }).dataset.seen) > 5", timeout=LOADS_WITHIN
            )
            yield page


def mirror_numbers(studio: Studio, seconds: float = 10.0) -> dict[str, Numbers]:
    """Pictures a second, and milliseconds from the camera's picture to the pixel; all on this machine's cores."""
    with mirroring(studio) as page:
        page.evaluate(RECORDER)
        page.wait_for_timeout(1000 * seconds)
        log = page.evaluate("window.vuLog")
    if not log["painted"]:
        raise VUNetError("No picture of the mirror reached the screen: the page is broken.")
    delays = summary(np.array([shown - seen for seen, shown in log["painted"]]))
    return {
        "mirror": delays
        | {"frames_per_second": len(log["painted"]) / seconds, "poses_per_second": len(log["seen"]) / seconds}
    }


def film(path: Path) -> None:
    """Writes some seconds of the mirror as an animated WebP."""
    frames = []
    with mirroring(Studio.load()) as page:
        for _ in range(FILM_FRAMES):
            frames.append(frame_of(page))
            page.wait_for_timeout(EVERY)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=EVERY, loop=0, quality=QUALITY, method=6)


if __name__ == "__main__":
    film(Path(sys.argv[1]))
