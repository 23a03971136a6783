"""Commands that bring checkpoints in and out, to files, other formats, the Hub and Spaces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vunet.cli.options import Json, tell, write_result


def export(
    run: Annotated[Path, typer.Argument(help="A run's folder.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write.")],
    json_file: Json = None,
) -> None:
    """Write a run's averaged weights as an inference checkpoint.

    Example: python -m vunet export runs/first out/mine.safetensors
    """
    from vunet.train.command import export_command

    export_command(run, out)
    _tell_written(out, {}, json_file)


def import_tf(
    checkpoint: Annotated[Path, typer.Argument(help="The checkpoint's prefix, its .index file, or its folder.")],
    out: Annotated[Path, typer.Argument(help="The .safetensors file to write.")],
    json_file: Json = None,
) -> None:
    """Convert a TensorFlow checkpoint of the authors' code. TensorFlow itself is not needed.

    Example: python -m vunet import-tf model.ckpt-100000 out/authors.safetensors
    """
    from vunet.checkpoints import save_checkpoint
    from vunet.checkpoints.tensorflow import import_tf as convert

    model, left = convert(checkpoint)
    save_checkpoint(model, out, {"imported_from": checkpoint.name})
    typer.echo(f"{len(left)} variables that are not of the model were left out (steps, optimiser).", err=True)
    _tell_written(out, {"config": model.config.to_dict(), "left_out": left}, json_file)


def push(
    checkpoint: Annotated[str, typer.Argument(help="A .safetensors file, or the name of an embedded one.")],
    repo: Annotated[str, typer.Argument(help="Where to: user/repo. It is made if it is not there.")],
    card: Annotated[Path | None, typer.Option(help="The model card; else CHECKPOINT.md, else one is begun.")] = None,
    private: Annotated[bool, typer.Option(help="Make a new repository private.")] = False,
    onnx: Annotated[Path | None, typer.Option(help="A folder made by `export-onnx`; its files go into onnx/.")] = None,
    json_file: Json = None,
) -> None:
    """Upload a checkpoint with its config and model card to the Hugging Face Hub. Needs HF_TOKEN.

    Example: python -m vunet push out/mine.safetensors user/repo
    """
    from vunet.checkpoints import resolve
    from vunet.publish.checkpoint import push as publish

    url = publish(resolve(checkpoint), repo, card, private, onnx)
    tell(url, json_file)
    write_result({"commit": url}, json_file)


def export_onnx(
    checkpoint: Annotated[str, typer.Argument(help="A .safetensors file, or the name of an embedded one.")],
    out: Annotated[Path, typer.Argument(help="A folder for the graphs.")],
    json_file: Json = None,
) -> None:
    """Write the networks as ONNX files, in single and half precision, for other runtimes. Needs `pip install vunet[onnx]`.

    Example: python -m vunet export-onnx parts-256 out/onnx
    """
    from vunet.checkpoints import resolve
    from vunet.publish.onnx import export_graphs

    differences = export_graphs(resolve(checkpoint), out)
    for name, difference in differences.items():
        tell(f"{out / name}: {(out / name).stat().st_size / 1e6:.1f} MB, largest difference {difference:.1e}", json_file)
    write_result({"folder": str(out), "differences": differences}, json_file)


def space(
    target: Annotated[str, typer.Argument(help="The Space: user/name; or, with --local, a folder for its files.")],
    checkpoint: Annotated[
        str | None, typer.Option(help="A repository on the Hub (user/repo), pinned to its commit of now.")
    ] = None,
    local: Annotated[bool, typer.Option("--local", help="Only write the Space's files into a folder.")] = False,
    private: Annotated[bool, typer.Option(help="Make a new Space private.")] = False,
    json_file: Json = None,
) -> None:
    """Publish this demo as a Hugging Face Space. Needs HF_TOKEN, except with --local.

    Example: python -m vunet space user/name --checkpoint user/repo
    """
    from vunet.publish.space import build_space, publish_space

    if local:
        count = build_space(Path(target), checkpoint)
        tell(f"{target}: {count} files", json_file)
        return write_result({"folder": target, "files": count}, json_file)
    url = publish_space(target, checkpoint, private)
    tell(url, json_file)
    return write_result({"space": url}, json_file)


def _tell_written(out: Path, facts: dict, json_file: Path | None) -> None:
    size = out.stat().st_size
    tell(f"{out}: {size / 1e6:.1f} MB", json_file)
    write_result({"file": str(out), "bytes": size, **facts}, json_file)


COMMANDS = (export, export_onnx, import_tf, push, space)
