"""The Hugging Face Space: its file tree, and its publication with a pinned checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path

from vunet.checkpoints import DEFAULT, HubName, load_checkpoint, resolve
from vunet.checkpoints.hub import FILE, endpoint, pin
from vunet.errors import VUNetError
from vunet.publish.checkpoint import upload, writing
from vunet.shipped import REPOSITORY as ROOT

CODE = (
    "app.py",
    "requirements.txt",
    "packages.txt",
    "LICENSE",
    "*.md",
    "CITATION.cff",
    "Dockerfile",
    "docs/*.md",
    "notebooks/*.ipynb",
    "deploy/*",
    "vunet/**/*",
    "assets/**/*",
)
FOLDERS = (
    "vunet/",
    "assets/",
    "docs/",
    "notebooks/",
    "checkpoints/",
)  # of which an update leaves nothing of an older version
THUMBNAIL = "assets/page.webp"
CHECKPOINT = "VUNET_CHECKPOINT"  # the variable that `app.py` reads


def space_files(pinned: HubName | None = None, repo: str | None = None) -> dict[str, Path | bytes]:
    """What the Space holds, by its path there: the program, its documents and the default checkpoint.

    pinned: a checkpoint on the Hub that the Space starts with; it is fetched when the Space is built. repo: the Space's own
    name, for the picture that links to it show. Raises `VUNetError` where the program is installed without its repository.
    """
    if not (ROOT / "app.py").is_file():
        raise VUNetError("A Space is published from the repository: clone it, and run this there.")
    found = [path for pattern in CODE for path in sorted(ROOT.glob(pattern)) if _belongs(path)]
    found += [path for path in (DEFAULT, *sorted(DEFAULT.parent.glob("*.md"))) if path.is_file()]
    files: dict[str, Path | bytes] = {path.relative_to(ROOT).as_posix(): path for path in found}
    files["README.md"] = _readme(pinned, repo).encode()
    return files


def build_space(folder: Path, checkpoint: str | None = None) -> int:
    """Writes the Space's tree into an empty folder; returns the number of files. Raises `VUNetError`.

    checkpoint: `user/repo`, pinned to its commit of this moment; its name goes into the tree, not its variable.
    """
    if folder.exists() and any(folder.iterdir()):
        raise VUNetError(f"{folder} is not empty: name a new folder.")
    files = space_files(_pinned(checkpoint))
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        else:
            path.write_bytes(content)
    return len(files)


def publish_space(repo: str, checkpoint: str | None = None, private: bool = False) -> str:
    """Creates or updates a Space; returns its address. checkpoint: `user/repo`, pinned to its commit of this moment.

    Raises `VUNetError`.
    """
    from huggingface_hub import HfApi

    pinned = _pinned(checkpoint)
    upload(repo, space_files(pinned, repo), "The demo", private=private, space=True, replaced=FOLDERS)
    with writing(repo):
        api = HfApi(endpoint=endpoint())
        if pinned:
            api.add_space_variable(repo, CHECKPOINT, str(pinned))
        elif CHECKPOINT in api.get_space_variables(repo):
            api.delete_space_variable(repo, CHECKPOINT)
    return f"{endpoint()}/spaces/{repo}"


def _pinned(checkpoint: str | None) -> HubName | None:
    """The checkpoint at its commit of this moment, fetched and loaded, so that no Space starts with a broken one."""
    if checkpoint is None:
        return None
    name = HubName.parse(checkpoint)
    if name is None:
        raise VUNetError(f"{checkpoint} is not on the Hub: push it first, then give user/repo.")
    pinned = pin(name)
    load_checkpoint(resolve(str(pinned)))
    return pinned


def _belongs(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix not in {".pyc", ".pyi"}


def _readme(pinned: HubName | None, repo: str | None) -> str:
    """The README; its front matter names the checkpoint that Spaces fetches at build time, and the Space's picture."""
    from huggingface_hub import RepoCard

    card = RepoCard((ROOT / "README.md").read_text(encoding="utf-8"), ignore_metadata_errors=False)
    if pinned:
        card.data["models"] = [pinned.repo]
        card.data["preload_from_hub"] = [f"{pinned.repo} {FILE} {pinned.revision}"]
    if repo:
        card.data["thumbnail"] = f"{endpoint()}/spaces/{repo}/resolve/main/{THUMBNAIL}"
    return str(card)
