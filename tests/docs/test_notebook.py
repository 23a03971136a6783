"""The notebook runs from its first cell to its last, and keeps nothing large and nobody real."""

import json
import re

from tests.conftest import ROOT

NOTEBOOK = ROOT / "notebooks" / "first_steps.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


def test_every_cell_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for cell in CELLS:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and not source.startswith("%"):
            exec(compile(source, cell["id"], "exec"), names)
    assert (tmp_path / "waving.gif").stat().st_size > 10_000


def test_outputs_are_small():
    assert NOTEBOOK.stat().st_size < 250_000
    assert sum("image/jpeg" in json.dumps(cell.get("outputs")) for cell in CELLS) >= 4
    assert not re.search(r"/(home|root|tmp|work)/", NOTEBOOK.read_text(encoding="utf-8"))
