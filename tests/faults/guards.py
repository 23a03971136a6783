"""Takes away one guard after another in a copy of the project, and sees the test of its fault fail.

`python -m tests.faults.guards` takes some minutes; CI only checks that every guard is still where this list says.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FAULTS, LIMITS = "tests/faults/test_faults.py", "tests/ui/server/test_request_limits.py"
LIVE = "tests/ui/visitor/test_live_render.py"


class Guard(NamedTuple):
    fault: str
    file: str
    there: str
    gone: str
    test: str


GUARDS = [
    Guard(
        "out of memory",
        "vunet/runtime/failures.py",
        "if not _out_of_memory(error):",
        "if True:",
        f"{FAULTS}::test_a_render_that_fails",
    ),
    Guard(
        "a picture that is no number",
        "vunet/person/tensors.py",
        "if not np.isfinite(scaled).all():",
        "if False:",
        f"{FAULTS}::test_a_render_that_fails",
    ),
    Guard(
        "codes that are no numbers",
        "vunet/studio/loaded.py",
        "if not all(np.isfinite(array).all() for array in arrays):",
        "if False:",
        f"{FAULTS}::test_codes_that",
    ),
    Guard(
        "a bug taken for a lack of memory",
        "vunet/runtime/failures.py",
        "if not _out_of_memory(error):",
        "if False:",
        f"{FAULTS}::test_a_bug",
    ),
    Guard(
        "an estimator that crashes",
        "vunet/pose/estimators/timeout.py",
        "except Exception:",
        "except ZeroDivisionError:",
        f"{FAULTS}::test_an_estimator",
    ),
    Guard(
        "a failed estimator is kept",
        "vunet/pose/estimators/timeout.py",
        "self._discard(estimator)",
        "pass",
        f"{FAULTS}::test_an_estimator",
    ),
    Guard(
        "an estimator that hangs",
        "vunet/pose/estimators/timeout.py",
        "answer.result(self._seconds)",
        "answer.result(90)",
        f"{FAULTS}::test_an_estimator",
    ),
    Guard(
        "a full disk",
        "vunet/ui/words/error_messages.py",
        "if error.errno not in NO_ROOM:",
        "if True:",
        f"{FAULTS}::test_a_full_disk",
    ),
    Guard(
        "a film on a full disk",
        "vunet/output/film.py",
        "if _frames(path) != written:  # OpenCV says nothing of a full disk",
        "if False:",
        f"{FAULTS}::test_a_film",
    ),
    Guard(
        "a state on a full disk",
        "vunet/train/state_file.py",
        'temporary = path.with_name(path.name + ".new")',
        "temporary = path",
        f"{FAULTS}::test_a_training_state",
    ),
    Guard(
        "a cache that may only be read",
        "vunet/checkpoints/hub.py",
        "raise HubUnavailable(CACHE) from error",
        "raise",
        f"{FAULTS}::test_a_cache",
    ),
    Guard(
        "a hub that vanishes",
        "vunet/checkpoints/hub.py",
        "raise HubUnavailable(CACHE if full else _unreachable(name)) from error",
        "raise",
        f"{FAULTS}::test_a_hub",
    ),
    Guard(
        "SIGTERM in training",
        "vunet/train/trainer.py",
        "if self.processes.any(self.stopping()):",
        "if False:",
        f"{FAULTS}::test_training_that_is_told",
    ),
    Guard(
        "a damaged checkpoint",
        "vunet/ui/server/launch.py",
        'raise SystemExit(f"Error: {error}") from None',
        "raise",
        f"{FAULTS}::test_a_damaged_checkpoint",
    ),
    Guard(
        "a body that is too large",
        "vunet/ui/server/request_limits.py",
        "if seen > most:",
        "if False:",
        LIMITS,
    ),
    Guard(
        "a visitor who asks too often",
        "vunet/ui/server/request_limits.py",
        "return 0.0 if level >= tokens else (tokens - level) / self.rate",
        "return 0.0",
        LIMITS,
    ),
    Guard(
        "a drag that a newer one replaced",
        "vunet/runtime/render_queue.py",
        "self._waiting.remove(other)",
        "continue",
        "tests/runtime/test_render_queue.py",
    ),
    Guard(
        "a line that is too long",
        "vunet/runtime/render_queue.py",
        "if len(drags) >= self.places:",
        "if False:",
        "tests/runtime/test_render_queue.py",
    ),
    Guard(
        "somebody else's look",
        "vunet/ui/visitor/live_render.py",
        "token not in self._looks",
        "False",
        "tests/ui/visitor/test_live_render.py",
    ),
    Guard(
        "damaged weights",
        "vunet/checkpoints/hub.py",
        "if _cached(HubName(name.repo, found.commit_hash)) != path or _hash(path, found.etag) != found.etag:",
        "if False:",
        "tests/checkpoints/test_hub.py",
    ),
]


def copied(to: Path) -> Path:
    """The project without its history and its runs."""
    ignored = shutil.ignore_patterns(".git", "runs", "__pycache__", ".venv", ".*_cache")
    return Path(shutil.copytree(ROOT, to / "project", ignore=ignored))


def notices(project: Path, guard: Guard) -> bool:
    """Whether the guard's test fails without it."""
    path = project / guard.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(guard.there, guard.gone, 1), encoding="utf-8")
    file, _, name = guard.test.partition("::")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", file, *(["-k", name] if name else [])]
    try:
        return subprocess.run(command, cwd=project, capture_output=True, check=False).returncode == 1
    finally:
        path.write_text(whole, encoding="utf-8")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        project = copied(Path(folder))
        blind = 0
        for guard in GUARDS:
            seen = notices(project, guard)
            blind += not seen
            print(f"{guard.fault:40}{'its test fails, as it should' if seen else 'NOBODY NOTICES'}", flush=True)
    return min(blind, 1)


if __name__ == "__main__":
    sys.exit(main())
