"""Commands that draw: sample, render, transfer, animate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vunet.cli.options import (
    Checkpoint,
    Cluster,
    Device,
    Estimator,
    Json,
    Precision,
    Refine,
    Sharded,
    Workers,
    tell_report,
    write_result,
)


def sample(
    out: Annotated[Path, typer.Argument(help="A folder for the pictures.")],
    pose: Annotated[
        Path | None, typer.Option(help="A pose: our JSON, OpenPose's or COCO's; a standing person if left out.")
    ] = None,
    count: Annotated[int, typer.Option(help="How many looks, 1 to 64.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same looks.")] = 0,
    temperature: Annotated[float, typer.Option(help="How different the looks are: 0 not at all, 1 as people are.")] = 1.0,
    wearing: Annotated[
        list[str] | None,
        typer.Option(help='dress, skirt, trousers, shorts, coat, hat, ...; "long sleeves"; "red top", "#aa1e28 shoes".'),
    ] = None,
    checkpoint: Checkpoint = None,
    device: Device = None,
    precision: Precision = None,
    json_file: Json = None,
) -> None:
    """Draw people from the learned prior in one pose.

    Example: python -m vunet sample out/samples --count 8 --seed 3
    """
    import numpy as np
    from tqdm import tqdm

    from vunet import Studio
    from vunet.output.files import read_pose, write_people

    studio = Studio.load(checkpoint, device, precision=precision)
    chosen = read_pose(pose)
    drawn = studio.sample(chosen, count, seed, temperature, wearing=wearing or ())
    pictures = [studio.render(look, chosen) for look in tqdm(drawn, desc="sample", unit="look")]
    files = write_people(out, np.stack(pictures), chosen)
    write_result({"pictures": [str(path) for path in files], "seed": seed, "temperature": temperature}, json_file)


def render(
    photo: Annotated[Path, typer.Argument(help="Whose look: a photo, or a folder of photos.")],
    pose: Annotated[Path, typer.Argument(help="The pose: our JSON, OpenPose's, COCO's, or a photo whose pose is taken.")],
    out: Annotated[Path, typer.Argument(help="The picture to write, or a folder where PHOTO is one.")],
    checkpoint: Checkpoint = None,
    device: Device = None,
    precision: Precision = None,
    estimator: Estimator = "auto",
    refine: Refine = 0,
    turn: Annotated[float, typer.Option(help="Degrees that the pose is turned about the vertical axis.")] = 0.0,
    workers: Workers = 1,
    cluster: Cluster = None,
    shard: Sharded = None,
    json_file: Json = None,
) -> None:
    """Put the people of photos into one pose. The same command goes on where it stopped.

    Example: python -m vunet render me.jpg dancer.jpg out/me-dancing.png
    """
    from vunet.output.batch import Transfer
    from vunet.output.files import require_poses, results_of

    require_poses([pose])
    jobs = [Transfer(each, (pose,), (file,), refine=refine, turn=turn) for each, file in results_of(photo, out, ".png")]
    _run(jobs, _studio(checkpoint, device, estimator, precision), workers, json_file, shard, cluster)


def transfer(
    looks: Annotated[Path, typer.Argument(help="Whose looks: a photo or a folder of photos.")],
    poses: Annotated[Path, typer.Argument(help="Which poses: a photo, a pose file, or a folder of both.")],
    out: Annotated[Path, typer.Argument(help="A folder for LOOK--POSE.png.")],
    part: Annotated[
        str | None, typer.Option(help="Only head, torso, legs or shoes of the look; POSES are photos then.")
    ] = None,
    checkpoint: Checkpoint = None,
    device: Device = None,
    precision: Precision = None,
    estimator: Estimator = "auto",
    refine: Refine = 0,
    workers: Workers = 1,
    cluster: Cluster = None,
    shard: Sharded = None,
    json_file: Json = None,
) -> None:
    """Put every look into every pose, or one body part of every look on every person.

    Example: python -m vunet transfer people/ poses/ out/matrix --workers 2
    """
    from vunet.output.batch import Transfer
    from vunet.output.files import flat_names, names_below, require_poses
    from vunet.person.photo import find_photos
    from vunet.pose.files.formats import ENDINGS

    targets = names_below(poses, find_photos(poses, *ENDINGS))
    require_poses(targets)
    ends, jobs = flat_names(targets.values()), []
    for look, name in names_below(looks, find_photos(looks)).items():
        outs = tuple(out / f"{name}--{end}.png" for end in ends)
        jobs.append(Transfer(look, tuple(targets), outs, part, refine))
    _run(jobs, _studio(checkpoint, device, estimator, precision), workers, json_file, shard, cluster)


def animate(
    photo: Annotated[Path, typer.Argument(help="Who moves: a photo or a folder of photos.")],
    out: Annotated[Path, typer.Argument(help="The film, .webm, .mp4 or .gif, or a folder where PHOTO is one.")],
    motion: Annotated[
        str, typer.Option(help="A ready-made motion (walk, wave, turn, dance, kick, ...), or a film.")
    ] = "walk",
    keys: Annotated[list[Path] | None, typer.Option(help="Key poses in files, in order, instead of a motion.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, max=5, help="From key to key.")] = 0.5,
    form: Annotated[str, typer.Option(help="webm, mp4 or gif, where OUT is a folder.")] = "webm",
    checkpoint: Checkpoint = None,
    device: Device = None,
    precision: Precision = None,
    estimator: Estimator = "auto",
    refine: Refine = 0,
    workers: Workers = 1,
    cluster: Cluster = None,
    shard: Sharded = None,
    json_file: Json = None,
) -> None:
    """Let the people of photos move, as films.

    Examples: python -m vunet animate me.jpg out/me-waving.webm --motion wave;
    python -m vunet animate me.jpg out/me-dancing.webm --motion dance.mp4
    """
    from vunet.errors import VUNetError
    from vunet.output.batch import Animation, is_film
    from vunet.output.files import require_poses, results_of
    from vunet.pose.motion import motions

    if is_film(motion) and not Path(motion).is_file():
        raise VUNetError(f"There is no film at {motion}: check the path.")
    if not is_film(motion) and motion not in motions():
        names = ", ".join(motions())
        raise VUNetError(f"There is no motion {motion!r}: choose {names}, name a film, or give key poses with --keys.")
    require_poses(keys or ())
    films = results_of(photo, out, f".{form}")
    jobs = [Animation(each, (file,), motion, tuple(keys or ()), seconds, refine) for each, file in films]
    _run(jobs, _studio(checkpoint, device, estimator, precision), workers, json_file, shard, cluster)


def _studio(checkpoint: str | None, device: str | None, estimator: str, precision: str | None) -> dict[str, Any]:
    """Arguments of `Studio.load`."""
    return {"checkpoint": checkpoint, "device": device, "estimator": estimator, "precision": precision}


def _run(
    jobs: Any, studio: dict[str, Any], workers: int, json_file: Path | None, shard: str | None, cluster: str | None
) -> None:
    from vunet.output.batch import run_jobs
    from vunet.runtime.shards import Shard

    part = Shard.parse(shard)
    mine = [job for job in jobs if part.holds(job.look.name)]
    tell_report(run_jobs(mine, studio, workers, cluster), json_file)


COMMANDS = (render, transfer, sample, animate)
