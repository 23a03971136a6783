import dataclasses
import json

import pytest
import torch
from safetensors.torch import save_file

from tests.configs import SMALL, SMALL_PARTS
from vunet import BadCheckpoint, VUNet
from vunet.checkpoints import load_checkpoint, read_facts, resolve, save_checkpoint
from vunet.checkpoints.resolve import DEFAULT
from vunet.model import PRESETS
from vunet.model.vunet import without_correction, without_detail


@pytest.fixture
def saved(tmp_path):
    model = VUNet(SMALL)
    path = tmp_path / "small.safetensors"
    save_checkpoint(model, path, {"steps": 7})
    return model, path


def test_round_trip(saved):
    model, path = saved
    again = load_checkpoint(path)
    assert again.config == SMALL and not again.training
    for name, value in model.state_dict().items():
        assert torch.allclose(value, again.state_dict()[name], atol=1e-3, rtol=1e-3)
    assert read_facts(path) == {"steps": 7}


def test_a_folder_with_one_checkpoint_is_found(saved):
    assert resolve(saved[1].parent) == saved[1]


def test_the_embedded_default_is_small_and_loads():
    assert resolve(None) == DEFAULT
    assert DEFAULT.stat().st_size <= 40e6
    assert load_checkpoint(DEFAULT).config.size == 256


@pytest.mark.parametrize(
    "name, content", [("text", b"not a checkpoint"), ("empty", b""), ("huge header", (2**60).to_bytes(8, "little"))]
)
def test_damaged_files_are_refused(tmp_path, name, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(BadCheckpoint, match="safetensors"):
        load_checkpoint(path)


def test_a_missing_file_is_said_so(tmp_path):
    with pytest.raises(BadCheckpoint, match="no checkpoint"):
        resolve(tmp_path / "nothing.safetensors")


def rewritten(path, **changes):
    tensors = VUNet(SMALL).state_dict()
    metadata = {"format": "vunet-1", "config": json.dumps(SMALL.to_dict())} | changes
    save_file(tensors, path, metadata)
    return path


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"format": "vunet-99"}, "format"), ({"config": "{"}, "config"), ({"config": "[]"}, "config"),
        ({"config": json.dumps(SMALL.to_dict() | {"width": 16})}, "does not fit"),
        ({"config": json.dumps(SMALL.to_dict() | {"colour": 1})}, "unknown setting"),
    ],
)  # fmt: skip
def test_foreign_configs_are_refused(tmp_path, changes, words):
    with pytest.raises(BadCheckpoint, match=words):
        load_checkpoint(rewritten(tmp_path / "x.safetensors", **changes))


@pytest.mark.parametrize("path", sorted(DEFAULT.parent.glob("*.safetensors")), ids=lambda path: path.stem)
def test_every_shipped_checkpoint_is_of_a_preset_and_small_enough(path):
    config = without_correction(without_detail(load_checkpoint(path))).config
    trained = {"autoregressive": True, "mannequin": False, "prior_colours": False}  # what later trainings changed
    assert dataclasses.replace(config, **trained) in PRESETS.values()
    assert path.stat().st_size <= 40e6
    assert path.stem in path.with_suffix(".md").read_text(encoding="utf-8")


def test_a_file_without_any_trained_prior_is_refused(tmp_path):
    config = dataclasses.replace(SMALL_PARTS, autoregressive=False)
    save_checkpoint(VUNet(config), tmp_path / "a.safetensors")
    with pytest.raises(BadCheckpoint, match="no trained prior"):
        load_checkpoint(tmp_path / "a.safetensors")
