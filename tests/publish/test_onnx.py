"""The graphs for other runtimes: checked against PyTorch when they are written, and whole."""

import numpy as np
import pytest

from vunet import VUNetError
from vunet.checkpoints import DEFAULT
from vunet.publish.onnx import export_graphs


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    out = tmp_path_factory.mktemp("onnx")
    return out, export_graphs(DEFAULT, out)


def test_all_graphs_are_written_in_both_precisions_and_close_to_pytorch(exported):
    out, differences = exported
    names = "posterior", "picture", "correction", "detail", "sample-detail", "prior"
    wanted = {f"{name}{half}.onnx" for name in names for half in ("", ".fp16")}
    assert set(differences) == wanted and max(differences.values()) < 1e-3
    for name in wanted:
        half, whole = out / name.replace(".onnx", ".fp16.onnx"), out / name
        assert ".fp16" in name or half.stat().st_size < 0.6 * whole.stat().st_size


def test_the_operator_set_is_18_and_the_readme_names_every_tensor(exported):
    import onnx

    out, _ = exported
    text = (out / "README.md").read_text(encoding="utf-8")
    for path in out.glob("*.onnx"):
        graph = onnx.load(path)
        assert next(each.version for each in graph.opset_import if each.domain == "") == 18
        assert all(f"`{tensor.name}`" in text for tensor in (*graph.graph.input, *graph.graph.output))


def test_a_chain_of_graphs_draws_one_person(exported):
    import onnxruntime

    out, _ = exported
    session = lambda name: onnxruntime.InferenceSession(out / f"{name}.onnx", providers=["CPUExecutionProvider"])  # noqa: E731
    rng, sampler = np.random.default_rng(0), session("prior")
    noise, _, garments = sampler.get_inputs()
    stickman = np.full((1, 3, 256, 256), -1, np.float32)
    numbers = rng.normal(size=(1, noise.shape[1])).astype(np.float32)
    zs = sampler.run(None, {"noise": numbers, "shape": stickman, "garments": np.zeros((1, garments.shape[1]), np.float32)})
    picture = session("picture")
    rest = {each.name: np.zeros([1, *each.shape[1:]], np.float32) for each in picture.get_inputs()}
    given = rest | {"shape": stickman} | {f"z{i}": z for i, z in enumerate(zs)}
    assert picture.run(None, given)[0].shape == (1, 3, 256, 256)


def test_without_onnx_it_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(VUNetError, match="pip install"):
        export_graphs(DEFAULT, tmp_path)
