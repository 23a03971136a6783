"""What a run remembers and starts from."""

import dataclasses

import pytest
import torch

from tests.configs import SMALL, SMALL_PARTS
from tests.prepared import options
from vunet import VUNet, VUNetError
from vunet.checkpoints.store import read_facts
from vunet.train.command import export_command
from vunet.train.run import Run
from vunet.train.trainer import Trainer


def test_a_checkpoint_names_the_options_that_it_was_trained_with(data, tmp_path):
    for steps in (2, 2, 3):  # the same again, then others
        Trainer(Run.open(tmp_path / "run", SMALL), data[1], options(steps), None).train()
    export_command(tmp_path / "run", tmp_path / "out.safetensors")
    history = read_facts(tmp_path / "out.safetensors")["options"]
    assert [(each["from_step"], each["options"]["steps"]) for each in history] == [(0, 2), (2, 3)]


@pytest.mark.parametrize(
    "content", [b"", b"PK no archive", {"config": {"colour": 56}}, [1]], ids=["empty", "cut", "other", "list"]
)
def test_a_damaged_state_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "state.pt"
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
    for work in (lambda: Run.open(tmp_path, SMALL), lambda: export_command(tmp_path, tmp_path / "out.safetensors")):
        with pytest.raises(VUNetError, match=r"damaged|no state|unknown setting"):
            work()


def test_a_run_may_start_from_weights_without_the_hierarchical_prior(tmp_path):
    older = VUNet(dataclasses.replace(SMALL_PARTS, prior_whole=0, prior_part=0))
    model = Run.open(tmp_path, SMALL_PARTS, older).averaged()
    assert model.config == SMALL_PARTS and not model.prior.ready
    assert torch.allclose(model.shape.state_dict()["enter.bias"], older.shape.state_dict()["enter.bias"])


def test_a_prior_that_was_trained_stays_as_it_is(tmp_path):
    start = VUNet(SMALL_PARTS)
    start.prior.get_buffer("trained").fill_(1)
    folded = Run.open(tmp_path, SMALL_PARTS, start).averaged()
    assert folded.prior.ready
    assert all(torch.equal(value, start.prior.state_dict()[name]) for name, value in folded.prior.state_dict().items())
