"""`python -m vunet bench --lots`: how many pictures a second one process hands out, and how long visitors wait for them.

The device is pretended, its time per lot is given: what is measured is the render queue and the coroutines around it,
without network, page or pictures.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vunet.errors import Busy, Superseded
from vunet.pose.skeleton import Pose
from vunet.runtime.render_queue import RenderQueue, live
from vunet.studio import Studio
from vunet.ui.visitor.live_render import result_in_time

HERTZ = 15  # poses a second of a visitor who drags
MOST = 32  # pictures of a lot
AT_ONCE = 0.1  # share of a page's visitors who drag at a time
GOLDEN = (5**0.5 - 1) / 2
CROWDS = (100, 1_000, 10_000)
PAGE_SECONDS = 0.01  # of a core for a picture's way through a page: request, mannequin, JPEG, answer


@dataclass(frozen=True)
class PretendedDevice:
    """Takes `lot` seconds for any lot, and `picture` for each of its pictures; answers with what it was given."""

    lot: float
    picture: float

    def render(self, items: Sequence[Any]) -> Sequence[Any]:
        """The lot."""
        time.sleep(self.lot + self.picture * len(items))
        return items

    @property
    def most_a_second(self) -> float:
        """Pictures, in full lots."""
        return MOST / (self.lot + self.picture * MOST)


@dataclass
class Counts:
    """waits: seconds. wrong: answers that were another's, or older than one that came before."""

    waits: list[float] = field(default_factory=list)
    wrong: int = 0
    superseded: int = 0
    busy: int = 0


async def _visitor(number: int, queue: RenderQueue, device: PretendedDevice, end: float, counts: Counts) -> None:
    """Moves `HERTZ` times a second, one request in flight, the newest pose next, as the page does."""
    await asyncio.sleep(number * GOLDEN % 1 / HERTZ)  # nobody's hand keeps time with another's
    newest, began = -1, time.perf_counter()
    while (now := time.perf_counter()) < end:
        pose = math.floor((now - began) * HERTZ)
        try:
            with live(str(number)):
                ticket = queue.submit("256", (number, pose), device.render)
            who, shown = await result_in_time(queue, ticket)
            counts.waits.append(time.perf_counter() - now)
            counts.wrong += who != number or shown < newest
            newest = shown
        except Superseded:
            counts.superseded += 1
        except Busy:
            counts.busy += 1
        await asyncio.sleep(max(0.0, began + (pose + 1) / HERTZ - time.perf_counter()))


def lot_numbers(visitors: int, device: PretendedDevice, seconds: float, most: int = MOST) -> dict[str, float]:
    """Pictures a second, waits in milliseconds, and how many answers were wrong, superseded or refused."""
    queue, counts = RenderQueue(most=most), Counts()

    async def crowd() -> None:
        end = time.perf_counter() + seconds
        await asyncio.gather(*(_visitor(i, queue, device, end, counts) for i in range(visitors)))

    began = time.perf_counter()
    asyncio.run(crowd())
    seconds = time.perf_counter() - began
    waits = 1e3 * np.array(counts.waits)
    return {
        "visitors": visitors, "asked_for": visitors * HERTZ, "pictures_per_second": len(waits) / seconds,
        "median_ms": float(np.median(waits)), "p95_ms": float(np.percentile(waits, 95)),
        "wrong": counts.wrong, "superseded": counts.superseded, "busy": counts.busy,
    }  # fmt: skip


def machines(studio: Studio, device: PretendedDevice) -> list[dict[str, float]]:
    """For each crowd, a tenth of whom drag: machines of this one's kind, page processes and devices of the pretended kind.

    A page's process uses a core for `PAGE_SECONDS` of each picture.
    """
    alone = studio_rate(studio)
    rows = []
    for crowd in CROWDS:
        wanted = crowd * AT_ONCE * HERTZ
        rows.append(
            {
                "visitors": crowd,
                "pictures_per_second": wanted,
                "machines_like_this": math.ceil(wanted / alone),
                "page_processes": math.ceil(wanted * PAGE_SECONDS),
                "devices": math.ceil(wanted / device.most_a_second),
            }
        )
    return rows


def studio_rate(studio: Studio, pictures: int = 30) -> float:
    """Pictures of a drag that this machine renders a second."""
    look, poses = studio.sample(Pose.default(), 1)[0], [Pose.default().turned(i / 10) for i in range(pictures)]
    studio.render(look, poses[0], studio.live_size)
    began = time.perf_counter()
    for pose in poses:
        studio.render(look, pose, studio.live_size)
    return pictures / (time.perf_counter() - began)


def lots_report(checkpoint: str | None, visitors: int, lot_ms: float, picture_ms: float, seconds: float) -> dict[str, Any]:
    """Measures, prints, returns the numbers."""
    device = PretendedDevice(lot_ms / 1e3, picture_ms / 1e3)
    numbers = lot_numbers(visitors, device, seconds)
    rows = machines(Studio.load(checkpoint), device)
    print("   ".join(f"{name} {value:.4g}" for name, value in numbers.items()))
    print("\n".join("| " + " | ".join(f"{value:,.0f}" for value in row.values()) + " |" for row in rows))
    return {"lots": numbers, "machines": rows}
