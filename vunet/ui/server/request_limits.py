"""What stands before the page: bodies that are too large and visitors who ask too often are turned away, in one sentence.

Gradio limits the size of uploads but not that of JSON, and knows no rate.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MAX_JSON = 6_000_000  # bytes; the largest honest one is a session that comes back from the browser
UPLOAD = "/gradio_api/upload"
MAX_UPLOAD = 120_000_000  # bytes of all files of one upload; Gradio holds each below 30 MB
# Bytes a second that one visitor may upload, and at once: they lie on the disk for an hour.
UPLOADED = (1_000_000.0, 240_000_000.0)
ADDRESSES = ("/gradio_api/file=http:", "/gradio_api/file=https:", "/file=http:", "/file=https:")
REMEMBERED = 10_000  # visitors
# Calls a second, and at once: a page that opens asks for hundreds of files, a drag for thirty pictures a second.
RATES = {UPLOAD: (2.0, 40.0), "/gradio_api/": (60.0, 300.0)}


class RequestLimits:
    """An ASGI middleware. rates: for the beginnings of paths, calls a second and at once.

    behind_proxy: whether a proxy that can be trusted writes down whom it saw, as that of Spaces does.
    """

    def __init__(
        self,
        app: Any,
        rates: dict[str, tuple[float, float]] | None = None,
        max_json: int = MAX_JSON,
        behind_proxy: bool = False,
    ) -> None:
        self.app, self.max_json, self.behind_proxy = app, max_json, behind_proxy
        self.buckets = {path: Buckets(*rate) for path, rate in (rates or RATES).items()}
        self.uploaded = Buckets(*UPLOADED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        seconds = self._wait(scope)
        if seconds:
            sentence = f"Too many requests: try again in {math.ceil(seconds)} seconds."
            return await _answer(send, 429, sentence, retry_after=math.ceil(seconds))
        if scope["path"].startswith(ADDRESSES):  # Gradio would fetch them; see `block_downloads` as well
            return await _answer(send, 403, "Addresses are not fetched.")
        upload = scope["method"] == "POST" and scope["path"].startswith(UPLOAD)
        most = MAX_UPLOAD if upload else self.max_json
        if _announced(scope) > most:
            return await _answer(send, 413, TOO_LARGE)
        if upload and (seconds := self.uploaded.take(self._visitor(scope), _announced(scope) or most)):
            sentence = f"Too many uploads: try again in {math.ceil(seconds)} seconds."
            return await _answer(send, 429, sentence, retry_after=math.ceil(seconds))
        try:
            return await self.app(scope, _counted(receive, most), send)
        except _TooLarge:
            return await _answer(send, 413, TOO_LARGE)

    def _wait(self, scope: Scope) -> float:
        """Seconds until this visitor may ask again; 0 now."""
        for path, buckets in self.buckets.items():
            if scope["path"].startswith(path):
                return buckets.take(self._visitor(scope))
        return 0.0

    def _visitor(self, scope: Scope) -> str:
        """The address that the proxy saw, else the connection's own."""
        forwarded = dict(scope["headers"]).get(b"x-forwarded-for", b"") if self.behind_proxy else b""
        return forwarded.decode("latin-1").rpartition(",")[2].strip() or (scope.get("client") or ("",))[0]


class Buckets:
    """A token bucket for each visitor: `rate` tokens a second, `burst` at most.

    Of our own: the packages that count requests count no bytes, or want a server to count in.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self.clock = rate, burst, clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, visitor: str, tokens: float = 1.0) -> float:
        """Takes tokens; or how many seconds it takes until there are as many."""
        now = self.clock()
        with self._lock:
            level, since = self._levels.pop(visitor, (self.burst, now))
            level = min(self.burst, level + (now - since) * self.rate)
            self._levels[visitor] = (level - tokens if level >= tokens else level), now
            while len(self._levels) > REMEMBERED:
                self._levels.popitem(last=False)
        return 0.0 if level >= tokens else (tokens - level) / self.rate


TOO_LARGE = "This is too large: see the limits in the documents."


class _TooLarge(Exception):
    pass


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _counted(receive: Receive, most: int) -> Receive:
    """The body as it comes, until it is more than was allowed: a length need not be announced, and may be a lie."""
    seen = 0

    async def counting() -> dict[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise _TooLarge
        return message

    return counting


async def _answer(send: Send, status: int, sentence: str, retry_after: int | None = None) -> None:
    body = json.dumps({"error": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
