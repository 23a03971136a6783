"""Options that commands have in common, and how results are shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Checkpoint = Annotated[
    str | None,
    typer.Option(
        help="A .safetensors file or its folder, the name of an embedded one, or a repository on the Hugging Face Hub "
        "(user/repo, user/repo@revision); the embedded default if left out."
    ),
]
Device = Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is if left out.")]
Precision = Annotated[
    str | None,
    typer.Option(help="float32, bfloat16, float16, or int8 of a calibrated checkpoint; the fastest if left out."),
]
Estimator = Annotated[str, typer.Option(help="Who finds poses: auto, mediapipe or openpose.")]
Refine = Annotated[
    int, typer.Option(min=0, max=200, help="Steps that bring each look nearer to its photo; 30 take a few seconds.")
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that share a folder's photos.")]
Cluster = Annotated[
    str | None, typer.Option(help="A Ray cluster that does it instead: auto, or HOST:PORT. Its machines share the folders.")
]
Sharded = Annotated[
    str | None,
    typer.Option("--shard", help="Only this share of the files, by a hash of their names, as 3/100."),
]
Json = Annotated[Path | None, typer.Option("--json", help="Write the result here as JSON; - for the terminal.")]
People = Annotated[Path, typer.Option(help="A folder made by `prepare`.")]


def tell(text: str, json_file: Path | None) -> None:
    """A line for people; beside the errors where the terminal is to hold the result as JSON."""
    typer.echo(text, err=str(json_file) == "-")


def write_result(result: Any, file: Path | None) -> None:
    """A result as JSON where --json asks for it."""
    if file is None:
        return
    text = json.dumps(result, indent=2)
    if str(file) == "-":
        typer.echo(text)
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", encoding="utf-8")


def tell_report(report: Any, file: Path | None) -> None:
    """What became of a folder's photos; ends with exit code 1 when some were refused."""
    write_result(vars(report), file)
    for photo, reason in report.refused.items():
        typer.echo(f"{photo}: {reason}", err=True)
    typer.echo(f"{report.done} done, {report.kept} there already, {len(report.refused)} refused", err=True)
    if report.refused:
        sys.exit(1)
