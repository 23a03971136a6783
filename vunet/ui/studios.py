"""The models that visitors choose among: loaded once for all, the least recently used given up."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from weakref import WeakKeyDictionary

from vunet.checkpoints import HubName, Progress, embedded
from vunet.errors import BadCheckpoint
from vunet.studio import Studio
from vunet.ui.zero_gpu import on_lent_gpu, on_zero_gpu

UNKNOWN = "There is no such model: choose one of the list, or type user/repo of the Hugging Face Hub."
KEPT = 2  # beside the first one: 0.2 GB each


class Studios:
    """Studios by the name of their checkpoint; "" is the one that the page was started with, which is always there.

    Files of the server cannot be named, only embedded checkpoints, those of VUNET_CHECKPOINTS (separated by commas), and,
    where the page is not a public Space, any repository on the Hub.
    """

    def __init__(self, first: Studio, kept: int = KEPT) -> None:
        self.first, self._kept = first, kept
        self._others: OrderedDict[str, Studio] = OrderedDict()
        self._twins: WeakKeyDictionary[Studio, Studio] = WeakKeyDictionary()
        self._lock = threading.Lock()
        if on_zero_gpu():
            self.queued("")  # Spaces looks for functions that want a GPU when the page starts

    @property
    def any_repository(self) -> bool:
        """Whether visitors may type the name of a repository."""
        return "SPACE_ID" not in os.environ

    @property
    def names(self) -> list[str]:
        """What there is to choose from, the first one first."""
        listed = [name.strip() for name in os.environ.get("VUNET_CHECKPOINTS", "").split(",") if name.strip()]
        return list(dict.fromkeys([self.first.name, *embedded(), *listed]))

    def __getitem__(self, name: str) -> Studio:
        """The studio of a checkpoint, loaded again if it was given up meanwhile; raises `VUNetError`."""
        return self.load(name)

    def load(self, name: str, progress: Progress | None = None) -> Studio:
        """The same, telling how far a download is."""
        if name in ("", self.first.name):
            return self.first
        if found := self._found(name):
            return found
        if name not in self.names and not (self.any_repository and HubName.parse(name)):
            raise BadCheckpoint(
                "There is no such model: choose one of the list, or type user/repo of the Hugging Face Hub."
            )
        studio = Studio.load(name, str(self.first.device), progress=progress, turnstile=self.first.turnstile)
        with self._lock:
            self._others[name] = studio
            while len(self._others) > self._kept:
                self._others.popitem(last=False)
        return studio

    def queued(self, name: str) -> Studio:
        """The studio for work that waits in the queue: on ZeroGPU one on the GPU that is lent for a call."""
        studio = self[name]
        if not on_zero_gpu():
            return studio
        with self._lock:
            if studio not in self._twins:
                self._twins[studio] = on_lent_gpu(studio)
            return self._twins[studio]

    def _found(self, name: str) -> Studio | None:
        with self._lock:
            if name in self._others:
                self._others.move_to_end(name)
            return self._others.get(name)
