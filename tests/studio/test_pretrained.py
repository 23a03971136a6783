"""The names that other libraries give to loading and publishing."""

import json

import numpy as np
import pytest

from vunet import Pose, Studio, VUNetError


def test_a_saved_folder_is_loaded_again(studio, tmp_path):
    studio.save_pretrained(tmp_path / "mine")
    config = json.loads((tmp_path / "mine" / "config.json").read_text())
    assert config["library_name"] == "vunet" and (tmp_path / "mine" / "README.md").read_text().startswith("---")
    again = Studio.from_pretrained(tmp_path / "mine", device="cpu", engine="eager")
    look = studio.sample(Pose.default(), 1, 0)[0]
    assert np.array_equal(again.sample(Pose.default(), 1, 0)[0].codes[-1], look.codes[-1])


def test_a_repository_gets_the_same_files(studio, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    studio.push_to_hub("user/mine")
    repo = hub.repos["user/mine"]
    assert {"model.safetensors", "config.json", "README.md"} <= set(repo.files[repo.main])


def test_a_model_from_nowhere_is_one_sentence(studio, tmp_path):
    with pytest.raises(VUNetError, match="save_checkpoint"):
        Studio(studio.model, studio.device, engine="eager").save_pretrained(tmp_path)
