"""Scores on rendered people: the truth itself is perfect, and a photo's folder is no pair."""

import numpy as np
import pytest

from tests.figures import write_figure
from tests.prepared import Known
from vunet import VUNetError
from vunet.data.avatars.prepare import Views, prepare_avatars
from vunet.evaluate.pairs import benchmark_records, overlap, pair_scores


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    for i in range(12):
        write_figure(folder / "figures" / f"P{i}_Suit.glb")
    prepare_avatars(folder / "figures", folder / "out", Views(9, 128))
    return folder / "out"


def test_every_view_of_a_held_out_figure_is_scored(studio, pairs, tmp_path):
    scores = pair_scores(studio, pairs, Known(), limit=1, sheet=tmp_path / "sheet.png")
    assert {"pairs, own", "pairs, front", "pairs, side", "pairs, back"} <= set(scores)
    assert all(0 <= row["outline"] <= 1 and np.isfinite(row["ssim_person"]) for row in scores.values())
    assert scores["pairs, own"]["error"] < scores["pairs, side"]["error"]
    assert (tmp_path / "sheet.png").exists()


def test_a_folder_of_photos_is_refused(data):
    with pytest.raises(VUNetError, match="prepare-avatars"):
        benchmark_records(data[1])


def test_overlap_of_outlines():
    a = np.zeros((4, 4), bool)
    a[:2] = True
    assert overlap(a, a) == 1 and overlap(a, ~a) == 0 and overlap(a, np.ones_like(a)) == 0.5
