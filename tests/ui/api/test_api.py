"""The five endpoints, called as programs would call them: from a second process, by the client, plain HTTP and MCP."""

import base64
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from PIL import Image

from tests.conftest import ROOT
from tests.serving import page_of
from vunet import Pose
from vunet.bench.mirror import film_poses
from vunet.output.film import write_film
from vunet.person.photo import load_photo

REMOTE = {"path": "http://127.0.0.1:9/x.png", "meta": {"_type": "gradio.FileData"}}
WRONG_PHOTOS = [3, True, [1, 2], "/etc/passwd", "not base64!", {}, {"path": 3}, {"path": None}, {"url": 7}, {"image": "x"}]
PUBLIC = {"/detect", "/render", "/sample", "/transfer", "/animate"}


@pytest.fixture(scope="module")
def client(url):
    return Client(url, verbose=False)


@pytest.fixture(scope="module")
def photos(people):
    return [handle_file(str(path)) for path in people[:2]]


def test_only_the_five_verbs_are_public_and_each_parameter_is_typed(client):
    named = client.view_api(return_format="dict")["named_endpoints"]
    assert set(named) == PUBLIC
    for endpoint in named.values():
        assert endpoint["parameters"] and all(
            p["parameter_name"] and p["python_type"]["type"] for p in endpoint["parameters"]
        )


def test_detect_then_render_gives_what_python_gives(client, photos, people, studio, raised):
    found, frame = client.predict(photos[0], api_name="/detect")
    person = studio.detect(people[0])
    assert np.allclose(Pose.from_dict(found).joints, person.pose.joints, atol=1e-4) and found["people"] == 1
    assert np.abs(load_photo(frame).astype(int) - person.backdrop).max() == 0
    picture = load_photo(client.predict(photos[0], raised.to_dict(), api_name="/render"))
    assert np.abs(picture.astype(int) - studio.render(studio.encode(person), raised)).max() <= 2


def test_openpose_documents_are_poses_too(client, photos, raised):
    ours = client.predict(photos[0], raised.to_dict(), api_name="/render")
    theirs = client.predict(photos[0], raised.to_openpose(), api_name="/render")
    assert np.abs(load_photo(ours).astype(int) - load_photo(theirs)).mean() < 1


def test_sample_repeats_itself_by_its_seed(client):
    first, again, other = (client.predict(None, 2, seed, 1.0, api_name="/sample") for seed in (3, 3, 4))
    pictures = [[load_photo(each["image"]).tobytes() for each in drawn] for drawn in (first, again, other)]
    assert pictures[0] == pictures[1] != pictures[2] and len(first) == 2


def test_transfer_of_a_part_differs_from_that_of_all(client, photos):
    whole, legs = (load_photo(client.predict(*photos, part, api_name="/transfer")) for part in ("everything", "legs"))
    assert np.abs(whole.astype(int) - legs).mean() > 1


def test_animate_takes_a_ready_made_motion_or_that_of_a_film(client, photos, studio, tmp_path):
    waving = client.predict(photos[0], "wave", None, "gif", api_name="/animate")
    with Image.open(waving) as film:
        assert film.n_frames == 24 and film.size == (512, 512)
    look, path = studio.sample(Pose.default(), 1, 6)[0], tmp_path / "dance.webm"
    write_film(studio.render_many([look] * 20, film_poses()[:20], studio.live_size), path, 25)
    dancing = client.predict(photos[0], "walk", handle_file(str(path)), "gif", api_name="/animate")
    with Image.open(dancing) as film:
        assert film.n_frames == pytest.approx(20, abs=3)


@pytest.mark.parametrize(
    "endpoint, data, sentence",
    [
        ("/detect", [None], "No photo was given"),
        (
            "/detect",
            [{"path": "http://127.0.0.1:9/x.png", "meta": {"_type": "gradio.FileData"}}],
            "not fetched",
        ),
        ("/sample", [REMOTE, 1, 0, 1], "not fetched"),
        ("/sample", [None, REMOTE, 0, 1], "not fetched"),
        ("/sample", [{"nested": [REMOTE]}, 1, 0, 1], "not fetched"),
        ("/sample", [None, 10**400, 0, 1], "count: give a number"),
        ("/sample", [{"joints": {}}, 1, 0, 1], "exactly these 15 joints"),
        ("/sample", ["[" * 5000, 1, 0, 1], "not JSON"),
        ("/sample", [None, 65, 0, 1], "count: give a number from 1 to 64"),
        ("/sample", [None, "x", 0, 1], "count: give a number"),
        ("/sample", [None, True, 0, 1], "count: give a number"),
        ("/sample", [None, 1, -1, 1], "seed: give a number"),
        ("/sample", [None, 1, 0, [1]], "temperature: give a number"),
        ("/transfer", [None, None, "hat"], "part: choose among"),
        ("/animate", [None, "walk", None, "webm"], "No photo was given"),
        ("/animate", [None, "fly", None, "webm"], "motion: choose among"),
        ("/animate", [None, "walk", None, "exe"], "form: choose among"),
        ("/animate", [None, "walk", REMOTE, "webm"], "not fetched"),
        *(("/detect", [wrong], "A photo is what") for wrong in WRONG_PHOTOS),
        *(("/render", [wrong, None], "A photo is what") for wrong in WRONG_PHOTOS),
        *(("/transfer", [None, wrong, "legs"], "A photo is what") for wrong in WRONG_PHOTOS),
        ("/detect", ["data:image/png;base64," + "QUJD" * 20], "not a picture"),
        *(
            ("/sample", [wrong, 1, 0, 1], "pose|Pose|JSON|Nobody in this file|person")
            for wrong in (3, True, [3], "words", {"person": "x"})
        ),
        *(("/sample", [None, wrong, 0, 1], "count: give a number") for wrong in (None, {}, [], "3", {"path": "x"})),
    ],
)
def test_hostile_input_is_refused_in_one_sentence_that_the_log_does_not_repeat(client, endpoint, data, sentence, capfd):
    with pytest.raises(AppError, match=sentence):
        client.predict(*data, api_name=endpoint)
    written = capfd.readouterr()
    assert "Traceback" not in written.err + written.out


