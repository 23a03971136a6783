"""Checkpoints on the Hugging Face Hub: a repository at its newest commit, or at a pinned one. The cache comes first.

The hub is asked for the commit and the hash before anything is fetched, and what arrives is held against that hash.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from vunet.errors import BadCheckpoint, HubUnavailable, VUNetError

FILE, CONFIG_FILE, CARD_FILE = "model.safetensors", "config.json", "README.md"
MAX_BYTES = 1 << 30
SHORT_TIMEOUT, LONG_TIMEOUT = (
    3.0,
    15.0,
)  # seconds to wait for an answer: when something usable is at hand, and when nothing is
COMMIT = re.compile(r"[0-9a-f]{40}")
HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # git's SHA-1 of small files, SHA-256 of large ones
NAME = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}(@[\w./-]{1,128})?")

CACHE = "The cache of the Hub cannot be written: make room, or set HF_HUB_CACHE to another folder."

Progress = Callable[[int, int], None]  # bytes that are here, bytes in all


@dataclass(frozen=True)
class HubName:
    """A repository, and a commit, branch or tag of it; without one, the newest commit."""

    repo: str
    revision: str | None = None

    @classmethod
    def parse(cls, name: str) -> HubName | None:
        """`user/repo` or `user/repo@revision`; None for anything else, the names of files among it."""
        if not NAME.fullmatch(name) or name.endswith(".safetensors") or ".." in name:
            return None
        repo, _, revision = name.partition("@")
        return cls(repo, revision or None)

    @staticmethod
    def repo_of(name: str) -> str:
        """The repository in a name, without its revision."""
        return name.partition("@")[0]

    @property
    def pinned(self) -> bool:
        """True when a commit is named, which never changes."""
        return bool(self.revision and COMMIT.fullmatch(self.revision))

    def __str__(self) -> str:
        return f"{self.repo}@{self.revision}" if self.revision else self.repo


def fetch(name: HubName, progress: Progress | None = None, timeout: float = LONG_TIMEOUT) -> Path:
    """The file of a checkpoint in the hub's cache, downloaded if need be.

    A pinned commit in the cache makes no request; else the hub is asked for the newest one, for 3 seconds at most when the
    cache holds an older one, which is taken when no answer comes. timeout: seconds to wait for an answer otherwise.
    progress: called with bytes done and in all. Raises `BadCheckpoint` and `HubUnavailable`.
    """
    cached = _cached(name)
    if cached and (name.pinned or _offline()):
        return cached
    try:
        found = _ask(name, SHORT_TIMEOUT if cached else timeout)
        if cached and found.commit_hash in cached.parts:
            return cached
        return _download(name, found, progress, SHORT_TIMEOUT if cached else timeout)
    except VUNetError as error:
        if cached is None:
            raise
        warnings.warn(f"{error} The copy in the cache is used.", stacklevel=2)
        return cached


def pin(name: HubName) -> HubName:
    """The name at the commit that it stands for now; raises `BadCheckpoint` and `HubUnavailable`."""
    return name if name.pinned else HubName(name.repo, _ask(name, LONG_TIMEOUT).commit_hash)


def endpoint() -> str:
    """The hub's address; HF_ENDPOINT names another."""
    return os.environ.get("HF_ENDPOINT") or "https://huggingface.co"


def _cache() -> str:
    """The cache's folder, links resolved as the client does on its side."""
    from huggingface_hub import constants

    return str(Path(os.environ.get("HF_HUB_CACHE") or constants.HF_HUB_CACHE).expanduser().resolve())


def _offline() -> bool:
    return os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}


def _cached(name: HubName) -> Path | None:
    """The cached file, if it still has the hash it is filed under; a damaged one is thrown away."""
    from huggingface_hub import try_to_load_from_cache

    with _readable(name):
        found = try_to_load_from_cache(name.repo, FILE, cache_dir=_cache(), revision=name.revision)
    if not isinstance(found, str):
        return None
    blob = Path(found).resolve()
    if not HASH.fullmatch(blob.name) or _hash(blob, blob.name) == blob.name:
        return Path(found)
    with suppress(OSError):  # of a cache that may only be read
        blob.unlink(missing_ok=True)
        Path(found).unlink(missing_ok=True)
    return None


