"""The page in a process of its own, as users and Spaces start it; and its coroutines, run to their end."""

import asyncio
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

STARTS_WITHIN = 120  # seconds, of a busy machine


def heeding_ctrl_c():
    """For `preexec_fn`. A shell's background jobs ignore Ctrl+C, pytest's workers too, and hand that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@contextmanager
def page_of(command, folder, environment, log):
    """Starts a server and waits until it answers; yields its address and the process."""
    port = free_port()
    with log.open("w") as out:
        own = {**environment, "GRADIO_SERVER_PORT": port}
        process = subprocess.Popen(command, cwd=folder, env=own, stdout=out, stderr=out)
        try:
            assert answers(f"http://127.0.0.1:{port}/", process), log.read_text()
            yield f"http://127.0.0.1:{port}/", process
        finally:
            process.terminate()
            process.wait(30)


def answers(url, process):
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            return urllib.request.urlopen(url, timeout=10).status == 200
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    return False


def finished(coroutine):
    """Its result. In a thread of its own: a browser's driver may run an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