def http_call(url, endpoint, data):
    """Plain HTTP: a call gives an id, whose stream of events ends in a result."""
    event = httpx.post(f"{url}gradio_api/call/{endpoint}", json={"data": data}).json()["event_id"]
    stream = httpx.get(f"{url}gradio_api/call/{endpoint}/{event}", timeout=60).text
    kind, _, payload = stream.strip().split("\n\n")[-1].partition("\ndata: ")
    return kind.removeprefix("event: "), json.loads(payload)


def test_plain_http_uploads_a_photo_and_gets_a_picture(url, people, raised):
    with people[0].open("rb") as file:
        (path,) = httpx.post(f"{url}gradio_api/upload", files={"files": file}).json()
    photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
    kind, data = http_call(url, "render", [photo, raised.to_dict()])
    assert kind == "complete"
    assert load_photo(httpx.get(data[0]["url"]).content).shape == (512, 512, 3)


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_a_photo_may_come_as_text(url, client, people, prefix):
    """As base64, with or without the head of a data URL: no upload before."""
    text = prefix + base64.b64encode(people[0].read_bytes()).decode()
    kind, (found, _) = http_call(url, "detect", [text])
    uploaded, _ = client.predict(handle_file(str(people[0])), api_name="/detect")
    assert kind == "complete" and found["joints"] == uploaded["joints"] and found["notes"] == []


def test_files_of_the_server_are_not_read(url):
    kind, data = http_call(url, "detect", [{"path": str(ROOT / "README.md"), "meta": {"_type": "gradio.FileData"}}])
    assert kind == "error" and "README" not in json.dumps(data)


def test_bodies_that_are_no_calls_are_refused(url):
    for body in (b"", b"{", b"[]", b'{"data": 3}', b'{"data": [NaN]}'):
        answer = httpx.post(f"{url}gradio_api/call/sample", content=body, headers={"Content-Type": "application/json"})
        assert "Traceback" not in answer.text
    assert http_call(url, "sample", [None, 1, 0, 0.5])[0] == "complete"


@pytest.mark.parametrize("name", ["client.py", "http.sh"])
def test_the_documented_calls_run_in_a_second_process(url, name, tmp_path, people):
    """docs/api.md is what is run: its examples, pointed at this server."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    language = {"client.py": "python", "http.sh": "bash"}[name]
    blocks = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    code = "\n".join(block for block in blocks if "pip install" not in block).replace("http://127.0.0.1:7860/", url)
    (tmp_path / "photo.jpg").write_bytes(people[0].read_bytes())
    (tmp_path / "other.jpg").write_bytes(people[1].read_bytes())
    command = [sys.executable, "-c", code] if language == "python" else ["bash", "-euo", "pipefail", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("*.png"))


WRONG_CALLS = [
    ("detect", {"photo": 3}),
    ("detect", {"photo": "words"}),
    ("detect", {}),
    ("sample", {"pose": 3, "count": 1, "seed": 0, "temperature": 1}),
    ("sample", {"pose": {}, "count": "many", "seed": 0, "temperature": 1}),
    ("render", {"photo": [1], "pose": {}}),
    ("transfer", {"look": None, "target": {}, "part": "hat"}),
]


def test_mcp_lists_the_verbs_as_tools_calls_one_and_refuses_each_wrong_type(tmp_path):
    asked = {"pose": Pose.default().to_dict(), "count": 1, "seed": 1, "temperature": 1}

    async def ask(url):
        async with (
            streamablehttp_client(f"{url}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {t.name.rpartition("_")[2]: t for t in (await session.list_tools()).tools}
            drawn = [await session.call_tool(tools["sample"].name, asked | more) for more in ({}, {"pose": None})]
            return tools, drawn, [await session.call_tool(tools[verb].name, wrong) for verb, wrong in WRONG_CALLS]

    command = [sys.executable, str(ROOT / "app.py")]
    environment = {**os.environ, "VUNET_MCP": "1"}
    # A thread of its own: the browser of other tests has this one's loop.
    with page_of(command, tmp_path, environment, tmp_path / "log") as (url, _), ThreadPoolExecutor(1) as thread:
        tools, drawn, refused = thread.submit(anyio.run, ask, url).result()
    assert set(tools) == {name[1:] for name in PUBLIC}
    assert all(tool.description for tool in tools.values()) and not any(each.isError for each in drawn)
    said = [answer.content[0].text for answer in refused]
    assert all(answer.isError for answer in refused) and all(
        len(text) < 300 and "Traceback" not in text for text in said
    ), said
