"""Serves the page's scripts and the browser's pose estimator from this server, and lets pages connect to nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vunet.pose.estimators.blazepose.networks import BUNDLE
from vunet.ui.components import mirror
from vunet.ui.components.browser import scripts

ESTIMATOR_PREFIX = "vunet-mirror/"
VENDOR = Path(mirror.__file__).parent / "vendor"
SCRIPT, WASM, BYTES = "text/javascript", "application/wasm", "application/octet-stream"
WEEK, FOR_EVER = "public, max-age=604800", "public, max-age=31536000, immutable"
POLICY = (b"content-security-policy", b"connect-src 'self' data: blob:")


class PageFile(NamedTuple):
    """content: gives its bytes. kind: its type. caching: how long browsers keep it. compressed: whether it lies so."""

    content: Callable[[], bytes]
    kind: str
    caching: str = WEEK
    compressed: bool = False


def _read_once(path: Path) -> Callable[[], bytes]:
    return cache(path.read_bytes)


ESTIMATOR = {
    "vision_bundle.mjs": PageFile(_read_once(VENDOR / "vision_bundle.mjs"), SCRIPT),
    "vision_wasm_internal.js": PageFile(_read_once(VENDOR / "vision_wasm_internal.js"), SCRIPT),
    "vision_wasm_internal.wasm": PageFile(_read_once(VENDOR / "vision_wasm_internal.wasm.gz"), WASM, compressed=True),
    BUNDLE.name: PageFile(_read_once(BUNDLE), BYTES),
}


def page_file(path: str) -> PageFile | None:
    """What an address of the page's files names."""
    _, prefix, name = path.partition(f"/{ESTIMATOR_PREFIX}")
    if prefix:
        return ESTIMATOR.get(name)
    _, _, versioned = path.partition(f"/{scripts.PREFIX}")
    version, _, name = versioned.partition("/")
    source = scripts.modules().get(name)
    if source is None:
        return None
    # A page that was opened before an update asks for its own version, of which there is only the new one.
    return PageFile(source.encode, SCRIPT, FOR_EVER if version == scripts.version() else "no-store")


class PageFiles:
    """An ASGI middleware."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answers for the page's files; adds the policy to all pages."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        ours = any(f"/{prefix}" in scope["path"] for prefix in (ESTIMATOR_PREFIX, scripts.PREFIX))
        if ours and scope["method"] in ("GET", "HEAD") and (file := page_file(scope["path"])):
            return await _send_file(send, file, scope["method"] == "HEAD")
        return await self.app(scope, receive, _with_policy(send))


async def _send_file(send: Any, file: PageFile, head: bool) -> None:
    body = file.content()
    headers = [
        (b"content-type", file.kind.encode()), (b"content-length", str(len(body)).encode()),
        (b"cache-control", file.caching.encode()), (b"x-content-type-options", b"nosniff"),
    ]  # fmt: skip
    if file.compressed:
        headers.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


def _with_policy(send: Any) -> Any:
    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                message = {**message, "headers": [*headers, POLICY]}
        await send(message)

    return sending
