"""Batches: they show what the app reads, and each person is the same in whatever company."""

import numpy as np
import pytest
import torch
from torch.utils.data import default_collate

from tests.model.test_shapes import SMALL, SMALL_PARTS
from tests.train.test_training import data, drawn  # noqa: F401
from vunet.data.augment import Augmentation
from vunet.data.batches import BatchMaker, held_frames
from vunet.data.dataset import PeopleDataset, targets
from vunet.data.framed_person import image_of, warp
from vunet.data.index import read_index
from vunet.inputs.tensors import part_inputs, pose_inputs


def test_items_depend_on_their_key_alone(data):  # noqa: F811
    people = PeopleDataset(data[1], read_index(data[1], "train"), SMALL, Augmentation())
    assert all(torch.equal(people[0, 5][name], value) for name, value in people[0, 5].items())
    alone, others = drawn(people, (0, 5)), drawn(people, (0, 6), (1, 5), (0, 5))
    for name, value in alone.items():
        assert torch.allclose(value[0].float(), others[name][2].float(), atol=1e-4), name  # whoever else is in the batch
    assert not torch.equal(alone["image"][0], others["image"][0])
    assert alone["image"].shape == (1, 3, 64, 64) and alone["parts"].shape == (1, 36, 32, 32)
    assert alone["mask"].shape == alone["face"].shape == alone["hands"].shape == (1, 1, 64, 64)
    assert all(v.abs().max() < 1 + 1e-5 for k, v in others.items() if k not in ("transforms", "seed"))


@pytest.mark.parametrize("config", [SMALL, SMALL_PARTS], ids=["paper", "parts"])
def test_batches_show_what_the_app_reads(data, config):  # noqa: F811
    people = PeopleDataset(data[1], read_index(data[1], "train"), config)
    batch = drawn(people, *range(4))
    for row in range(4):
        person = warp(people.read(people.records[row]), np.eye(2, 3), config.size)
        wanted = targets(person) | pose_inputs(person.pose, config)
        for name in ("image", "mask", "shape", "transforms"):
            if name in wanted:
                assert torch.allclose(batch[name][row], wanted[name], atol=0.03), name
        for name in ("face", "hands"):
            assert (batch[name][row] != wanted[name]).float().mean() < 0.01
        parts = part_inputs(image_of(person), person.pose, config)
        assert (batch["parts"][row] - parts).abs().mean() < 0.01


def test_photos_that_a_batch_maker_holds_give_the_same_batches(data):  # noqa: F811
    people = PeopleDataset(data[1], read_index(data[1], "train"), SMALL, Augmentation())
    keys = [(2, 1), (0, 5)]
    with_frames, people.with_frames = default_collate([people[key] for key in keys]), False
    holding = BatchMaker(SMALL, "cpu", held_frames(people, "cpu"))
    without = default_collate([people[key] for key in keys])
    assert "frame" in with_frames and "frame" not in without
    held = holding(without)
    assert all(torch.equal(value, held[name]) for name, value in BatchMaker(SMALL, "cpu")(with_frames).items())
