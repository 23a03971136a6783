"""A training step in which the loss and a discriminator pull together."""

import dataclasses

import torch

from tests.configs import SMALL_PARTS
from tests.prepared import options
from vunet.losses import LossWeights, load_perceptual
from vunet.model.vunet import rerendered_rows
from vunet.train.balance import LossTerm, balanced_gradients, gradient_ratio
from vunet.train.discriminator_training import RERENDER, WEIGHTS, AdversarialTrainer
from vunet.train.run import Run
from vunet.train.trainer import Trainer


def conditions(batch):
    return {name: rerendered_rows(batch[name], RERENDER) for name in ("shape", "mask", "joints")}


def alone(values):
    return values


def test_the_ratio_makes_gradients_equally_long():
    output = torch.randn(4, 3, 8, 8, requires_grad=True)
    rest, pull = (
        torch.autograd.grad(f(output), output)[0] for f in (lambda x: 7 * x.square().sum(), lambda x: x.sin().sum())
    )
    assert torch.isclose(rest.norm(), gradient_ratio(rest, pull, alone) * pull.norm(), rtol=1e-4)
    assert gradient_ratio(torch.full((2,), torch.nan), torch.ones(2), alone) == 0


def test_gradients_that_meet_at_the_pictures_are_those_of_the_sum(data, tmp_path, monkeypatch):
    features = load_perceptual("efficientnet").features
    run = Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu", features))
    run.adversarial.network.eval()  # or every pass would turn its spectral norms a little further
    run.adversarial.step = 100  # part of the way to its full weight
    chosen = dataclasses.replace(options(2), weights=LossWeights(adversarial=0.3))
    trainer = Trainer(run, data[1], chosen, None)
    batch = next(trainer.batches())
    monkeypatch.setattr("vunet.train.balance.gradient_ratio", lambda *_: 2.0)

    def gradients():
        return [p.grad.clone() for p in run.model.parameters() if p.grad is not None]

    torch.manual_seed(0)  # the discriminator's window
    total = trainer._backward(batch, 1000, 1)[0]["loss"]
    found = gradients()
    run.optimizer.zero_grad()
    torch.manual_seed(0)
    output, posteriors, priors = trainer._forward(batch, trainer.schedule.noise(1000), RERENDER)
    ends = [output, *(each.mean for each in (*posteriors, *priors))]
    loss, _ = trainer._objective(ends, batch, trainer.schedule.kl_weight(1000))
    shown = trainer._without_gradient_in_faces(output, batch)
    terms = run.adversarial.losses(shown, conditions(batch))
    shares = {name: full * min(1.0, 100 / warm_up) for name, (full, warm_up) in WEIGHTS.items()}
    whole = loss + 0.3 * 2.0 * sum(shares[name] * term for name, term in terms.items())
    whole.backward()
    assert terms.keys() == shares.keys() and torch.isclose(total, whole)
    assert len(found) == len(gradients()) > 100
    for a, b in zip(found, gradients(), strict=True):
        assert (a - b).norm() <= 1e-3 * b.norm() + 1e-6


def test_two_batches_of_a_step_are_one_of_twice_the_size(data, tmp_path):
    """Gradients of accumulated batches are the mean of theirs."""
    whole = Trainer(Run.open(tmp_path / "whole", SMALL_PARTS), data[1], dataclasses.replace(options(2), batch=8), None)
    halves = Trainer(
        Run.open(tmp_path / "halves", SMALL_PARTS), data[1], dataclasses.replace(options(2), accumulate=2), None
    )
    batch = next(whole.batches())
    split = [{name: value[rows] for name, value in batch.items()} for rows in (slice(0, 4), slice(4, 8))]
    numbers = whole.step(batch), halves.step(*split)
    assert whole.images == halves.images == 8
    assert abs(numbers[0]["loss"] - numbers[1]["loss"]) < 1e-4 and abs(numbers[0]["norm"] / numbers[1]["norm"] - 1) < 1e-3


def test_terms_that_weigh_nothing_change_nothing():
    ends = [torch.randn(2, 3, requires_grad=True), torch.randn(4, requires_grad=True)]
    loss = ends[0].square().sum() + ends[1].sum()
    total, gradients = balanced_gradients(loss, {"a": LossTerm(ends[0].sin().sum(), 0.0)}, ends, alone)
    assert total == loss and torch.equal(gradients[0], 2 * ends[0]) and torch.equal(gradients[1], torch.ones(4))
