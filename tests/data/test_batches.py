"""Batches: they show what the app reads, and each person is the same in whatever company."""

import pytest
import torch
from torch.utils.data import default_collate

from tests.configs import SMALL, SMALL_PARTS
from tests.prepared import drawn
from vunet.data.augment import Augmentation
from vunet.data.batches import BatchMaker, held_frames
from vunet.data.dataset import PeopleDataset
from vunet.data.index import read_index
from vunet.person.tensors import condition, part_inputs, targets


def test_items_depend_on_their_key_alone(data):
    people = PeopleDataset(data[1], read_index(data[1], "train"), SMALL, Augmentation())
    assert all(torch.equal(people[0, 5][name], value) for name, value in people[0, 5].items())
    alone, others = drawn(people, (0, 5)), drawn(people, (0, 6), (1, 5), (0, 5))
    for name, value in alone.items():
        assert torch.allclose(value[0].float(), others[name][2].float(), atol=1e-4), name  # whoever else is in the batch
    assert not torch.equal(alone["image"][0], others["image"][0])
    assert alone["image"].shape == (1, 3, 64, 64) and alone["parts"].shape == (1, 36, 32, 32)
    assert alone["mask"].shape == alone["face"].shape == alone["hands"].shape == (1, 1, 64, 64)
    assert all(v.float().abs().max() < 1 + 1e-5 for k, v in others.items() if k not in ("transforms", "seed"))


@pytest.mark.parametrize("config", [SMALL, SMALL_PARTS], ids=["paper", "parts"])
def test_batches_show_what_the_app_reads(data, config):
    people = PeopleDataset(data[1], read_index(data[1], "train"), config)
    batch = drawn(people, *range(4))
    for row in range(4):
        person = people.read(people.records[row]).resized(config.size)
        wanted = targets(person) | condition(person.pose, config)
        for name in ("image", "mask", "shape", "transforms"):
            if name in wanted:
                assert torch.allclose(batch[name][row], wanted[name], atol=0.03), name
        for name in ("face", "hands"):
            assert (batch[name][row] != wanted[name]).float().mean() < 0.01
        parts = part_inputs(person.image, person.pose, config)
        assert (batch["parts"][row] - parts).abs().mean() < 1 / 127.5  # one grey level


def test_photos_that_a_batch_maker_holds_give_the_same_batches(data):
    people = PeopleDataset(data[1], read_index(data[1], "train"), SMALL, Augmentation())
    keys = [(2, 1), (0, 5)]
    with_frames, people.with_frames = default_collate([people[key] for key in keys]), False
    holding = BatchMaker(SMALL, "cpu", held_frames(people, "cpu"))
    without = default_collate([people[key] for key in keys])
    assert "frame" in with_frames and "frame" not in without
    held = holding(without)
    assert all(torch.equal(value, held[name]) for name, value in BatchMaker(SMALL, "cpu")(with_frames).items())
