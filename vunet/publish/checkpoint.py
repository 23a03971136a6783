"""Checkpoints go to the Hugging Face Hub with their config and a model card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vunet.checkpoints.hub import CARD_FILE, CONFIG_FILE, FILE, HubName, endpoint
from vunet.checkpoints.store import load_checkpoint, read_config, read_facts
from vunet.errors import HubUnavailable, VUNetError
from vunet.shipped import REPOSITORY

PICTURE = re.compile(r"\.\./assets/(?P<name>[\w-]+\.webp)")  # in a card of this repository
PAPER = "arxiv:1804.04694"  # the Hub links a card with this tag to the paper's page
CARD = """# {name}

A [Variational U-Net](https://arxiv.org/abs/1804.04694) (Esser, Sutter, Ommer, CVPR 2018) of {size} x {size} pixels.

```python
from vunet import Studio

studio = Studio.load("{repo}")
```

## What is known of it

{facts}

Whoever trained it has to add: the data and their licence, scores on people it was never trained on, limits, intended use.
Not for pictures of people without their consent; faces are not preserved.
"""


def push(path: Path, repo: str, card: Path | None = None, private: bool = False, onnx: Path | None = None) -> str:
    """Uploads a checkpoint as model.safetensors, with config.json and README.md; returns the address of the commit.

    card: the model card; else the Markdown file of the checkpoint's own name, else one made from the facts in the file.
    onnx: a folder made by `export-onnx`, whose files go into `onnx/`.
    The file is loaded first, so that nothing is published that cannot be loaded. Raises `VUNetError`.
    """
    if HubName.parse(repo) is None or "@" in repo:
        raise VUNetError(f"{repo} is not the name of a repository: give user/repo.")
    files = repository_files(path, repo, card)
    if onnx is not None:
        files |= {f"onnx/{file.name}": file for file in sorted(onnx.iterdir()) if file.is_file()}
    return upload(repo, files, f"{path.stem}: checkpoint, config and card", private=private)


def repository_files(path: Path, repo: str, card: Path | None = None) -> dict[str, Path | bytes]:
    """What a repository of a checkpoint holds, by name. card: as for `push`. Raises `VUNetError`."""
    config = {"library_name": "vunet", **load_checkpoint(path).config.to_dict()}
    text = _card(path, repo, card)
    text = text if text.startswith("---") else _front_matter() + text
    pictures = {match["name"]: REPOSITORY / "assets" / match["name"] for match in PICTURE.finditer(text)}
    return {
        FILE: path,
        CONFIG_FILE: json.dumps(config, indent=2).encode(),
        CARD_FILE: PICTURE.sub(r"pictures/\g<name>", text).encode(),
        **{f"pictures/{name}": picture for name, picture in pictures.items() if picture.is_file()},
    }


def save_repository(path: Path, folder: Path) -> None:
    """Writes `repository_files` into a folder, which is made if need be. Raises `VUNetError`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in repository_files(path, folder.name).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.read_bytes())


def upload(
    repo: str,
    files: dict[str, Path | bytes],
    message: str,
    private: bool = False,
    space: bool = False,
    replaced: tuple[str, ...] = (),
) -> str:
    """Creates the repository if need be and commits files to it; returns the commit's address. Raises `VUNetError`.

    replaced: folders, "name/", whose other files are deleted in the same commit.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    kind: dict[str, Any] = {"repo_type": "space" if space else "model"}
    operations: list[Any] = [CommitOperationAdd(name, content) for name, content in files.items()]
    with writing(repo):
        api = HfApi(endpoint=endpoint())
        api.create_repo(repo, private=private, exist_ok=True, space_sdk="gradio" if space else None, **kind)
        there = api.list_repo_files(repo, **kind) if replaced else []
        operations += [CommitOperationDelete(name) for name in there if name.startswith(replaced) and name not in files]
        return api.create_commit(repo, operations, commit_message=message, **kind).commit_url


@contextmanager
def writing(repo: str) -> Iterator[None]:
    """The hub's errors while writing, in one sentence each."""
    from huggingface_hub import errors, get_token

    if not get_token():
        raise VUNetError("Writing to the Hub needs a token: set HF_TOKEN, or run `hf auth login`.")
    try:
        yield
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        if status in (401, 403, 404):
            raise VUNetError(
                f"The token may not write to {repo}: give it write access, or name another repository."
            ) from None
        raise HubUnavailable(f"The Hub refused the upload to {repo} with status {status}: try again later.") from None
    except Exception as error:  # the client's transport has errors of its own
        raise HubUnavailable(f"The Hugging Face Hub cannot be reached for {repo}: try again.") from error


def _card(path: Path, repo: str, card: Path | None) -> str:
    own = card or path.with_suffix(".md")
    if own.is_file():
        return own.read_text(encoding="utf-8")
    if card:
        raise VUNetError(f"There is no card at {card}: give a Markdown file, or leave it out.")
    facts = "\n".join(f"- **{name}:** {value}" for name, value in read_facts(path).items()) or "- Nothing is recorded."
    return CARD.format(name=path.stem, repo=repo, size=read_config(path).size, facts=facts)


def _front_matter() -> str:
    tags = ["vunet", "variational-u-net", "image-generation", "pose-transfer", PAPER]
    return f"---\nlibrary_name: vunet\npipeline_tag: image-to-image\ntags: {json.dumps(tags)}\n---\n\n"
