"""A browser and a served page, for tests that do as a person would."""

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.ui.stage import visit
from vunet.bench.browser import browser, served


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What the page looked like when a test failed: a screenshot in runs/, and its state in the report."""
    report = (yield).get_result()
    page = item.funcargs.get("page") if hasattr(item, "funcargs") else None
    if not report.failed or page is None or page.is_closed():
        return
    picture = ROOT / "runs" / "failed" / f"{item.name}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture)
    state = page.evaluate("() => ({...document.querySelector('[data-painted]')?.dataset})")
    report.sections.append(("page", f"{picture}\n{page.url}\n{state}\n{page.problems}"))


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
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, has_touch=True, reduced_motion="reduce")
    context.add_init_script("try { localStorage.setItem('vunet.toured', '1'); } catch {}")  # a blank page has no storage
    return context


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
