"""Serves the browser's pose estimator from this server, and lets pages connect to nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from vunet.pose.estimators.blazepose.networks import BUNDLE
from vunet.ui.components import mirror

PREFIX = "/vunet-mirror/"
VENDOR = Path(mirror.__file__).parent / "vendor"
SCRIPT, WASM, BYTES = "text/javascript", "application/wasm", "application/octet-stream"
# Name in the address: file, content type, whether it lies compressed.
FILES: dict[str, tuple[Path, str, bool]] = {
    "vision_bundle.mjs": (VENDOR / "vision_bundle.mjs", SCRIPT, False),
    "vision_wasm_internal.js": (VENDOR / "vision_wasm_internal.js", SCRIPT, False),
    "vision_wasm_internal.wasm": (VENDOR / "vision_wasm_internal.wasm.gz", WASM, True),
    BUNDLE.name: (BUNDLE, BYTES, False),
}
POLICY = (b"content-security-policy", b"connect-src 'self' data: blob:")


class MirrorFiles:
    """An ASGI middleware."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answers for the estimator's files; adds the policy to all pages."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        _, prefix, name = scope["path"].partition(PREFIX)
        if prefix and name in FILES and scope["method"] in ("GET", "HEAD"):
            return await _send_file(send, name, scope["method"] == "HEAD")
        return await self.app(scope, receive, _with_policy(send))


@cache
def _content(name: str) -> bytes:
    return FILES[name][0].read_bytes()


async def _send_file(send: Any, name: str, head: bool) -> None:
    _, kind, compressed = FILES[name]
    body = _content(name)
    headers = [
        (b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"public, max-age=604800"), (b"x-content-type-options", b"nosniff"),
    ]  # fmt: skip
    if compressed:
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
