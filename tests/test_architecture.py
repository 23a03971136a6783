"""Dependencies point downwards only, as the architecture says; read from the imports."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "vunet"

BOTTOM = {"errors", "shipped", "telemetry"}  # what every package may import

# Package: what else it may import of the project.
ALLOWED = {
    **{name: set() for name in BOTTOM},
    "pose": set(),
    "model": set(),
    "losses": {"model"},
    "runtime": {"model"},
    "checkpoints": {"model", "runtime"},
    "person": {"model", "pose"},
    "publish": {"checkpoints", "model"},
    "data": {"model", "person", "pose", "runtime"},
    "studio": {"checkpoints", "losses", "model", "person", "pose", "publish", "runtime"},
    "cluster": {"pose", "runtime", "studio"},
    "output": {"checkpoints", "person", "pose", "runtime", "studio"},
    "train": {"checkpoints", "data", "losses", "model", "person", "pose", "runtime"},
    "evaluate": {"checkpoints", "data", "losses", "model", "person", "pose", "runtime", "studio"},
    "ui": {"checkpoints", "cluster", "output", "person", "pose", "runtime", "studio"},
    "bench": {"data", "losses", "model", "person", "pose", "runtime", "studio", "train", "ui"},
    "cli": {
        "bench",
        "checkpoints",
        "cluster",
        "data",
        "evaluate",
        "output",
        "person",
        "pose",
        "publish",
        "runtime",
        "studio",
        "train",
        "ui",
    },
    "__main__": {"cli"},
}
# What needs no network of ours stays free of PyTorch, so that it can be used and tested without.
WITHOUT_TORCH = ("pose", "person/photo.py", "person/framing.py", "person/parts.py", "ui", "output/film.py")


def package(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            public = node.module == "vunet"  # `from vunet import Studio`: the public name
            modules |= {"vunet.studio"} if public else {node.module}
        elif isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
    return {m.split(".")[1] for m in modules if m.startswith("vunet.")}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_downwards(path):
    if path == PACKAGE / "__init__.py":
        return
    assert imported_rooms(path) <= ALLOWED[package(path)] | {package(path)} | BOTTOM


def test_gradio_stays_in_the_page():
    for path in PACKAGE.rglob("*.py"):
        assert package(path) == "ui" or not _imports(path, "gradio"), path


@pytest.mark.parametrize("part", WITHOUT_TORCH)
def test_no_torch_where_it_is_not_needed(part):
    files = [PACKAGE / part] if part.endswith(".py") else sorted((PACKAGE / part).rglob("*.py"))
    assert files and not [path for path in files if _imports(path, "torch")]


def _imports(path: Path, name: str) -> bool:
    text = path.read_text(encoding="utf-8")
    return f"import {name}" in text or f"from {name}" in text


def test_no_module_imports_in_a_circle():
    graph = {_module(path): _imported_modules(path) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"}
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " -> ".join((*above[above.index(module) :], module))
        if module not in done:
            for other in graph.get(module, ()):
                visit(other, (*above, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def _imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_importing_the_package_imports_nothing_heavy():
    import subprocess
    import sys

    code = "import sys, vunet, vunet.cli; sys.exit(any(m in sys.modules for m in ('torch', 'gradio', 'mediapipe')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_files_stay_small():
    own = [path for path in PACKAGE.rglob("*.js") if "vendor" not in path.parts]
    for path in [*PACKAGE.rglob("*.py"), *own]:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
