"""The correction network learns behind a D that stays, from pictures of pairs that D has drawn once."""

import dataclasses

import pytest
import torch

from tests.configs import SMALL_SIDES
from vunet import VUNet, VUNetError
from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.pose.library import load_library
from vunet.pose.mannequin import mannequin
from vunet.train.correction import command
from vunet.train.correction.command import train_correction_command
from vunet.train.correction.examples import LEFT, Examples, mirrored_maps
from vunet.train.correction.trainer import CorrectionOptions

OPTIONS = CorrectionOptions(steps=4, batch=4)
EXAMPLES = 8


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("start") / "start.safetensors"
    save_checkpoint(VUNet(SMALL_SIDES).eval(), path, {"steps": 5})
    return path


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(command, "FILE_BATCHES", 1)
    monkeypatch.setattr("vunet.train.correction.examples.FILE_BATCHES", 1)
    monkeypatch.setattr(command, "WIDTH", 8)


def run(start, pairs, folder, **changes):
    out = folder.with_suffix(".safetensors")
    given = {"options": OPTIONS, "examples": EXAMPLES, "workers": 0} | changes
    train_correction_command(start, pairs, folder, out, **given)
    return load_checkpoint(out)


def test_only_the_correction_is_new_and_it_has_learned(start, pairs, tmp_path):
    before = load_checkpoint(start).state_dict()
    model = run(start, pairs, tmp_path / "run")
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert after["correction.out.weight"].abs().max() > 0 and after["correction.flow.weight"].abs().max() > 0


def test_a_stopped_training_goes_on_to_the_same_weights(start, pairs, tmp_path):
    whole = run(start, pairs, tmp_path / "whole").state_dict()
    stops = iter([False, False, True])  # after the examples, and after two steps
    with pytest.raises(KeyboardInterrupt):
        run(start, pairs, tmp_path / "two", stopping=lambda: next(stops))
    two = run(start, pairs, tmp_path / "two").state_dict()
    assert all(torch.allclose(whole[name], two[name], atol=1e-5) for name in whole)


def test_a_stop_while_examples_are_drawn_keeps_those_that_are_written(start, pairs, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(start, pairs, tmp_path / "run", examples=2 * EXAMPLES, stopping=lambda: True)
    assert len(list((tmp_path / "run").glob("drawn-*/*.pt"))) == 1 and not (tmp_path / "run" / command.STATE).exists()


def test_examples_are_drawn_once_and_tell_what_is_rotated(start, pairs, tmp_path):
    run(start, pairs, tmp_path / "run")
    (file,) = (tmp_path / "run").glob("drawn-*/*.pt")
    written = file.stat().st_mtime_ns
    run(start, pairs, tmp_path / "run")
    assert file.stat().st_mtime_ns == written
    known = Examples([file])
    assert len(known.places) == EXAMPLES
    batch = known.batch(5, torch.Generator().manual_seed(0))
    assert batch["drawn"].shape == batch["image"].shape == (5, 3, SMALL_SIDES.size, SMALL_SIDES.size)
    assert batch["image"].min() >= -1 and batch["mask"].max() <= 1 and not batch["texture"].any()
    assert 0 < batch["rotated"].mean() < 1


def test_a_mirrored_mannequin_is_that_of_the_mirrored_pose():
    for each in load_library()[:8]:
        maps, mirrored = (torch.from_numpy(mannequin(pose)[0])[None] for pose in (each.pose, each.pose.mirrored()))
        far, size = ((mirrored_maps(maps) - mirrored).abs(), maps.abs())
        assert far.mean() < 0.2 * size.mean() and far[:, LEFT].mean() < 0.3 * size[:, LEFT].mean()  # the lifter differs
        assert torch.equal(mirrored_maps(mirrored_maps(maps)), maps)


def test_what_cannot_be_trained_is_refused_in_a_sentence(start, pairs, tmp_path):
    torch.manual_seed(0)
    plain = tmp_path / "plain.safetensors"
    save_checkpoint(VUNet(dataclasses.replace(SMALL_SIDES, mannequin=False)).eval(), plain)
    with pytest.raises(VUNetError, match="--mannequin"):
        run(plain, pairs, tmp_path / "b")
