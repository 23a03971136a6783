"""A browser and a served page, for tests that do as a person would."""

import numpy as np
import pytest
from PIL import Image

from tests.ui.stage import visit
from vunet.bench.browser import browser, served


@pytest.fixture(scope="session")
def chromium():
    with browser() as instance:
        yield instance


@pytest.fixture(scope="session")
def url(studio):
    with served(studio) as address:
        yield address


@pytest.fixture(scope="session")
def visitor(chromium):
    """A browser's profile, which has seen the page before: its scripts are compiled already."""
    return chromium.new_context(viewport={"width": 1280, "height": 900}, has_touch=True)


@pytest.fixture
def page(visitor, url):
    """The page, open, with the first example person on the stage; nothing is remembered of what was done before."""
    page = visitor.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
    visit(page, url)
    yield page
    page.close()
    assert page.problems == []


@pytest.fixture
def photo(tmp_path, street):
    path = tmp_path / "street.jpg"
    Image.fromarray(street).save(path, quality=92)
    return path


@pytest.fixture
def wall(tmp_path):
    path = tmp_path / "wall.png"
    Image.fromarray(np.random.default_rng(0).integers(90, 110, (400, 300, 3), np.uint8)).save(path)
    return path
