"""Dependencies point downwards only, as the architecture says; read from the imports."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "vunet"

# Room: what it may import of the project, besides errors.
ALLOWED = {
    "errors": set(),
    "layers": set(),
    "latent": set(),
    "device": set(),
    "photo": set(),
    "turnstile": set(),
    "pose": set(),
    "film": set(),
    "parts": {"pose"},
    "model": {"layers", "latent"},
    "person": {"photo", "pose"},
    "appearance": {"pose"},
    "part_codes": {"appearance"},
    "crisp": set(),
    "inputs": {"model", "parts", "pose"},
    "losses": {"latent"},
    "checkpoints": {"model", "layers"},
    "data": {"inputs", "model", "parts", "person", "photo", "pose", "workers"},
    "engine": {"model"},
    "studio": {
        "appearance",
        "checkpoints",
        "crisp",
        "device",
        "engine",
        "inputs",
        "model",
        "part_codes",
        "parts",
        "person",
        "photo",
        "pose",
        "turnstile",
    },
    "files": {"photo", "pose", "studio"},
    "workers": set(),
    "batch": {"appearance", "checkpoints", "device", "files", "film", "photo", "pose", "studio", "workers"},
    "space": {"checkpoints"},
    "train": {"checkpoints", "data", "device", "inputs", "latent", "losses", "model"},
    "evaluate": {"appearance", "data", "inputs", "latent", "losses", "parts", "person", "pose", "studio"},
    "ui": {"checkpoints", "studio", "pose", "parts", "photo", "person", "appearance", "film", "turnstile"},
    "bench": {
        "appearance",
        "photo",
        "data",
        "device",
        "engine",
        "inputs",
        "losses",
        "model",
        "pose",
        "studio",
        "train",
        "ui",
    },
    "cli": {"batch", "bench", "checkpoints", "data", "evaluate", "files", "photo", "pose", "space", "studio", "train"},
    "__main__": {"cli"},
}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            public = node.module == "vunet"  # `from vunet import Studio`: the studio's own door
            modules |= {"vunet.studio"} if public else {node.module}
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    return {m.split(".")[1] for m in modules if m.startswith("vunet.")}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    if path == PACKAGE / "__init__.py":
        return
    assert imported_rooms(path) <= ALLOWED[room(path)] | {room(path), "errors"}


@pytest.mark.parametrize("heavy, rooms", [("gradio", {"ui"}), ("torch", {"pose", "photo", "person", "ui", "parts"})])
def test_heavy_packages_stay_in_their_rooms(heavy, rooms):
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        imports = f"import {heavy}" in text or f"from {heavy}" in text
        assert not imports or (room(path) in rooms) == (heavy == "gradio"), path


def test_importing_the_package_imports_nothing_heavy():
    import subprocess
    import sys

    code = "import sys, vunet, vunet.cli; sys.exit(any(m in sys.modules for m in ('torch', 'gradio', 'mediapipe')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_files_stay_small():
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.js")]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
