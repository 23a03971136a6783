"""The command line. Every command imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from vunet.errors import VUNetError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

Checkpoint = Annotated[Path | None, typer.Option(help="A .safetensors file or its folder; the embedded one if left out.")]


@app.command()
def prepare(
    photos: Annotated[Path, typer.Argument(help="A folder of photos, searched with its subfolders.")],
    out: Annotated[Path, typer.Argument(help="Where the framed people and their index go.")],
    limit: Annotated[int | None, typer.Option(help="Only the first so many photos.")] = None,
) -> None:
    """Find, frame and cut out the person of every photo. The same command goes on where it stopped.

    Example: python -m vunet prepare photos/ runs/people
    """
    from vunet.data.prepare import REFUSED_FILE, prepare

    counts = prepare(photos, out, limit=limit)
    typer.echo(json.dumps(dict(counts)))
    typer.echo(f"Photos that were left out, with the reason: {out / REFUSED_FILE}", err=True)


@app.command()
def train(
    data: Annotated[Path, typer.Option(help="A folder made by `prepare`.")],
    run: Annotated[Path, typer.Option(help="The run's folder; the same command resumes it.")],
    preset: Annotated[str, typer.Option(help="body-256, paper-256 or paper-128.")] = "body-256",
    steps: Annotated[int, typer.Option(help="Planned length; the schedules stretch over it.")] = 6000,
    batch: Annotated[int, typer.Option(help="People a step.")] = 8,
    start: Annotated[Path | None, typer.Option(help="A checkpoint to start a new run from.")] = None,
    perceptual: Annotated[str, typer.Option(help="auto, efficientnet, vgg19 or none.")] = "auto",
    gram: Annotated[float, typer.Option(help="Weight of the Gram terms, for a second round; 1 is usual.")] = 0.0,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the best there is if left out.")] = None,
) -> None:
    """Train a model on prepared people. Saves its state every few minutes.

    Example: python -m vunet train --data runs/people --run runs/first
    """
    from vunet.train.command import train_command

    train_command(data, run, preset, steps, batch, start, perceptual, gram, device)


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write.")],
    data: Annotated[Path | None, typer.Option(help="The run's data, to measure the prior's common factors on.")] = None,
) -> None:
    """Write a run's averaged weights as an inference checkpoint.

    Example: python -m vunet export runs/first checkpoints/mine.safetensors --data runs/people
    """
    from vunet.train.command import export_command

    export_command(run, out, data)
    typer.echo(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="A folder made by `prepare`; its held-out people are scored.")],
    checkpoint: Checkpoint = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the scores here too.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="A picture to write: reconstructions, transfers, samples.")] = None,
    poses: Annotated[Path | None, typer.Option(help="JSON of skeletons far from the photos', to be followed too.")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first so many people.")] = None,
) -> None:
    """Score a checkpoint on people it was never trained on.

    Example: python -m vunet evaluate --data runs/people --json runs/scores.json --sheet runs/sheet.png
    """
    from vunet.evaluate.report import evaluate, table, write_json

    scores = evaluate(checkpoint, data, poses, limit, sheet)
    typer.echo(table(scores))
    if json_file:
        write_json(scores, json_file)


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="A folder for the pictures.")],
    pose: Annotated[
        Path | None, typer.Option(help="A pose: our JSON or OpenPose's; a standing person if left out.")
    ] = None,
    count: Annotated[int, typer.Option(help="How many looks, 1 to 64.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same looks.")] = 0,
    temperature: Annotated[float, typer.Option(help="0 gives the prior's mean, 1 its own spread.")] = 1.0,
    checkpoint: Checkpoint = None,
) -> None:
    """Draw people from the learned prior in one pose.

    Example: python -m vunet sample out/ --count 8 --seed 3
    """
    from vunet import Studio
    from vunet.files import read_pose, write_people

    studio = Studio.load(checkpoint)
    chosen = read_pose(pose)
    looks = studio.sample(chosen, count, seed, temperature)
    write_people(out, studio.render_many(looks, [chosen] * count), chosen)


@app.command()
def render(
    photo: Annotated[Path, typer.Argument(help="Whose look.")],
    pose: Annotated[Path, typer.Argument(help="The pose: our JSON, OpenPose's, or a photo whose pose is taken.")],
    out: Annotated[Path, typer.Argument(help="The picture to write.")],
    checkpoint: Checkpoint = None,
) -> None:
    """Put the person of a photo into another pose.

    Example: python -m vunet render me.jpg dancer.jpg me-dancing.png
    """
    from vunet import Studio
    from vunet.files import pose_or_photo, write_picture

    studio = Studio.load(checkpoint)
    look = studio.encode(studio.detect(photo))
    write_picture(out, studio.render(look, pose_or_photo(pose, studio)))


@app.command()
def bench(
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the numbers here too.")] = None,
    checkpoint: Checkpoint = None,
    browser: Annotated[bool, typer.Option(help="Measure drag-to-pixel in headless Chromium too.")] = True,
    drags: Annotated[int, typer.Option(help="Positions of the measured drag.")] = 60,
    presets: Annotated[bool, typer.Option(help="Compare the presets' engines and time a training step too.")] = True,
) -> None:
    """Measure the verbs, the presets, a training step and a drag in the browser, beside the machine's own limit.

    Example: python -m vunet bench --json bench.json
    """
    from vunet.bench import report

    numbers = report(checkpoint, browser, drags, presets)
    if json_file:
        json_file.write_text(json.dumps(numbers, indent=2))


@app.command()
def growth(
    out: Annotated[Path, typer.Argument(help="The picture of the curves; the numbers go beside it as .json.")],
    checkpoint: Checkpoint = None,
    rows: Annotated[int, typer.Option(help="Largest simulated dataset.")] = 1_000_000,
) -> None:
    """Measure how cost grows with size, samples, visitors and people in the dataset. Takes some minutes.

    Example: python -m vunet growth runs/growth.png
    """
    from vunet import Studio
    from vunet.bench.growth import growth, plot, write_curves

    curves = growth(Studio.load(checkpoint), rows)
    plot(curves, out)
    write_curves(curves, out.with_suffix(".json"))
    for curve in curves.values():
        points = "   ".join(f"{x:g}: {y:.3g}" for x, y in curve["points"])
        typer.echo(f"{curve['title'] + ' (' + curve['y'] + ')':44}{points}")


def main() -> None:
    """Runs a command; an error that the user can act on is one line and exit code 1, never a traceback."""
    try:
        app()
    except VUNetError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)
