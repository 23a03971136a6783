"""The hierarchical prior learns people's codes, then pictures of them; its flow learns where their w lie."""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.configs import SMALL_PARTS
from vunet import VUNet, VUNetError
from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.losses import load_perceptual
from vunet.train.prior.command import train_prior_command
from vunet.train.prior.flow_fit import fit_flow
from vunet.train.prior.people import PriorPeople
from vunet.train.prior.together import TOGETHER, TogetherTrainer
from vunet.train.prior.trainer import PriorOptions, PriorTrainer

OPTIONS = PriorOptions(steps=6, codes_steps=3, codes_batch=4, batch=2, flow_steps=20, coloured=48)


@pytest.fixture(scope="module")
def features():
    return load_perceptual("efficientnet").features


def trainer(data, features, **changes):
    torch.manual_seed(0)
    model = VUNet(SMALL_PARTS)
    people = PriorPeople(data[1], model.eval(), Path(tempfile.mkdtemp(dir=data[1].parent)), limit=8)
    made = PriorTrainer(model, people, dataclasses.replace(OPTIONS, **changes), features)
    made.measure()
    return made


def test_everybody_is_there_twice_mirrored_and_with_their_codes(data, features):
    people = trainer(data, features).people
    assert len(people) == 16 and [c.shape for c in people.codes] == [(16, 16, 4, 4), (16, 24, 8, 8), (16, 24, 16, 16)]
    photographed, mirrored = people.person(0), people.person(1)
    assert np.abs(photographed.image[:, ::-1].astype(int) - mirrored.image).mean() < 3
    assert people.batch([0, 3])["shape"].shape == (2, 3, 64, 64)


def test_codes_come_back_through_w(data, features):
    learning = trainer(data, features, steps=60, codes_steps=30, rate=2e-3)
    terms = [learning.train_step() for _ in range(30)]
    assert terms[-1]["codes"] < 0.9 * terms[0]["codes"] and terms[-1]["maps"] < terms[0]["maps"]


def test_pictures_and_the_discriminator_move_the_prior_and_leave_the_model(data, features):
    learning = trainer(data, features, codes_steps=1)
    learning.train_step()
    decoder = {name: value.clone() for name, value in learning.model.decoder.state_dict().items()}
    before = [p.clone() for p in learning.prior.generator.parameters()]
    judge = [p.clone() for p in learning.adversary.network.patches.parameters()]
    terms = learning.train_step()
    assert {"codes", "kl", "cycle", "pixel", "perceptual", "gram", "adversarial", "discriminator"} <= terms.keys()
    assert any(not torch.equal(a, b) for a, b in zip(before, learning.prior.generator.parameters(), strict=True))
    assert any(not torch.equal(a, b) for a, b in zip(judge, learning.adversary.network.patches.parameters(), strict=True))
    assert all(torch.equal(decoder[name], value) for name, value in learning.model.decoder.state_dict().items())


def together(data, features, **changes):
    learning = trainer(data, features)
    options = dataclasses.replace(TOGETHER, **({"steps": 6, "batch": 2} | changes))
    return TogetherTrainer(learning.model, learning.people, options, features)


def test_together_the_generator_and_d_learn_and_the_rest_stays(data, features):
    learning = together(data, features)
    moving = learning.prior.generator, learning.model.decoder
    still = learning.model.appearance, learning.model.shape, learning.prior.posterior, learning.prior.flow
    before = [[p.clone() for p in each.parameters()] for each in (*moving, *still)]
    terms = learning.train_step()
    changed = [
        any(not torch.equal(a, b) for a, b in zip(was, each.parameters(), strict=True))
        for was, each in zip(before, (*moving, *still), strict=True)
    ]
    assert changed == [True, True, False, False, False, False]
    assert {"codes", "cycle", "pixel", "adversarial", "seams", "discriminator"} <= terms.keys()


def test_together_the_borders_of_parts_are_lowered(data, features):
    """The same steps with the term and without: it alone makes the difference."""
    with_it, without = (together(data, features, steps=30, rate=3e-3, seams=weight) for weight in (3.0, 0.0))
    for learning in (with_it, without):
        learning._usual_seams = torch.tensor(0.0)  # of an untrained D, borders show little
    found = [[learning.train_step()["seams"] for _ in range(12)] for learning in (with_it, without)]
    assert found[0][0] == found[1][0] > 0
    assert np.mean(found[0][-4:]) < np.mean(found[1][-4:])


def test_together_a_resumed_training_goes_on_as_the_unbroken_one(data, features):
    unbroken, broken, resumed = (together(data, features, rate=0.05) for _ in range(3))
    for _ in range(2):
        unbroken.train_step()
        broken.train_step()
    resumed.load_state_dict(broken.state_dict())
    for name in ("prior", "decoder", "average", "decoder_average"):
        wanted, found = (getattr(each, name).state_dict() for each in (broken, resumed))
        assert all(torch.equal(value, found[key]) for key, value in wanted.items()), name
    moments = [each.optimizer.state_dict()["state"] for each in (broken, resumed)]
    assert moments[0] and all(torch.equal(moments[0][i]["exp_avg"], moments[1][i]["exp_avg"]) for i in moments[0])
    assert resumed.train_step() == pytest.approx(unbroken.train_step(), rel=1e-3)


