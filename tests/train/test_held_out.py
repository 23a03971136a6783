"""What a run keeps beside its state: scores of people whom it never sees, the best weights, numbered snapshots."""

import copy
import dataclasses
import json
import math

import pytest
import torch

from tests.configs import SMALL_PARTS, SMALL_SIDES
from tests.prepared import options
from vunet import VUNet, VUNetError
from vunet.checkpoints import load_checkpoint, read_facts
from vunet.losses import LossWeights
from vunet.train.options import TrainOptions
from vunet.train.run import Run
from vunet.train.trainer import Trainer


def test_a_run_judges_itself_and_keeps_the_best_and_snapshots(data, tmp_path):
    often = dataclasses.replace(options(4), judge_every=2, snapshot_every=2, report_every=1)
    Trainer(Run.open(tmp_path, SMALL_PARTS), data[1], often, None).train()
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    judged = {row["step"]: row["held_out_loss"] for row in rows if "held_out_loss" in row}
    assert set(judged) == {2, 4} and all(map(math.isfinite, judged.values()))
    assert read_facts(tmp_path / "best.safetensors")["held_out_loss"] == pytest.approx(min(judged.values()))
    snapshots = sorted((tmp_path / "snapshots").iterdir())
    assert len(snapshots) == 2 and load_checkpoint(tmp_path / "best.safetensors").config == SMALL_PARTS


def test_passes_that_are_gathered_train_on_as_many_people(data, tmp_path):
    gathered = dataclasses.replace(options(2), batch=2, accumulate=2)
    Trainer(Run.open(tmp_path, SMALL_PARTS), data[1], gathered, None).train()
    assert Run.open(tmp_path, SMALL_PARTS).step == 2


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"steps": -5}, {"accumulate": 0}, {"pairs": 4}, {"precision": "int4"}])
def test_options_that_no_run_can_have_are_one_sentence(wrong):
    with pytest.raises(VUNetError):
        TrainOptions(**{"steps": 4, "batch": 4} | wrong)


def test_the_anchor_reads_people_as_the_run_does(data, tmp_path):
    torch.manual_seed(0)
    start = VUNet(SMALL_SIDES)
    torch.nn.init.normal_(start.appearance.side.weight)  # so that it counts from which side a part is seen
    anchored = dataclasses.replace(options(2), weights=LossWeights(anchor=1.0))
    trainer = Trainer(Run.open(tmp_path, SMALL_SIDES, copy.deepcopy(start)), data[1], anchored, None, start=start)
    assert anchored.anchored and trainer._backward(next(trainer.batches()), 0, 1)[0]["anchor"] < 1e-6
