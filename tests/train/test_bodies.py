"""E and D learn from pairs; F, the priors and the detail networks stay, and so does what is drawn of photos."""

import dataclasses

import pytest
import torch

from tests.configs import SMALL_SIDES
from vunet import VUNet, VUNetError
from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.losses import load_perceptual
from vunet.train.bodies.command import _batches, train_bodies_command
from vunet.train.bodies.trainer import BodyOptions, BodyTrainer

CONFIG = dataclasses.replace(SMALL_SIDES, detail_width=8)
OPTIONS = BodyOptions(steps=4, batch=4, pairs=2)


def small_model():
    torch.manual_seed(0)
    model = VUNet(CONFIG).eval()
    assert model.prior is not None
    model.prior.get_buffer("trained").fill_(1)
    return model


def trainer(**changes):
    return BodyTrainer(small_model(), dataclasses.replace(OPTIONS, **changes), load_perceptual("efficientnet"))


def test_only_e_and_d_change(data, pairs):
    before, learning = small_model().state_dict(), trainer()
    terms = learning.train_step(next(_batches(learning, data[1], pairs, 0)))
    assert {"pixel", "structure", "perceptual", "gram", "norm"} <= terms.keys()
    after = learning.finished().state_dict()
    changed = {name.split(".")[0] for name in after if not torch.equal(before[name], after[name])}
    assert changed == {"shape", "decoder"}


def test_photos_have_to_stay_as_they_were_drawn_and_pairs_are_the_truth(data, pairs):
    learning = trainer()
    batch = next(_batches(learning, data[1], pairs, 0))
    zs = learning._codes(batch)
    wanted = learning._wanted(zs, batch)["image"]
    assert torch.allclose(wanted[:2], learning._drawn(learning.before, zs, batch)[:2], atol=1e-4)
    assert torch.equal(wanted[2:], batch["image"][2:]) and batch["texture"].tolist() == [1, 1, 0, 0]


def test_what_is_wanted_stays_while_d_learns(data, pairs):
    learning = trainer(rate=1e-2)
    batch = next(_batches(learning, data[1], pairs, 0))
    zs = learning._codes(batch)
    before = learning._wanted(zs, batch)["image"]
    learning.train_step(batch)
    assert torch.equal(learning._wanted(zs, batch)["image"], before)
    assert not torch.equal(learning._drawn(learning.model, zs, batch)[:2], before[:2])


def test_a_stopped_training_goes_on_to_the_same_weights(data, pairs, tmp_path):
    start = tmp_path / "start.safetensors"
    save_checkpoint(small_model(), start, {"steps": 5})
    run = {"data": data[1], "pairs": pairs, "options": OPTIONS, "workers": 0}
    train_bodies_command(start, folder=tmp_path / "whole", out=tmp_path / "whole.safetensors", **run)
    stops = iter([False, True])
    with pytest.raises(KeyboardInterrupt):
        train_bodies_command(
            start, folder=tmp_path / "two", out=tmp_path / "two.safetensors", stopping=lambda: next(stops), **run
        )
    train_bodies_command(start, folder=tmp_path / "two", out=tmp_path / "two.safetensors", **run)
    whole, two = (load_checkpoint(tmp_path / f"{name}.safetensors").state_dict() for name in ("whole", "two"))
    assert all(torch.allclose(whole[name], two[name], atol=1e-5) for name in whole)


def test_what_cannot_be_trained_is_refused_in_a_sentence(data, pairs, tmp_path):
    start, out = tmp_path / "start.safetensors", tmp_path / "out.safetensors"
    model = small_model()
    save_checkpoint(model, start)
    with pytest.raises(VUNetError, match="1 to 3 can be pairs"):
        train_bodies_command(start, data[1], pairs, tmp_path / "a", out, dataclasses.replace(OPTIONS, pairs=4), 0)
    model.prior.get_buffer("trained").zero_()
    save_checkpoint(model, start)
    with pytest.raises(VUNetError, match="train-prior"):
        train_bodies_command(start, data[1], pairs, tmp_path / "b", out, OPTIONS, 0)
