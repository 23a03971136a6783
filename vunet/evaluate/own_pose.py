"""What goes missing of a person in the photo's own pose: whoever uploads a photo looks for themselves first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from vunet.evaluate.compared_pictures import SIZE, EvaluationPictures, framed
from vunet.evaluate.scores import Scores
from vunet.person.framing import Person
from vunet.person.scene import into_scene

BLUR = 1.5  # standard deviation in pixels of 256
LOST = 48  # grey levels from which a pixel of the person is another
MUCH, MOST = 0.05, 0.15  # of a person's pixels
BAND = 6  # pixels of twice D's size to either side of the outline
WORST = 10


def own_pose_scores(evaluation: EvaluationPictures, sheet: Path | None = None) -> Scores:
    """Lost pixels of people in their own pose: mean share, shares of people who lose more than `MUCH` and `MOST`; of those
    with joints that the photo hides; and the error in a band at the outline of people who stand in their photo again.

    sheet: a picture to write, the worst ten beside their photos.
    """
    studio = evaluation.studio
    people = [framed(evaluation.data, record, studio.size) for record in evaluation.records]
    rendered = [studio.render(look, person.pose) for look, person in zip(evaluation.looks, people, strict=True)]
    lost = np.array([lost_share(picture, person) for picture, person in zip(rendered, people, strict=True)])
    hidden = np.array([bool(person.pose.guessed) or not person.pose.visible.all() for person in people])
    if sheet:
        _write_worst(sheet, lost, people, rendered)
    rims = [_rim(evaluation, i, person) for i, person in enumerate(people)]
    return {
        "lost": float(lost.mean()),
        f"people who lose over {MUCH}": float((lost > MUCH).mean()),
        f"over {MOST}": float((lost > MOST).mean()),
        "lost, hidden joints": float(lost[hidden].mean()) if hidden.any() else 0.0,
        "rim": float(np.mean(rims)),
    }


def lost_share(picture: np.ndarray, person: Person) -> float:
    """Share of a person's pixels that differ by more than `LOST` after a blur at 256 pixels."""
    small = [cv2.resize(each, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for each in (picture, person.image, person.mask)]
    smooth = [cv2.GaussianBlur(each, (0, 0), BLUR).astype(int) for each in small[:2]]
    away = np.abs(smooth[0] - smooth[1]).max(axis=2)
    return float((away > LOST)[small[2] > 127].mean())


def _rim(evaluation: EvaluationPictures, index: int, person: Person) -> float:
    """Mean error in grey levels at the outline of somebody who is laid back into their own photo."""
    cut = evaluation.studio.cutout(evaluation.looks[index], person.pose)
    laid = into_scene(cut, person.backdrop)
    inside, outside = (change(person.mask, np.ones((2 * BAND + 1,) * 2)) for change in (cv2.erode, cv2.dilate))
    band = (outside > 127) & (inside <= 127)
    return float(np.abs(laid.astype(int) - person.backdrop)[band].mean())


def _write_worst(sheet: Path, lost: np.ndarray, people: Sequence[Person], rendered: Sequence[np.ndarray]) -> None:
    worst = np.argsort(-lost)[:WORST]
    rows = [np.concatenate([pictures[i] for i in worst], axis=1) for pictures in ([p.image for p in people], rendered)]
    sheet.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(cv2.resize(np.concatenate(rows), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)).save(sheet)
