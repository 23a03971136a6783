"""Renders in integers of eight bits: nearly the same picture, and floating point wherever they cannot be."""

import itertools
import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tests.configs import SMALL_PARTS
from vunet import Pose, Studio, VUNetError
from vunet.checkpoints import DEFAULT, read_ranges, save_checkpoint
from vunet.model import VUNet
from vunet.person.tensors import condition
from vunet.runtime.device import named_precision
from vunet.runtime.engine import choose_engine
from vunet.runtime.engine.int8 import PLAIN, measured_ranges
from vunet.runtime.engine.openvino import Picture, graph_inputs
from vunet.studio.calibration import calibrate

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return VUNet(SMALL_PARTS).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def inputs(model):
    tensors = {name: value[None] for name, value in condition(Pose.default(), model.config).items()}
    torch.manual_seed(1)
    return tensors, model.sample(tensors["shape"])


@pytest.fixture(scope="module")
def ranges(model, inputs):
    given = graph_inputs(model, *inputs)
    return {"picture": measured_ranges(Picture(model), [given, given])}


def test_a_range_holds_the_input_of_its_convolution(model, inputs, ranges):
    first = next(model.shape.modules()).enter
    seen = []
    hook = first.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    model.shape(inputs[0]["shape"])
    hook.remove()
    low, high = ranges["picture"][0]
    assert seen[0].min() - 0.01 <= low <= high <= seen[0].max() + 0.01


def test_a_picture_in_integers_is_nearly_the_same(model, inputs, ranges):
    plain = choose_engine(model, CPU, torch.float32, "openvino")
    integers = choose_engine(model, CPU, torch.float32, "openvino", ranges)
    a, b = plain.render(*inputs), integers.render(*inputs)
    assert integers.integers and not plain.integers
    assert 0 < (a - b).abs().max() < 0.15 * (a.max() - a.min())


def test_ranges_of_another_model_leave_floating_point(model, inputs, ranges):
    few = {"picture": ranges["picture"][:-1]}
    with pytest.warns(UserWarning, match="does not work here"):
        engine = choose_engine(model, CPU, torch.float32, "openvino", few)
    assert not engine.integers
    assert torch.allclose(engine.render(*inputs), model.render(zs=inputs[1], **inputs[0]), atol=1e-4)


def test_ranges_travel_with_the_weights(model, ranges, tmp_path):
    save_checkpoint(model, tmp_path / "a.safetensors", {}, ranges)
    assert read_ranges(tmp_path / "a.safetensors") == {"picture": [tuple(pair) for pair in ranges["picture"]]}
    save_checkpoint(model, tmp_path / "b.safetensors")
    assert read_ranges(tmp_path / "b.safetensors") is None


@pytest.mark.parametrize(
    "text",
    [
        "[1]", "{", "[" * 200_000, '{"picture": 3}', '{"picture": [[0]]}', '{"picture": [["a", 1]]}', '{"a": [[0, NaN]]}',
        '{"a": [[-1e308, 1e308]]}', '{"a": [[1, 0]]}',
    ],
)  # fmt: skip
def test_damaged_ranges_are_none(model, tmp_path, text):
    path = tmp_path / "a.safetensors"
    save_checkpoint(model, path)
    with safe_open(path, "pt") as file:
        tensors, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
    save_file(tensors, path, metadata | {"int8": text})
    assert read_ranges(path) is None


@pytest.mark.parametrize(
    "name, calibrated, wanted",
    [
        ("float32", True, (torch.float32, False)),
        ("int8", True, (torch.float32, True)),
        (torch.bfloat16, True, (torch.bfloat16, False)),
    ],
)
def test_a_named_precision_is_taken(name, calibrated, wanted):
    assert named_precision(name, CPU, calibrated) == wanted


def test_left_alone_integers_are_taken_where_there_is_nothing_faster(monkeypatch):
    for half in (torch.bfloat16, torch.float32):
        monkeypatch.setattr("vunet.runtime.device.choose_precision", lambda _, half=half: half)
        assert named_precision(None, CPU, True) == (half, half == torch.float32)
        assert named_precision(None, CPU, False) == (half, False)


def test_unknown_precisions_and_uncalibrated_checkpoints_are_refused():
    with pytest.raises(VUNetError, match="choose float32"):
        named_precision("int4", CPU, True)
    with pytest.raises(VUNetError, match="calibrate"):
        named_precision("int8", CPU, False)


def test_the_default_checkpoint_renders_in_integers(example_pose, raised):
    plain, integers = (Studio.load(precision=name) for name in ("float32", "int8"))
    sample = plain.sample(example_pose, 1, seed=4)[0]
    photo = plain.encode(plain.place(plain.render(sample, example_pose), example_pose))
    for look, size in itertools.product((sample, photo), (256, 512)):
        difference = np.abs(plain.render(look, raised, size).astype(int) - integers.render(look, raised, size))
        assert 0 < difference.mean() < 1.5, size
    ranges = json.loads(metadata(DEFAULT)["int8"])
    assert len(ranges["picture"]) + PLAIN == 52 and ranges.keys() == {"picture", "detail", "sample_detail"}


def metadata(path):
    with safe_open(path, "pt") as file:
        return file.metadata()


@pytest.fixture
def example_pose():
    return Pose.default()


def test_a_model_without_a_detail_network_is_not_calibrated(model, tmp_path):
    save_checkpoint(model, tmp_path / "a.safetensors")
    with pytest.raises(VUNetError, match="train-detail"):
        calibrate(tmp_path / "a.safetensors", tmp_path / "b.safetensors")


def test_integers_that_an_engine_cannot_compute_in_are_not_passed_off_as_such(model, ranges):
    with pytest.raises(VUNetError, match="not supported on this CPU"):
        Studio(model, CPU, engine="eager", precision="int8", ranges=ranges)