def test_the_command_writes_the_averages_of_both_and_leaves_the_rest(data, tmp_path):
    torch.manual_seed(0)
    model = VUNet(SMALL_PARTS)
    model.prior.trained.fill_(1)
    save_checkpoint(model, tmp_path / "trained.safetensors")
    arguments = tmp_path / "trained.safetensors", data[1], tmp_path / "run", tmp_path / "out.safetensors"
    options = dataclasses.replace(TOGETHER, steps=2, batch=2, rate=0.05, coloured=48)
    train_prior_command(*arguments, options, limit=8, together=True)
    state = torch.load(tmp_path / "run" / "together.pt", weights_only=True)
    before, after = (load_checkpoint(path) for path in (arguments[0], arguments[3]))
    head = state["decoder_average"]["module.head.out.weight"].half().float()
    assert torch.equal(after.decoder.head.out.weight, head)
    assert not torch.equal(before.decoder.head.out.weight, head)
    for name in ("appearance", "shape", "prior.posterior", "prior.flow"):
        pair = [each.get_submodule(name).state_dict() for each in (before, after)]
        assert all(torch.equal(value, pair[1][key]) for key, value in pair[0].items()), name
    save_checkpoint(after, tmp_path / "other.safetensors")
    with pytest.raises(VUNetError, match="another"):
        train_prior_command(tmp_path / "other.safetensors", *arguments[1:], options, limit=8, together=True)


def test_where_nobody_shows_all_places_samples_cannot_be_asked_for_colours(data, tmp_path, monkeypatch):
    monkeypatch.setattr("vunet.train.prior.colour_fit.FEWEST", 1000)
    save_checkpoint(VUNet(SMALL_PARTS), tmp_path / "bare.safetensors")
    arguments = tmp_path / "bare.safetensors", data[1], tmp_path / "run", tmp_path / "out.safetensors"
    train_prior_command(*arguments, OPTIONS, limit=10)
    assert not load_checkpoint(arguments[3]).config.prior_colours


def test_d_learns_together_with_a_trained_prior_only(data, tmp_path):
    save_checkpoint(VUNet(SMALL_PARTS), tmp_path / "plain.safetensors")
    with pytest.raises(VUNetError, match="without --together"):
        arguments = tmp_path / "plain.safetensors", data[1], tmp_path / "run", tmp_path / "out.safetensors"
        train_prior_command(*arguments, dataclasses.replace(TOGETHER, steps=2), together=True)


def test_a_resumed_training_goes_on_as_the_unbroken_one(data, features):
    unbroken, broken = trainer(data, features), trainer(data, features)
    for _ in range(4):
        unbroken.train_step()
        broken.train_step()
    resumed = trainer(data, features)
    resumed.load_state_dict(broken.state_dict())
    assert resumed.train_step()["codes"] == pytest.approx(unbroken.train_step()["codes"], rel=1e-4)


def test_the_flow_learns_a_mean_and_a_correlation(data, features):
    """Before it is told anything else, draws have the mean and the spread of what q(w|z) says of the people."""
    learning = trainer(data, features)
    model, people = learning.model, learning.people
    fit_flow(model, people, "cpu", 0, 2)
    with torch.no_grad():
        means = model.prior.infer(people.zs(range(len(people))))[0]
        shape = people.batch([0])["shape"].expand(500, -1, -1, -1)
        drawn = model.prior.sample_w(
            torch.randn(500, model.prior.numbers, generator=torch.Generator().manual_seed(0)), shape
        )
    assert torch.corrcoef(torch.stack([drawn.mean(dim=0), means.mean(dim=0)]))[0, 1] > 0.9


def test_the_command_writes_a_checkpoint_whose_draws_come_from_the_prior(data, tmp_path):
    bare = dataclasses.replace(SMALL_PARTS, prior_whole=0, prior_part=0)
    save_checkpoint(VUNet(bare), tmp_path / "bare.safetensors", {"steps": 7})
    out = tmp_path / "drawn.safetensors"
    train_prior_command(tmp_path / "bare.safetensors", data[1], tmp_path / "run", out, OPTIONS, limit=10)
    model = load_checkpoint(out)
    assert model.prior.ready and model.config.prior_whole > 0
    colours = model.prior.colours.state_dict()
    assert colours["slope"].abs().max() > 0 and 0 < colours["offset"][0] < 100  # lightness of heads
    assert [path.name for path in (tmp_path / "run").glob("*.*") if path.suffix != ".jsonl"] == ["prior.pt"]
    with pytest.raises(KeyboardInterrupt):
        longer = dataclasses.replace(OPTIONS, steps=9)
        train_prior_command(tmp_path / "bare.safetensors", data[1], tmp_path / "run", out, longer, lambda: True, limit=10)
    whole = dataclasses.replace(bare, part_codes=0, part_channels=0, fine_channels=0)
    save_checkpoint(VUNet(whole), tmp_path / "whole.safetensors")
    with pytest.raises(VUNetError, match="codes of parts"):
        train_prior_command(tmp_path / "whole.safetensors", data[1], tmp_path / "other", out, OPTIONS)
