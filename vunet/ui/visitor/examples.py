"""The example people in assets/people: figures that were rendered, as good as photos, and samples of the model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import numpy as np
from PIL import Image

from vunet.person.framing import Person
from vunet.person.ground import lift
from vunet.person.photo import load_photo
from vunet.pose.skeleton import Pose
from vunet.shipped import shipped
from vunet.ui.words.texts import label

FOLDER = shipped("assets") / "people"


@dataclass(frozen=True)
class Example:
    """A picture of an example person, and its pose. rendered: a figure of the VALID library, no sample of the model."""

    path: Path
    pose: Pose
    rendered: bool = False

    def person(self, size: int) -> Person:
        """The `Person`, without a pose estimator."""
        image = np.array(Image.fromarray(load_photo(self.path)).resize((size, size), Image.Resampling.LANCZOS))
        return Person(image, lift(image)[..., 3], self.pose, drawn=True)


def load_examples() -> list[Example]:
    """All example people, in the order of people.json."""
    entries = json.loads((FOLDER / "people.json").read_text(encoding="utf-8"))
    return [Example(FOLDER / e["file"], Pose.from_dict(e), e.get("rendered", False)) for e in entries]


def example_gallery(examples: list[Example], elem_id: str) -> gr.Gallery:
    """The example people to choose from."""
    return thumbnails(elem_id, label("examples"), [(str(e.path), None) for e in examples], columns=8)


def thumbnails(elem_id: str, title: str, pictures: list | None = None, columns: int = 4) -> gr.Gallery:
    """Small pictures to choose from, without a large view."""
    return gr.Gallery(
        pictures, label=title, show_label=False, columns=columns, height="auto", allow_preview=False, object_fit="cover",
        interactive=False, buttons=[], elem_id=elem_id, elem_classes=["vu-thumbs", f"vu-of-{columns}"],
    )  # fmt: skip
