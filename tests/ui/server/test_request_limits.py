"""Limits before the page: sizes and rates."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from vunet.ui.server.request_limits import Buckets, RequestLimits


async def echo(request: Request):
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def client():
    limits = {"/gradio_api/upload": (1.0, 2.0), "/gradio_api/": (1.0, 4.0)}
    routes = [Route("/{path:path}", echo, methods=["GET", "POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(RequestLimits, rates=limits, max_json=1000, behind_proxy=True)])
    return TestClient(app)


def test_a_large_body_is_refused_whether_its_length_is_announced_or_not(client):
    assert client.post("/gradio_api/x", content=b"x" * 1000).text == "1000"
    assert client.post("/gradio_api/x", content=b"x" * 1001).status_code == 413
    chunks = (b"x" * 100 for _ in range(20))
    answer = client.post("/gradio_api/x", content=chunks)
    assert answer.status_code == 413 and answer.json()["error"].endswith(".")


def test_a_visitor_who_asks_too_often_is_told_when_to_come_back_and_others_are_not(client):
    hasty, other = {"X-Forwarded-For": "made up, 10.0.0.1"}, {"X-Forwarded-For": "10.0.0.2"}
    answers = [client.get("/gradio_api/x", headers=hasty).status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    refused = client.get("/gradio_api/x", headers=hasty)
    assert int(refused.headers["Retry-After"]) >= 1 and "try again in" in refused.json()["error"]
    assert client.get("/gradio_api/x", headers=other).status_code == 200
    assert client.get("/page", headers=hasty).status_code == 200


def test_uploads_are_counted_by_their_bytes_and_nothing_else_is():
    routes = [Route("/{path:path}", echo, methods=["GET", "POST"])]
    limits = RequestLimits(Starlette(routes=routes), rates={"/none": (1.0, 1.0)})
    limits.uploaded = Buckets(1.0, 2500.0)
    client = TestClient(limits)
    for _ in range(3):
        assert client.get("/gradio_api/upload_progress").status_code == 200
    answers = [client.post("/gradio_api/upload", content=b"x" * 1000).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_tokens_come_back_with_time():
    now = [0.0]
    buckets = Buckets(2.0, 1.0, clock=lambda: now[0])
    assert buckets.take("a") == 0 and buckets.take("a") == 0.5
    now[0] = 0.5
    assert buckets.take("a") == 0


def test_the_real_page_refuses_a_large_json_body(url):
    answer = httpx.post(f"{url}gradio_api/call/sample", content=b'{"data": ["' + b"x" * 7_000_000 + b'"]}')
    assert answer.status_code == 413


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x", "https://example.com/", "http%3A%2F%2Fexample.com%2F"])
def test_the_server_reads_no_address_for_a_visitor(url, address):
    answer = httpx.get(f"{url}gradio_api/file={address}")
    assert answer.status_code == 403 and "Addresses are not fetched." in answer.json().values()


def test_nothing_of_the_server_is_open_to_visitors(url):
    for path in (
        "monitoring",
        "monitoring/summary",
        "gradio_api/file=/etc/passwd",
        "gradio_api/file=README.md",
        "gradio_api/proxy=http://127.0.0.1:1/x",
    ):
        assert httpx.get(url + path).status_code in (400, 401, 403, 404), path
