"""Writes the graphs, checks them against PyTorch, and describes them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vunet.checkpoints import load_checkpoint
from vunet.errors import VUNetError
from vunet.publish.onnx.graphs import BATCH, CORRECTION, PRIOR, Graph, graphs_of

OPSET = 18
CLOSE = 1e-3  # largest difference from PyTorch, over the largest value where that is above 1
KEPT = ["GridSample", "Resize", "LayerNormalization"]  # computed in single precision in both files
README = """# ONNX graphs of {name}

Opset {opset}; `*.fp16.onnx` hold their weights in half precision, and read and give float32 too. An axis N is free.
{tables}
z0, z1, ... are the same tensors everywhere: the posterior or the prior gives them, the picture reads them.
"""


def export_graphs(checkpoint: Path, out: Path) -> dict[str, float]:
    """Writes the graphs of a checkpoint and a README.md into a folder; returns each file's largest difference from PyTorch.

    Raises `VUNetError` where ONNX is not installed, or where a graph differs by more than `CLOSE`.
    """
    _require_packages()
    model, differences = load_checkpoint(checkpoint).eval(), {}
    out.mkdir(parents=True, exist_ok=True)
    graphs = graphs_of(model)
    for graph in graphs:
        whole, half = out / f"{graph.name}.onnx", out / f"{graph.name}.fp16.onnx"
        _write(graph, whole)
        _write_half(whole, half)
        for path in (whole, half):
            differences[path.name] = difference = _difference(graph, path)
            if not difference <= CLOSE:
                raise VUNetError(f"{path.name} differs from PyTorch by {difference:.2g}: another version of ONNX may help.")
    tables = "\n".join(_table(graph) for graph in graphs)
    (out / "README.md").write_text(README.format(name=checkpoint.stem, opset=OPSET, tables=tables), encoding="utf-8")
    return differences


def _require_packages() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError:
        raise VUNetError('ONNX is not installed: run `pip install "vunet[onnx]"`.') from None


def _write(graph: Graph, path: Path) -> None:
    names, outputs = [name for name, *_ in graph.inputs], [name for name, _ in graph.outputs]
    fast_path = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # its fused attention is no operator of ONNX
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the tracer's remarks on shapes that are fixed here
            torch.onnx.export(
                graph.module, _examples(graph), path, input_names=names, output_names=outputs, opset_version=OPSET,
                dynamic_axes={key: {0: BATCH} for key in (*names, *outputs)} if graph.rows > 1 else None, dynamo=False,
            )  # fmt: skip
    finally:
        torch.backends.mha.set_fastpath_enabled(fast_path)


def _write_half(whole: Path, path: Path) -> None:
    """In half precision; the prior, whose solver adds up many steps, and the correction, whose
    shifts would jump, with their weights alone stored so."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    model = onnx.load(whole)
    if whole.stem in (PRIOR, CORRECTION):
        _store_in_half(model.graph)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numbers too small for half precision become 0
            model = convert_float_to_float16(model, keep_io_types=True, op_block_list=KEPT)
    onnx.save(model, path)


def _store_in_half(graph: Any) -> None:
    """Weights in half precision, each with a cast to single before it is used."""
    from onnx import TensorProto, helper, numpy_helper

    for weight in [each for each in graph.initializer if each.data_type == TensorProto.FLOAT]:
        half = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{weight.name}.half")
        graph.initializer.remove(weight)
        graph.initializer.append(half)
        graph.node.insert(0, helper.make_node("Cast", [half.name], [weight.name], to=TensorProto.FLOAT))


def _difference(graph: Graph, path: Path) -> float:
    with torch.no_grad():
        wanted = graph.module(*_examples(graph))
    wanted = [wanted] if isinstance(wanted, Tensor) else wanted
    given = _run(path, {name: example.numpy() for name, example, _ in graph.inputs})
    pairs = [(a.numpy(), b) for a, b in zip(wanted, given, strict=True)]
    return max(float(np.abs(a - b).max() / max(1.0, np.abs(a).max())) for a, b in pairs)


def _run(path: Path, inputs: dict[str, np.ndarray]) -> Sequence[Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors alone
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    known = {each.name for each in session.get_inputs()}
    return session.run(None, {name: value for name, value in inputs.items() if name in known})


def _examples(graph: Graph) -> tuple[Tensor, ...]:
    return tuple(example for _, example, _ in graph.inputs)


def _axes(graph: Graph, example: Tensor) -> str:
    return ", ".join([BATCH if graph.rows > 1 else "1", *map(str, example.shape[1:])])


def _table(graph: Graph) -> str:
    lines = [f"\n## {graph.name}\n", "| tensor | shape | what |", "| --- | --- | --- |"]
    for name, example, text in graph.inputs:
        lines.append(f"| in `{name}` | {_axes(graph, example)} | {text} |")
    lines += [f"| out `{name}` | | {text} |" for name, text in graph.outputs]
    return "\n".join(lines)
