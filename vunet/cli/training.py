"""Commands that prepare people, train on them, and score checkpoints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from vunet.cli.options import Checkpoint, Cluster, Device, Json, People, Sharded, Workers, tell, write_result


def prepare(
    photos: Annotated[Path, typer.Argument(help="Photos: a folder with its subfolders, or the authors' index.p.")],
    out: Annotated[Path, typer.Argument(help="Where the framed people and their index go.")],
    limit: Annotated[int | None, typer.Option(help="Only the first so many photos.")] = None,
    workers: Workers = 1,
    cluster: Cluster = None,
    frame: Annotated[int, typer.Option(min=64, max=2048, help="Side of a framed person in pixels; 640 for 512 px.")] = 320,
    masks: Annotated[Path | None, typer.Option(help="A folder of drawn masks, STEM.png: 0 is the ground.")] = None,
    shard: Sharded = None,
    json_file: Json = None,
) -> None:
    """Find, frame and cut out the person of every photo. The same command goes on where it stopped.

    Example: python -m vunet prepare photos/ runs/people --workers 2
    """
    from vunet.data.prepare import REFUSED_FILE, Framing
    from vunet.data.prepare import prepare as frame_all
    from vunet.runtime.shards import Shard

    part = Shard.parse(shard)
    counts = frame_all(
        photos, out, limit=limit, workers=workers, framing=Framing(frame, masks), shard=part, cluster=cluster
    )
    tell(", ".join(f"{name}: {count}" for name, count in counts.items()), json_file)
    typer.echo(f"Photos that were left out, with the reason: {out / part.named(REFUSED_FILE)}", err=True)
    write_result(dict(counts), json_file)


def pack(
    folder: Annotated[Path, typer.Argument(help="A folder made by `prepare` or `prepare-avatars`.")],
    out: Annotated[Path, typer.Argument(help="Where the archives and their index go.")],
    most: Annotated[int, typer.Option(min=1, max=100_000, help="People in an archive.")] = 1000,
    shard: Sharded = None,
    json_file: Json = None,
) -> None:
    """Copy prepared people into a few large archives, which all trainings read as well. It goes on where it stopped.

    Example: python -m vunet pack runs/people runs/packed
    """
    from vunet.data.pack import pack as copy_all
    from vunet.runtime.shards import Shard

    counts = copy_all(folder, out, most, Shard.parse(shard))
    tell(f"{out}: {counts['people']} people in {counts['archives']} archives", json_file)
    write_result(dict(counts), json_file)


def prepare_avatars(
    figures: Annotated[Path, typer.Argument(help="A folder of rigged figures, PERSON_OUTFIT.glb.")],
    out: Annotated[Path, typer.Argument(help="Where the pictures and their index go.")],
    motions: Annotated[Path | None, typer.Option(help="A folder of motions in DeepMimic's JSON, for more poses.")] = None,
    views: Annotated[int, typer.Option(min=1, help="Pictures of each figure; the first nine are the benchmark's.")] = 72,
    frame: Annotated[int, typer.Option(min=64, max=2048, help="Side of a picture in pixels.")] = 512,
    workers: Workers = 1,
    cluster: Cluster = None,
    shard: Sharded = None,
    json_file: Json = None,
) -> None:
    """Render dressed, rigged people from all sides: pairs of one person. The same command goes on where it stopped.

    Example: python -m vunet prepare-avatars figures/ runs/pairs --motions motions/ --workers 2
    """
    from vunet.data.avatars.prepare import Views
    from vunet.data.avatars.prepare import prepare_avatars as render_all
    from vunet.runtime.shards import Shard

    counts = render_all(figures, out, Views(views, frame, motions), workers, Shard.parse(shard), cluster)
    tell(", ".join(f"{name}: {count}" for name, count in counts.items()), json_file)
    write_result(dict(counts), json_file)


def prepare_motions(
    motions: Annotated[Path, typer.Argument(help="A folder of motions in DeepMimic's JSON.")],
    out: Annotated[Path, typer.Argument(help="The .json file to write; assets/poses/motions.json is the project's.")],
    json_file: Json = None,
) -> None:
    """Project the page's ready-made motions from files in three dimensions.

    Example: python -m vunet prepare-motions motions/ out/motions.json
    """
    from vunet.data.motions import prepare_motions as project

    count = project(motions, out)
    tell(f"{out}: {count} motions", json_file)
    write_result({"file": str(out), "motions": count}, json_file)


def train_lifter(
    figures: Annotated[Path, typer.Argument(help="A folder of rigged figures, for the proportions of bodies.")],
    motions: Annotated[Path, typer.Argument(help="A folder of motions in DeepMimic's JSON.")],
    out: Annotated[Path, typer.Argument(help="The .npz file to write; vunet/pose/lifter.npz is the project's.")],
    poses: Annotated[int, typer.Option(min=20, help="Bodies, each seen by twelve cameras.")] = 20000,
    steps: Annotated[int, typer.Option(min=10, help="Steps of 1,024 views.")] = 9000,
    json_file: Json = None,
) -> None:
    """Train the network that says how far joints are towards the camera. Takes some minutes.

    Example: python -m vunet train-lifter figures/ motions/ out/lifter.npz
    """
    from vunet.train.lifter import train_lifter as train_network

    errors = train_network(figures, motions, out, poses, steps)
    tell("   ".join(f"{name} {value:.3f}" for name, value in errors.items()), json_file)
    write_result(errors, json_file)


def train(
    data: People,
    run: Annotated[Path, typer.Option(help="The run's folder; the same command resumes it.")],
    config: Annotated[Path | None, typer.Option(help="YAML or JSON with any option.")] = None,
    preset: Annotated[str | None, typer.Option(help="parts-256, paper-256 or paper-128.")] = None,
    steps: Annotated[int | None, typer.Option(help="Planned length; 6000 if left out.")] = None,
    batch: Annotated[int | None, typer.Option(help="People that a process passes at once; 8 if left out.")] = None,
    rate: Annotated[float | None, typer.Option(min=0, help="Learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    start: Annotated[Path | None, typer.Option(help="A checkpoint to start a new run from.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="Pairs made by `prepare-avatars`: half of a batch.")] = None,
    mannequin: Annotated[bool, typer.Option("--mannequin", help="E reads the body behind the skeleton.")] = False,
    anchor: Annotated[float, typer.Option(min=0, help="Weight that holds codes where the start's prior knows them.")] = 0.0,
    perceptual: Annotated[str | None, typer.Option(help="auto, efficientnet, vgg19 or none.")] = None,
    gram: Annotated[float | None, typer.Option(help="Weight of the Gram terms, for a second round; 1 is usual.")] = None,
    adversarial: Annotated[
        float | None,
        typer.Option(min=0, help="Weight of a discriminator, relative to the rest; 0.3 is usual."),
    ] = None,
    without: Annotated[
        str | None, typer.Option(help="An ablation: kl, crops, appearance or part-maps is left out.")
    ] = None,
    device: Device = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16 or float16; the fastest if left out.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes that load people; on a GPU, one a core.")] = None,
) -> None:
    """Train a model on prepared people. Saves its state every few minutes; the same command goes on.

    Example: python -m vunet train --data runs/people --run runs/first
    """
    from vunet.train.command import train_command, usual_precision
    from vunet.train.options import read_options

    options = read_options(config)
    given = {"preset": preset, "start": start and str(start), "without": without, "mannequin": mannequin or None}
    model = replace(options.model, **_said(given))
    weights = replace(options.train.weights, **_said({"gram": gram, "adversarial": adversarial, "anchor": anchor or None}))
    chosen: dict[str, Any] = {"steps": steps, "batch": batch, "seed": seed, "perceptual": perceptual, "workers": workers}
    if pairs and not options.train.pairs:
        chosen["pairs"] = (batch or options.train.batch) // 2
    chosen["precision"] = precision or (None if config else usual_precision(device))
    train = replace(options.train, weights=weights, **_said(chosen))
    train_command(data, run, replace(options, model=model, train=train), pairs, device, rate)


def _said(options: dict[str, Any]) -> dict[str, Any]:
    """Those that were named on the command line."""
    return {name: value for name, value in options.items() if value is not None}


def train_prior(
    checkpoint: Annotated[Path, typer.Argument(help="A trained checkpoint of preset parts-256.")],
    data: People,
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write, with the prior.")],
    run: Annotated[Path, typer.Option(help="Where its state is kept; the same command resumes it.")],
    steps: Annotated[int | None, typer.Option(min=2, help="Planned length; 4000, 600 together.")] = None,
    codes_steps: Annotated[int | None, typer.Option(min=1, help="Of these, on codes alone at first; 2000.")] = None,
    batch: Annotated[int | None, typer.Option(min=2, help="People a step; as many are drawn; 6, 4 together.")] = None,
    flow_steps: Annotated[int | None, typer.Option(min=1, help="Of the flow of w, fitted at the end; 4000.")] = None,
    coloured: Annotated[int | None, typer.Option(min=1, help="Samples that colours are fitted to; 1024.")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first so many people.")] = None,
    together: Annotated[bool, typer.Option("--together", help="D learns too, and all steps are of this.")] = False,
    device: Device = None,
) -> None:
    """Train the prior that looks are drawn from. Saves its state every two minutes; the same command goes on.

    Example: python -m vunet train-prior out/mine.safetensors out/drawn.safetensors --data runs/people --run runs/prior
    """
    from vunet.errors import VUNetError
    from vunet.train.prior.command import place_and_precision, train_prior_command
    from vunet.train.prior.together import TOGETHER
    from vunet.train.prior.trainer import PriorOptions
    from vunet.train.stop import asked_to_stop

    if together and (codes_steps or flow_steps):
        raise VUNetError("Together with D there are no steps on codes alone, and the flow stays: leave these options out.")
    place, half = place_and_precision(device)
    given = _said(
        {"steps": steps, "codes_steps": codes_steps, "batch": batch, "flow_steps": flow_steps, "coloured": coloured}
    )
    options = replace(TOGETHER if together else PriorOptions(), device=place, half_precision=half, **given)
    with asked_to_stop() as asked:
        train_prior_command(checkpoint, data, run, out, options, asked.is_set, limit, together)


def train_detail(
    checkpoint: Annotated[Path, typer.Argument(help="A trained checkpoint of preset parts-256.")],
    data: People,
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write: the same weights with the detail network.")],
    run: Annotated[Path, typer.Option(help="Where its state is kept; the same command resumes it.")],
    steps: Annotated[int | None, typer.Option(min=2, help="Planned length; 6000, of samples 3000.")] = None,
    batch: Annotated[int, typer.Option(min=1, help="People a step, two windows of each.")] = 4,
    adversarial: Annotated[
        float | None, typer.Option(min=0, help="Weight of the discriminator, as a share of the rest; 0.5, of samples 1.2.")
    ] = None,
    adversarial_from: Annotated[
        int | None, typer.Option(min=0, help="Step from which it takes part; 1000, of samples 0.")
    ] = None,
    pairs: Annotated[Path | None, typer.Option(help="Pairs made by `prepare-avatars`: half of a batch.")] = None,
    samples: Annotated[bool, typer.Option("--samples", help="The second network, for looks without a photo.")] = False,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load people.")] = 1,
    device: Device = None,
) -> None:
    """Train the networks that double a checkpoint's pictures. Saves its state every two minutes; the same command goes on.

    Example: python -m vunet train-detail out/mine.safetensors out/fine.safetensors --data runs/people-640 --run runs/detail
    """
    from vunet.errors import VUNetError
    from vunet.train.detail.command import PHOTOS, SAMPLES, train_detail_command
    from vunet.train.detail.sample_trainer import SAMPLE_OPTIONS
    from vunet.train.detail.trainer import DetailOptions
    from vunet.train.prior.command import place_and_precision
    from vunet.train.stop import asked_to_stop

    if samples and pairs:
        raise VUNetError("Pairs teach where a copy is wrong, and --samples has no copies: leave one of them out.")
    place, half = place_and_precision(device)
    given = _said({"steps": steps, "adversarial": adversarial, "adversarial_from": adversarial_from})
    usual = SAMPLE_OPTIONS if samples else DetailOptions()
    options = replace(usual, batch=batch, device=place, half_precision=half, **given)
    kind = SAMPLES if samples else PHOTOS
    with asked_to_stop() as asked:
        train_detail_command(checkpoint, data, run, out, options, workers, pairs, kind, asked.is_set)


def train_bodies(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of preset parts-256 with a trained prior.")],
    data: People,
    pairs: Annotated[Path, typer.Option(help="Pairs made by `prepare-avatars`.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write: E and D have learned.")],
    run: Annotated[Path, typer.Option(help="Where its state is kept; the same command resumes it.")],
    steps: Annotated[int | None, typer.Option(min=2, help="Planned length; 800.")] = None,
    batch: Annotated[int | None, typer.Option(min=2, help="People a step; 8.")] = None,
    of_pairs: Annotated[int | None, typer.Option(min=1, help="How many of them are pairs; 5.")] = None,
    rate: Annotated[float | None, typer.Option(min=0, help="Learning rate; 3e-4.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load people.")] = 1,
    device: Device = None,
) -> None:
    """Teach E and D bodies from pairs; codes, samples and pictures of photos stay. The same command goes on.

    Example: python -m vunet train-bodies out/whole.safetensors out/bodies.safetensors --data runs/people --pairs runs/pairs
    --run runs/more-bodies
    """
    from vunet.train.bodies.command import train_bodies_command
    from vunet.train.bodies.trainer import BodyOptions
    from vunet.train.prior.command import place_and_precision
    from vunet.train.stop import asked_to_stop

    place, half = place_and_precision(device)
    given = _said({"steps": steps, "batch": batch, "pairs": of_pairs, "rate": rate})
    options = replace(BodyOptions(), device=place, half_precision=half, **given)
    with asked_to_stop() as asked:
        train_bodies_command(checkpoint, data, pairs, run, out, options, workers, asked.is_set)


def train_correction(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of preset parts-256 that reads the mannequin.")],
    pairs: Annotated[Path, typer.Option(help="Pairs made by `prepare-avatars`.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write: the same weights with the correction.")],
    run: Annotated[Path, typer.Option(help="Where examples and state are kept; the same command resumes it.")],
    steps: Annotated[int | None, typer.Option(min=2, help="Planned length; 2000.")] = None,
    batch: Annotated[int | None, typer.Option(min=2, help="Pairs a step; 12.")] = None,
    examples: Annotated[int, typer.Option(min=1, help="How many pictures D draws to learn from.")] = 4000,
    workers: Annotated[int, typer.Option(min=0, help="Processes that load people.")] = 1,
    device: Device = None,
) -> None:
    """Train the network that corrects D's pictures of people who have turned. The same command goes on.

    Example: python -m vunet train-correction out/together.safetensors out/corrected.safetensors --pairs runs/pairs --run
    runs/correction
    """
    from vunet.train.correction.command import train_correction_command
    from vunet.train.correction.trainer import CorrectionOptions
    from vunet.train.prior.command import place_and_precision
    from vunet.train.stop import asked_to_stop

    place, half = place_and_precision(device)
    given = _said({"steps": steps, "batch": batch})
    options = replace(CorrectionOptions(), device=place, half_precision=half, **given)
    with asked_to_stop() as asked:
        train_correction_command(checkpoint, pairs, run, out, options, examples, workers, asked.is_set)


def evaluate(
    data: Annotated[Path | None, typer.Option(help="A folder made by `prepare`.")] = None,
    checkpoint: Checkpoint = None,
    json_file: Json = None,
    sheet: Annotated[Path | None, typer.Option(help="A picture to write: reconstructions, transfers, samples.")] = None,
    poses: Annotated[Path | None, typer.Option(help="JSON of skeletons far from the photos', to be followed too.")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first so many people.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="Instead: pairs of one person, made by `prepare-avatars`.")] = None,
    shard: Sharded = None,
) -> None:
    """Score a checkpoint on people it was never trained on.

    Examples: python -m vunet evaluate --data runs/people --json runs/scores.json --sheet runs/sheet.png;
    python -m vunet evaluate --pairs runs/pairs
    """
    from vunet.errors import VUNetError
    from vunet.evaluate.report import evaluate as score
    from vunet.evaluate.report import evaluate_pairs, table
    from vunet.runtime.shards import Shard

    if (data is None) == (pairs is None):
        raise VUNetError("Name what to evaluate on: --data, a folder made by `prepare`, or --pairs.")
    if pairs:
        scores = evaluate_pairs(checkpoint, pairs, limit, sheet)
    else:
        assert data is not None
        scores = score(checkpoint, data, poses, limit, sheet, Shard.parse(shard))
    tell(table(scores), json_file)
    write_result(scores, json_file)


def calibrate(
    checkpoint: Annotated[Path, typer.Argument(help="A trained checkpoint of preset parts-256 with a detail network.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write: the same weights, ready for integers.")],
    json_file: Json = None,
) -> None:
    """Measure what renders in integers of eight bits need: they are faster on CPUs without bfloat16.

    Example: python -m vunet calibrate out/fine.safetensors out/calibrated.safetensors
    """
    from vunet.studio.calibration import calibrate as measure

    scores = measure(checkpoint, out)
    tell("   ".join(f"{name} {value:.4f}" for name, value in scores.items()), json_file)
    write_result(scores, json_file)


def golden(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint with a detail network and a trained prior.")],
    out: Annotated[Path, typer.Argument(help="The .npz file to write; tests/data/golden.npz for the default checkpoint.")],
    json_file: Json = None,
) -> None:
    """Write the numbers that pin a checkpoint's graph, for the test that compares them.

    Example: python -m vunet golden checkpoints/parts-256.safetensors tests/data/golden.npz
    """
    from vunet.evaluate.golden import write_golden

    counts = write_golden(checkpoint, out)
    tell(f"{out}: {sum(counts.values())} numbers", json_file)
    write_result(counts, json_file)


COMMANDS = (
    prepare, prepare_avatars, prepare_motions, pack, train, train_lifter, train_prior, train_detail,
    train_bodies, train_correction, evaluate, calibrate, golden,
)  # fmt: skip
