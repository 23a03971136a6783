"""The transfer matrix: n photos give n looks and n poses, and every look is shown in every pose (figure 6 of the paper)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import gradio as gr
import numpy as np

from vunet import Appearance, Studio, VUNetError
from vunet.person import Person
from vunet.ui.examples import Example
from vunet.ui.handlers import friendly

MAX_PEOPLE = 8
TILE = 160  # pixels of one picture in the matrix


class Matrix:
    """The matrix of uploaded photos, filled up with example people."""

    def __init__(self, studio: Studio, examples: list[Example]) -> None:
        self.studio, self.examples = studio, examples

    @friendly
    def draw(self, paths: list[str] | None, count: float, progress: gr.Progress = gr.Progress()) -> np.ndarray:  # noqa: B008
        """One picture: the people in the first row and column, every look (row) in every pose (column)."""
        paths = paths or []
        if len(paths) > MAX_PEOPLE:
            raise VUNetError(f"The matrix holds {MAX_PEOPLE} people: leave out {len(paths) - MAX_PEOPLE} of the photos.")
        count = min(max(int(count), len(paths), 2), MAX_PEOPLE)
        people = [self._read(p) for p in progress.tqdm(paths, desc="Reading photos")]
        people += [e.person(self.studio.size) for e in self.examples[: count - len(people)]]
        looks = [self.studio.encode(person) for person in people]
        pairs = progress.tqdm(list(zip(people, looks, strict=True)), desc="Drawing")
        rows = [self._row(person, look, people) for person, look in pairs]
        return np.concatenate([self._heading(people), *rows])

    def _read(self, path: str) -> Person:
        try:
            return self.studio.detect(path)
        except VUNetError as error:
            name = path.replace("\\", "/").rsplit("/", 1)[-1]
            raise VUNetError(f"{name}: {error}") from None

    def _heading(self, people: Sequence[Person]) -> np.ndarray:
        corner = np.full((TILE, TILE, 3), 255, np.uint8)
        return np.concatenate([corner, *(_tile(person.backdrop) for person in people)], axis=1)

    def _row(self, person: Person, look: Appearance, people: Sequence[Person]) -> np.ndarray:
        pictures = self.studio.render_many([look] * len(people), [p.pose for p in people])
        return np.concatenate([_tile(person.backdrop), *(_tile(p) for p in pictures)], axis=1)


def _tile(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, (TILE, TILE), interpolation=cv2.INTER_AREA)
