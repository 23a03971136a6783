"""Two pages behind `deploy/nginx.conf`: a visitor stays with theirs; one page is killed, and its visitors go on."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.serving import answers, free_port
from tests.ui.stage import drag, painted, stable_picture, tab, tool, until

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
PLACES = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")  # where it keeps what is large, which root alone may write


def configured(folder, ports, port):
    """The configuration with free ports, in a folder of its own, telling in a header which page has answered."""
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for usual, own in (("7861", ports[0]), ("7862", ports[1]), ("listen 7860", f"listen {port}")):
        assert usual in text
        text = text.replace(usual, own)
    places = "".join(f"{name}_temp_path {folder}/{name};" for name in PLACES)
    text = text.replace("http {", f"pid {folder}/pid; http {{ access_log off; {places}", 1)
    text = text.replace("location / {", "location / { add_header X-Page $upstream_addr;", 1)
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def pages(tmp_path):
    """The proxy's address, and the process of each page by its own."""
    ports, port, processes = [free_port(), free_port()], free_port(), {}
    with ExitStack() as stack:
        for number in ports:
            log = stack.enter_context((tmp_path / f"{number}.log").open("w"))
            own = {**os.environ, "GRADIO_SERVER_PORT": number}
            process = subprocess.Popen([sys.executable, str(ROOT / "app.py")], env=own, stdout=log, stderr=log)
            stack.callback(process.kill)
            processes[f"127.0.0.1:{number}"] = process
        for address, process in processes.items():
            assert answers(f"http://{address}/", process), (tmp_path / f"{address[10:]}.log").read_text()
        words = [NGINX, "-p", str(tmp_path), "-c", str(configured(tmp_path, ports, port)), "-g", "daemon off;"]
        proxy = subprocess.Popen([*words, "-e", "stderr"], stderr=(tmp_path / "proxy.log").open("w"))
        stack.callback(proxy.wait, 10)
        stack.callback(proxy.terminate)
        assert answers(f"http://127.0.0.1:{port}/", proxy), (tmp_path / "proxy.log").read_text()
        yield f"http://127.0.0.1:{port}/", processes


def visited(chromium, url):
    """A new visitor on the page, and the page process that serves them."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_init_script("try { localStorage.setItem('vunet.toured', '1'); } catch {}")
    page = context.new_page()
    server = page.goto(url).headers["x-page"]
    page.wait_for_selector("[data-painted]")
    return page, server


def turned_to(page):
    """What the status line says."""
    return page.locator(".vu-status").inner_text()


def test_a_page_that_dies_takes_nobodys_work_along(chromium, pages):
    assert Path(NGINX).exists(), "install nginx-light: .ci/run does"
    url, processes = pages
    visitors = {}
    for _ in range(20):  # the proxy chooses by chance
        page, server = visited(chromium, url)
        if visitors.setdefault(server, page) is not page:
            page.context.close()
        if len(visitors) == 2:
            break
    assert visitors.keys() == processes.keys()
    (dying, theirs), (staying, other) = visitors.items()
    for server, page in visitors.items():
        asked = set()
        page.on("response", lambda response, asked=asked: asked.add(response.headers.get("x-page")))
        drag(page, "lwrist", 30, -80)
        stable_picture(page)
        tab(page, "poses")
        assert asked - {None} == {server}  # who came to a page stays there
        assert page.reload().headers["x-page"] == server
        page.wait_for_selector("[data-painted]")
    before, hands = painted(theirs), {name: page.locator('[data-joint="lwrist"]') for name, page in visitors.items()}
    places = {name: hand.get_attribute("transform") for name, hand in hands.items()}

    processes[dying].send_signal(signal.SIGKILL)
    processes[dying].wait(10)
    said = []
    theirs.expose_function("noted", lambda text: said.append(text))
    theirs.evaluate(
        "() => new MutationObserver(([{ target }]) => noted(target.textContent))"
        ".observe(document.querySelector('.vu-status'), { childList: true })"
    )
    drag(theirs, "rwrist", -30, -60)
    until(theirs, lambda: any("forgot your look" in text for text in said))  # one sentence, and their browser brings it
    until(theirs, lambda: painted(theirs) > before + 1)
    stable_picture(theirs)
    assert hands[dying].get_attribute("transform") == places[dying]
    tool(theirs, "undo").click()
    stable_picture(theirs)

    drag(other, "rwrist", -30, -60)  # others notice nothing
    stable_picture(other)
    assert "forgot" not in turned_to(other) and "not answer" not in turned_to(other)
    assert hands[staying].get_attribute("transform") == places[staying]
    for page in visitors.values():
        page.context.close()
