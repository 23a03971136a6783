"""A training step in which the loss and a discriminator pull together."""

import dataclasses

import torch

from tests.configs import SMALL_PARTS
from tests.prepared import options
from vunet.losses import LossWeights, load_perceptual
from vunet.model.vunet import redrawn
from vunet.train.discriminator_training import REDRAW, WEIGHTS, AdversarialTrainer
from vunet.train.run import Run
from vunet.train.trainer import Trainer


def conditions(batch):
    return {name: redrawn(batch[name], REDRAW) for name in ("shape", "mask", "joints")}


def test_the_discriminator_pulls_as_hard_as_the_rest(data, tmp_path):
    trainer = Trainer(Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu")), data[1], options(2), None)
    batch = next(trainer.batches())
    output = redrawn(batch["image"], REDRAW).clone().requires_grad_(True)
    loss, term = (
        7 * (output[:4] - 0.1).square().mean(),
        trainer.run.adversarial.losses(output, conditions(batch))["adversarial"],
    )
    rest, pull = (torch.autograd.grad(each, output)[0] for each in (loss, term))
    assert rest.norm() > 0 and torch.isclose(rest.norm(), trainer._balance(rest, pull) * pull.norm(), rtol=1e-4)


def test_gradients_that_meet_at_the_pictures_are_those_of_the_sum(data, tmp_path, monkeypatch):
    weights = LossWeights(adversarial=0.3)
    features = load_perceptual("efficientnet").features
    run = Run.open(tmp_path, SMALL_PARTS, adversarial=AdversarialTrainer("cpu", features))
    run.adversarial.network.eval()  # or every pass would turn its spectral norms a little further
    run.adversarial.step = 100  # part of the way to its full weight
    trainer = Trainer(run, data[1], dataclasses.replace(options(2), weights=weights), None)
    batch = next(trainer.batches())

    def passed(cut_off):
        torch.manual_seed(0)  # the discriminator's window
        output, posteriors, priors = trainer._forward(batch, 1.0, REDRAW)
        ends = [output, *(each.mean for each in (*posteriors, *priors))]
        cut = [end.detach().requires_grad_() for end in ends] if cut_off else ends
        return trainer._objective(cut, batch, 1e-4)[0], run.adversarial.losses(cut[0], conditions(batch)), cut, ends

    def gradients():
        return [p.grad.clone() for p in run.model.parameters() if p.grad is not None]

    monkeypatch.setattr(trainer, "_balance", lambda *_: 2.0)
    total = trainer._joined_backward(*passed(cut_off=True))
    found = gradients()
    run.optimizer.zero_grad()
    loss, terms, *_ = passed(cut_off=False)
    shares = {name: full * min(1.0, 100 / warm_up) for name, (full, warm_up) in WEIGHTS.items()}
    assert terms.keys() == shares.keys()
    whole = loss + 0.3 * 2.0 * sum(shares[name] * term for name, term in terms.items())
    whole.backward()
    assert torch.isclose(total, whole) and len(found) == len(gradients()) > 100
    for a, b in zip(found, gradients(), strict=True):
        assert (a - b).norm() <= 1e-3 * b.norm() + 1e-6
