"""The detail network's training: it learns, D stays as it is, and it goes on where it stopped."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.utils.data import default_collate

from tests.configs import SMALL_PARTS
from vunet import VUNet, VUNetError
from vunet.checkpoints import load_checkpoint, save_checkpoint
from vunet.data.augment import Augmentation
from vunet.data.index import read_index
from vunet.losses import load_perceptual
from vunet.train.detail import windows
from vunet.train.detail.command import SAMPLES, _with_sample_detail, train_detail_command
from vunet.train.detail.sample_trainer import SampleDetailTrainer
from vunet.train.detail.sheet import detail_sheet
from vunet.train.detail.trainer import DetailOptions, DetailTrainer
from vunet.train.detail.windows import PairWindowDataset, WindowDataset

CONFIG = dataclasses.replace(SMALL_PARTS, detail_width=8)
OPTIONS = DetailOptions(steps=4, batch=2, adversarial_from=1)


@pytest.fixture(autouse=True)
def small_windows(monkeypatch):
    monkeypatch.setattr(windows, "WINDOW", 64)


@pytest.fixture(scope="module")
def features():
    return load_perceptual("efficientnet").features


def people(data, augment=None):
    return WindowDataset(data[1], read_index(data[1], "train"), CONFIG, augment)


def trainer(features, **changes):
    torch.manual_seed(0)
    return DetailTrainer(VUNet(CONFIG), dataclasses.replace(OPTIONS, **changes), features)


def test_an_item_is_windows_of_one_person_and_depends_on_its_key(data):
    dataset = people(data, Augmentation())
    item, again, other = dataset[0, 5], dataset[0, 5], dataset[0, 6]
    assert item["image"].shape == (2, 3, 64, 64) and item["copy"].shape == (2, 4, 64, 64)
    assert all(torch.equal(item[name], again[name]) for name in item)
    assert not torch.equal(item["image"], other["image"])


def test_pairs_are_read_from_one_picture_and_drawn_as_another(data):
    records = [dataclasses.replace(record, person="one") for record in read_index(data[1], "train")][:3]
    pairs = PairWindowDataset(data[1], records, CONFIG, Augmentation())
    item = pairs[0, 1]
    source, target = pairs._framed(records[0], np.random.default_rng(3))
    assert item["copy"].shape == (2, 4, 64, 64) and source.size == target.size == CONFIG.best_size
    assert not np.array_equal(source.backdrop, target.backdrop)


def test_copies_are_left_out_of_about_half_of_the_items(data):
    dataset = people(data, Augmentation())
    without = sum(not dataset[0, seed]["copy"].any() for seed in range(30))
    assert 5 < without < 25
    assert people(data)[0, 0]["copy"].any()


def test_a_window_of_the_photo_is_where_its_corner_says(data):
    dataset = people(data)
    item = dataset[1, 0]
    whole = dataset._framed(dataset.records[1], None)[1]
    (top, left), mask = item["corners"][0].tolist(), torch.from_numpy(whole.mask).float() / 255
    assert torch.equal(item["mask"][0, 0], mask[top : top + 64, left : left + 64])


def test_steps_move_the_network_and_the_discriminator_and_leave_the_rest(data, features):
    learning = trainer(features)
    batch = default_collate([people(data, Augmentation())[i, i] for i in range(2)])
    rest = {name: value.clone() for name, value in learning.model.decoder.state_dict().items()}
    first = learning.train_step(batch)
    judge = [p.clone() for p in learning.adversary.network.patches.parameters()]
    second = learning.train_step(batch)
    assert "adversarial" not in first and {"adversarial", "discriminator", "perceptual", "pixel"} <= second.keys()
    assert any(p.any() for p in learning.detail.out.parameters())
    assert any(not torch.equal(a, b) for a, b in zip(judge, learning.adversary.network.patches.parameters(), strict=True))
    assert all(torch.equal(rest[name], value) for name, value in learning.model.decoder.state_dict().items())


def test_it_learns_to_draw_what_it_sees(data, features):
    learning = trainer(features, steps=60, rate=5e-3, adversarial=0.0)
    batch = default_collate([people(data)[i, 0] for i in range(2)])
    terms = [learning.train_step(batch) for _ in range(30)]
    assert terms[-1]["pixel"] < 0.8 * terms[0]["pixel"]


def test_a_sheet_has_a_row_for_each_window(data, features):
    batch = default_collate([people(data)[i, 0] for i in range(3)])
    assert detail_sheet(trainer(features), batch).shape == (6 * 64, 4 * 64, 3)


def test_the_command_goes_on_where_it_stopped_and_writes_a_checkpoint(data, tmp_path):
    model = VUNet(dataclasses.replace(CONFIG, detail_width=0))
    save_checkpoint(model, tmp_path / "plain.safetensors", {"steps": 3})
    stops = iter([False, True])
    arguments = (tmp_path / "plain.safetensors", data[1], tmp_path / "run", tmp_path / "fine.safetensors", OPTIONS)
    with pytest.raises(KeyboardInterrupt):
        train_detail_command(*arguments, workers=0, stopping=lambda: next(stops))
    assert torch.load(tmp_path / "run" / "detail.pt", weights_only=True)["step"] == 2
    train_detail_command(*arguments, workers=0)
    fine = load_checkpoint(tmp_path / "fine.safetensors")
    assert fine.detail is not None and fine.config.best_size == 2 * model.config.size


@pytest.fixture
def with_prior(tmp_path):
    """A checkpoint with a detail network and a prior that counts as trained."""
    model = VUNet(dataclasses.replace(CONFIG, prior_whole=8, prior_part=4))
    model.prior.trained.fill_(1)
    save_checkpoint(model, tmp_path / "both.safetensors", {"detail_steps": 3})
    return tmp_path / "both.safetensors"


def test_the_network_for_samples_is_trained_and_the_other_stays(data, tmp_path, with_prior):
    out = tmp_path / "samples.safetensors"
    train_detail_command(with_prior, data[1], tmp_path / "run", out, OPTIONS, workers=0, kind=SAMPLES)
    before, after = load_checkpoint(with_prior), load_checkpoint(out)
    assert after.sample_detail is not None and any(p.any() for p in after.sample_detail.out.parameters())
    assert all(torch.equal(value, after.detail.state_dict()[name]) for name, value in before.detail.state_dict().items())


def test_half_of_a_batch_are_samples_and_only_the_rest_is_compared_with_photos(data, features, with_prior):
    model = load_checkpoint(with_prior)
    learning = SampleDetailTrainer(_with_sample_detail(model, model.detail), OPTIONS, features)
    dataset = people(data)
    dataset.with_copies = False
    batch = default_collate([dataset[i, 0] for i in range(3)])
    (own, _), targets = learning.inputs(batch)
    (again, _), _ = learning.inputs(batch)
    assert "copy" not in batch and learning.known(6) == 4 and targets["coarse"].shape == (6, 3, 4, 4)
    assert torch.equal(own[:4], again[:4]) and not torch.equal(own[4:], again[4:])
    blind = {name: value.clone() for name, value in targets.items()}
    blind["image"][4:] = 0
    made, shape = learning.detail(own, own), own
    terms = [learning._judged(made, shape, dict(each))[1] for each in (targets, blind)]
    assert terms[0]["perceptual"] == terms[1]["perceptual"] and terms[0]["pixel"] == terms[1]["pixel"]


def test_samples_want_a_detail_network_a_prior_and_two_people(data, tmp_path, with_prior):
    rest = (data[1], tmp_path / "run", tmp_path / "o.safetensors")
    with pytest.raises(VUNetError, match="at least 2"):
        train_detail_command(with_prior, *rest, dataclasses.replace(OPTIONS, batch=1), workers=0, kind=SAMPLES)
    save_checkpoint(VUNet(CONFIG), tmp_path / "no_prior.safetensors")
    with pytest.raises(VUNetError, match="train-prior"):
        train_detail_command(tmp_path / "no_prior.safetensors", *rest, OPTIONS, workers=0, kind=SAMPLES)
    save_checkpoint(VUNet(dataclasses.replace(CONFIG, detail_width=0)), tmp_path / "plain.safetensors")
    with pytest.raises(VUNetError, match="without --samples"):
        train_detail_command(tmp_path / "plain.safetensors", *rest, OPTIONS, workers=0, kind=SAMPLES)


def test_a_state_of_another_decoder_is_refused(data, tmp_path):
    for seed, name in enumerate(("first", "other")):
        torch.manual_seed(seed)
        save_checkpoint(VUNet(dataclasses.replace(CONFIG, detail_width=0)), tmp_path / f"{name}.safetensors")
    rest = (data[1], tmp_path / "run", tmp_path / "fine.safetensors", OPTIONS)
    train_detail_command(tmp_path / "first.safetensors", *rest, workers=0)
    with pytest.raises(VUNetError, match="another"):
        train_detail_command(tmp_path / "other.safetensors", *rest, workers=0)


def test_frames_that_are_too_small_are_refused(data, tmp_path):
    large = dataclasses.replace(CONFIG, detail_width=0, size=512, stem=4)
    save_checkpoint(VUNet(large), tmp_path / "large.safetensors")
    with pytest.raises(VUNetError, match="--frame"):
        train_detail_command(tmp_path / "large.safetensors", data[1], tmp_path / "r", tmp_path / "o", OPTIONS, workers=0)