def _ask(name: HubName, seconds: float) -> Any:
    """What the hub says of the file: commit, hash, size. Name look-up knows no time limit, so a thread is left behind."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    if _offline():
        raise HubUnavailable(f"{name} is not in the cache, and HF_HUB_OFFLINE forbids to fetch it.")
    url = hf_hub_url(name.repo, FILE, revision=name.revision, endpoint=endpoint())
    ask = partial(get_hf_file_metadata, url, timeout=seconds, endpoint=endpoint(), token=_token())
    with _readable(name):
        found = _within(seconds, ask)
    if not COMMIT.fullmatch(found.commit_hash or "") or not HASH.fullmatch(found.etag or ""):
        raise HubUnavailable(f"{endpoint()} does not answer as a hub does: check HF_ENDPOINT, or what stands in between.")
    if (found.size or 0) > MAX_BYTES:
        raise BadCheckpoint(f"{name} is larger than {MAX_BYTES >> 30} GB, which no VUNet is.")
    return found


def _download(name: HubName, found: Any, progress: Progress | None, timeout: float) -> Path:
    """The file that was asked about, checked against its hash; filed under the revision's name too, to be found offline.

    Given up when nothing arrives for `timeout` seconds.
    """
    from huggingface_hub import hf_hub_download

    alive = [time.monotonic()]

    def arrived(here: int, whole: int) -> None:
        alive[0] = time.monotonic()
        if progress:
            progress(here, whole)

    options: dict[str, Any] = {"cache_dir": _cache(), "endpoint": endpoint(), "token": _token()}
    options["tqdm_class"] = _reporting(arrived) if progress else _reporting(arrived, bar=True)
    get = partial(hf_hub_download, name.repo, FILE, revision=name.revision, **options)
    with _readable(name):
        path = Path(_within(timeout, get, lambda: alive[0]))
    if _cached(HubName(name.repo, found.commit_hash)) != path or _hash(path, found.etag) != found.etag:
        raise BadCheckpoint(f"What arrived of {name} is not what the hub announced: try again.")
    return path


def _token() -> str | bool:
    from huggingface_hub import get_token

    return get_token() or False


def _hash(path: Path, like: str) -> str:
    """SHA-256, or git's SHA-1, whichever `like` is."""
    content = path.read_bytes()
    if len(like) == 64:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _within(seconds: float, work: Callable[[], Any], alive: Callable[[], float] = float) -> Any:
    """What `work` returns or raises, or `TimeoutError` after so many seconds without a sign of life.

    alive: `time.monotonic` of the last sign.
    """
    answer: list[Any] = []

    def run() -> None:
        try:
            answer.extend((work(), None))
        except Exception as error:
            answer.extend((None, error))

    thread, started = threading.Thread(target=run, daemon=True), time.monotonic()
    thread.start()
    while thread.is_alive() and time.monotonic() - max(started, alive()) < seconds:
        thread.join(min(seconds, 0.1))
    if not answer:
        raise TimeoutError
    if answer[1]:
        raise answer[1]
    return answer[0]


@contextmanager
def _readable(name: HubName) -> Iterator[None]:
    """The hub's errors in one sentence each."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        raise BadCheckpoint(f"{name} is gated: accept its terms on the Hub, then set HF_TOKEN.") from None
    except errors.RepositoryNotFoundError:
        raise BadCheckpoint(
            f"There is no {name.repo} on the Hub, or it is private: check the name, or set HF_TOKEN."
        ) from None
    except errors.RevisionNotFoundError:
        raise BadCheckpoint(f"{name.repo} has no revision {name.revision}.") from None
    except errors.EntryNotFoundError as error:
        if isinstance(error, errors.LocalEntryNotFoundError):
            raise HubUnavailable(_unreachable(name)) from None
        raise BadCheckpoint(f"{name} holds no {FILE}: it is not a checkpoint of this program.") from None
    except errors.HFValidationError:
        raise BadCheckpoint(f"{name} is not the name of a repository: give user/repo.") from None
    except VUNetError:
        raise
    except (PermissionError, FileNotFoundError, NotADirectoryError) as error:
        raise HubUnavailable(CACHE) from error
    except Exception as error:  # the hub's client has its own errors, its transport's, and the system's
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EROFS, errno.EDQUOT)
        raise HubUnavailable(CACHE if full else _unreachable(name)) from error


def _unreachable(name: HubName) -> str:
    return (
        f"The Hugging Face Hub cannot be reached for {name}: try again, or leave the checkpoint out for the embedded one."
    )


def _reporting(progress: Progress, bar: bool = False) -> type:
    """A tqdm that tells how far it is, and draws its bar or nothing."""
    from tqdm import tqdm

    class Reporting(tqdm):
        monitor_interval = 0  # no watching thread for each class

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "disable": not bar})
            self.seen, self.whole = int(kwargs.get("initial") or 0), int(kwargs.get("total") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            self.seen += int(n or 0)
            progress(self.seen, self.whole)
            return super().update(n)

    return Reporting
