"""The page under a path of a larger site, as a reverse proxy serves it that strips the path."""

import os
import sys
import threading
import time

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse
from starlette.routing import Route

from tests.conftest import ROOT
from tests.serving import free_port, page_of
from tests.ui.stage import MOVED, difference, drag, painted, spot, stable_picture, visit

PREFIX = "/demo"
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "keep-alive"}


def stripping_proxy(target):
    client = httpx.AsyncClient(base_url=target, timeout=60)

    async def forward(request):
        path = request.url.path.removeprefix(PREFIX) or "/"
        headers = {k: v for k, v in request.headers.items() if k not in {"host", "accept-encoding"}}
        asked = client.build_request(
            request.method,
            httpx.URL(path=path, query=request.url.query.encode()),
            headers=headers,
            content=request.stream(),
        )
        answer = await client.send(asked, stream=True)
        kept = {k: v for k, v in answer.headers.items() if k not in HOP_BY_HOP}
        return StreamingResponse(answer.aiter_bytes(), answer.status_code, kept, background=BackgroundTask(answer.aclose))

    return Starlette(routes=[Route(PREFIX + "{path:path}", forward, methods=["GET", "POST", "HEAD"])])


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The page's address on the proxy."""
    folder = tmp_path_factory.mktemp("proxied")
    environment = {**os.environ, "GRADIO_ROOT_PATH": PREFIX}
    with page_of([sys.executable, str(ROOT / "app.py")], folder, environment, folder / "log") as (target, _):
        port = int(free_port())
        server = uvicorn.Server(uvicorn.Config(stripping_proxy(target), port=port, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}{PREFIX}/"
        server.should_exit = True
        thread.join(10)


def test_a_photo_has_the_same_pose_by_proxy_and_in_python_and_can_be_dragged(visitor, address, photo, studio):
    page = visitor.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    visit(page, address)
    expected = studio.detect(photo).pose
    for _ in range(2):  # a second load remembers what was on the stage
        stable_picture(page)
        seq = painted(page)
        page.locator("#photo input[type=file]").set_input_files(photo)
        before = stable_picture(page, seq)
        for joint in ("lwrist", "rwrist", "relbow", "cnose"):
            assert spot(page, joint) == pytest.approx(tuple(expected.xy(joint)), abs=0.003)
        drag(page, "rwrist", -40, -120)
        assert difference(stable_picture(page, painted(page)), before) > MOVED
        page.wait_for_timeout(500)
        page.reload()
        page.wait_for_selector("[data-painted]")
    page.close()
    assert errors == []
