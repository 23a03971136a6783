"""Commands that measure speed: bench, growth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vunet.cli.options import Checkpoint, Device, Json, Precision, tell, write_result
from vunet.errors import VUNetError


def bench(
    json_file: Json = None,
    checkpoint: Checkpoint = None,
    browser: Annotated[bool, typer.Option(help="Measure drag-to-pixel in headless Chromium too.")] = True,
    drags: Annotated[int, typer.Option(help="Positions of the measured drag.")] = 60,
    latency: Annotated[int, typer.Option(min=0, max=5000, help="Milliseconds of network in that drag.")] = 0,
    presets: Annotated[bool, typer.Option(help="Compare the presets' engines and time a training step too.")] = True,
    precision: Precision = None,
    load: Annotated[bool, typer.Option("--load", help="Instead: many visitors drag at once.")] = False,
    lots: Annotated[
        bool, typer.Option("--lots", help="Instead: pictures a second that one process hands out, on a pretended device.")
    ] = False,
    lot_ms: Annotated[float, typer.Option(min=0, help="Milliseconds of that device for a lot.")] = 4.0,
    picture_ms: Annotated[float, typer.Option(min=0, help="And for each of its pictures.")] = 0.2,
    visitors: Annotated[int | None, typer.Option(min=1, max=10_000, help="Of --load (20) or --lots (200).")] = None,
    seconds: Annotated[float, typer.Option(min=1, max=4000, help="How long they drag.")] = 60.0,
    mirror: Annotated[bool, typer.Option("--mirror", help="Instead: how soon the stage follows a camera.")] = False,
    training: Annotated[bool, typer.Option("--training", help="Instead: people a second that training sees.")] = False,
    device: Device = None,
    batch: Annotated[int, typer.Option(min=1, max=4096, help="People a step, with --training.")] = 8,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load people, with --training.")] = 1,
) -> None:
    """Measure the verbs, the presets, a training step and a drag in the browser, beside the machine's own limit.

    Examples: python -m vunet bench --json out/bench.json; python -m vunet bench --load; python -m vunet bench --lots;
    python -m vunet bench --mirror;
    python -m vunet bench --training --device cuda --batch 64 --workers 14
    """
    if training:
        from vunet.bench.training import training_report

        return write_result(training_report(device, batch, workers), json_file)
    if lots:
        from vunet.bench.lots import lots_report

        return write_result(lots_report(checkpoint, visitors or 200, lot_ms, picture_ms, min(seconds, 10.0)), json_file)
    if mirror:
        from vunet import Studio
        from vunet.bench.mirror import mirror_numbers

        numbers = mirror_numbers(Studio.load(checkpoint, precision=precision))
        for name, row in numbers.items():
            tell(name + "   " + "   ".join(f"{key} {value:.4g}" for key, value in row.items()), json_file)
        return write_result(numbers, json_file)
    if load and (visitors or 0) > 64:
        raise VUNetError("At most 64 visitors drag in --load: for more see --lots.")
    from vunet.bench import report
    from vunet.bench.load import load_report

    numbers = (
        load_report(checkpoint, visitors or 20, seconds)
        if load
        else report(checkpoint, browser, drags, presets, precision, latency)
    )
    return write_result(numbers, json_file)


def growth(
    out: Annotated[Path, typer.Argument(help="The picture of the curves.")],
    checkpoint: Checkpoint = None,
    size: Annotated[int, typer.Option(min=1, help="Largest picture's side.")] = 512,
    samples: Annotated[int, typer.Option(min=1, help="Most looks that are drawn at once.")] = 64,
    visitors: Annotated[int, typer.Option(min=1, help="Most visitors who drag at once.")] = 32,
    rows: Annotated[int, typer.Option(min=1, help="Largest simulated dataset.")] = 1_000_000,
    processes: Annotated[int, typer.Option(min=0, help="Most processes that train together; 0 leaves them out.")] = 4,
    json_file: Json = None,
) -> None:
    """Measure how cost grows with size, samples, visitors, people in the dataset and processes. Takes some minutes.

    Example: python -m vunet growth out/growth.png --json out/growth.json
    """
    from vunet import Studio
    from vunet.bench.growth import growth as measure
    from vunet.bench.growth import plot

    curves = measure(Studio.load(checkpoint), size, samples, visitors, rows, processes)
    plot(curves, out)
    write_result(curves, json_file)
    for curve in curves.values():
        points = "   ".join(f"{x:g}: {y:.3g}" for x, y in curve["points"])
        tell(f"{curve['title'] + ' (' + curve['y'] + ')':44}{points}", json_file)


COMMANDS = (bench, growth)
