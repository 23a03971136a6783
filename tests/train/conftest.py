"""Pairs of one rendered figure, which several trainings read."""

import pytest

from tests.figures import write_figure
from vunet.data.avatars.prepare import Views, prepare_avatars


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    write_figure(folder / "figures" / "P0_Suit.glb")
    prepare_avatars(folder / "figures", folder / "out", Views(9, 128))
    return folder / "out"
