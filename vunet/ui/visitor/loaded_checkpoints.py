"""The models that visitors choose among: loaded once for all, the least recently used given up."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

from vunet.checkpoints import HubName, Progress, embedded
from vunet.checkpoints.hub import fetch
from vunet.errors import BadCheckpoint
from vunet.studio import Studio
from vunet.ui.visitor.zero_gpu import on_lent_gpu, on_zero_gpu

UNKNOWN = "There is no such model: choose one of the list."
UNKNOWN_ANYWHERE = "There is no such model: choose one of the list, or type user/repo of the Hugging Face Hub."
KEPT = 4  # beside the first one: 0.2 GB each
LOOPBACK = ("", "127.0.0.1", "localhost", "::1")
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")  # headers that proxies set


class Studios:
    """Studios by the name of their checkpoint; "" is the one that the page was started with, which is always there.

    Files of the server cannot be named, only embedded checkpoints, those of VUNET_CHECKPOINTS (repositories and files,
    separated by commas; a file goes by its stem), and, for the owner where nobody else reaches the page, any repository on
    the Hub. A repository's studio is named by its commit, so that the looks made with it never meet other weights.
    """

    def __init__(self, first: Studio, kept: int = KEPT) -> None:
        self.first, self._kept = first, kept
        self._others: OrderedDict[str, Studio] = OrderedDict()
        self._gpu_studios: WeakKeyDictionary[Studio, Studio] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._loading: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        if on_zero_gpu():
            self.queued("")  # Spaces looks for functions that want a GPU when the page starts

    @property
    def any_repository(self) -> bool:
        """Whether the owner may type the name of a repository: it costs disk, and is read with the owner's token."""
        local = os.environ.get("GRADIO_SERVER_NAME", "") in LOOPBACK
        return local and "SPACE_ID" not in os.environ and os.environ.get("VUNET_SHARE") != "1"

    @property
    def names(self) -> list[str]:
        """What there is to choose from, the first one first."""
        return list(dict.fromkeys([self.first.name, *embedded(), *_listed_files(), *_listed()]))

    def __getitem__(self, name: str) -> Studio:
        """The studio of a checkpoint, loaded again if it was given up meanwhile; raises `VUNetError`."""
        return self.load(name)

    def short_name(self, name: str) -> str:
        """A studio's name as sessions hold it: "" for the first one, whatever it is called."""
        return "" if name == self.first.name else name

    def load(self, name: str, progress: Progress | None = None, untrusted: bool = False) -> Studio:
        """The same, telling how far a download is. untrusted: somebody who may be another than the page's owner."""
        if name in ("", self.first.name):
            return self.first
        source = self._source(name, untrusted)  # an unknown name leaves nothing behind
        with self._lock:
            loading = self._loading[name]
        with loading:
            return self._found(name) or self._kept_as(self._opened(source, progress))

    def queued(self, name: str) -> Studio:
        """The studio for work that waits in the queue: on ZeroGPU one on the GPU that is lent for a call."""
        studio = self[name]
        if not on_zero_gpu():
            return studio
        with self._lock:
            if studio not in self._gpu_studios:
                self._gpu_studios[studio] = on_lent_gpu(studio)
            return self._gpu_studios[studio]

    def _source(self, name: str, untrusted: bool) -> str | Path | HubName:
        """What a name stands for: an embedded checkpoint, a listed file, or a repository; raises `BadCheckpoint`."""
        files = _listed_files()
        if name in embedded() or name in files:
            return files.get(name, name)
        anywhere = self.any_repository and not untrusted
        wanted = HubName.parse(name)
        if wanted is None or not (anywhere or wanted.repo in [HubName.repo_of(each) for each in _listed()]):
            raise BadCheckpoint(UNKNOWN_ANYWHERE if anywhere else UNKNOWN)
        return wanted

    def _opened(self, source: str | Path | HubName, progress: Progress | None) -> Studio:
        device, render_queue = str(self.first.device), self.first.render_queue
        if not isinstance(source, HubName):
            return Studio.load(source, device, render_queue=render_queue)
        path = fetch(source, progress)  # never a folder of that name
        studio = Studio.load(path, device, render_queue=render_queue)
        studio.name = f"{source.repo}@{path.parts[-2]}"  # the commit's folder in the cache
        return studio

    def _found(self, name: str) -> Studio | None:
        with self._lock:
            if name in self._others:
                self._others.move_to_end(name)
            return self._others.get(name)

    def _kept_as(self, studio: Studio) -> Studio:
        with self._lock:
            studio = self._others.setdefault(studio.name, studio)
            self._others.move_to_end(studio.name)
            while len(self._others) > self._kept:
                self._others.popitem(last=False)
        return studio


def forwarded(headers: Mapping[str, str]) -> bool:
    """Whether a request came through a proxy: the page may listen on the loopback interface, and be open to the world."""
    return any(name in headers for name in FORWARDED)


def _listed() -> list[str]:
    """The repositories of VUNET_CHECKPOINTS."""
    return [name for name in _offered() if not Path(name).is_file()]


def _listed_files() -> dict[str, Path]:
    """The files of VUNET_CHECKPOINTS by their stems: visitors need not know where they lie."""
    return {Path(name).stem: Path(name) for name in _offered() if Path(name).is_file()}


def _offered() -> list[str]:
    return [name.strip() for name in os.environ.get("VUNET_CHECKPOINTS", "").split(",") if name.strip()]
