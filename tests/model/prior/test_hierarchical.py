"""The latent above the codes: shapes, what is left out, and draws."""

from dataclasses import replace

import torch

from tests.configs import SMALL_PARTS, inputs
from vunet import VUNet
from vunet.model.garments import GARMENTS
from vunet.model.prior.colours import NUMBERS, AskedColours, ColourReading
from vunet.model.prior.flow import LatentFlow


def ready_model():
    torch.manual_seed(0)
    model = VUNet(SMALL_PARTS).eval()
    model.prior.get_buffer("trained").fill_(1)
    return model


@torch.no_grad()
def test_draws_have_the_shapes_of_codes_and_repeat_with_their_seed():
    model = ready_model()
    parts, shape, _ = inputs(SMALL_PARTS)
    expected = [q.mean.shape[1:] for q in model.posterior(parts)]
    draw = lambda seed, **more: model.sample(shape, 1.0, torch.Generator().manual_seed(seed), count=3, **more)  # noqa: E731
    assert [z.shape[1:] for z in draw(0)] == expected and len(draw(0)[0]) == 6
    assert torch.equal(draw(0)[1], draw(0)[1]) and not torch.equal(draw(0)[1], draw(1)[1])
    assert torch.equal(*(model.sample(shape, 0.0)[1] for _ in range(2)))


@torch.no_grad()
def test_parts_that_are_not_seen_do_not_count():
    model = ready_model()
    zs = [q.mean for q in model.posterior(inputs(SMALL_PARTS, 1)[0])]
    seen = torch.ones(1, 12)
    seen[:, 8:] = 0
    other = [zs[0] + 1, *(z.clone() for z in zs[1:])]
    for z in other[1:]:
        z.unflatten(1, (12, -1))[:, 8:] += 1
    assert torch.allclose(model.prior.infer(zs, seen)[0], model.prior.infer(other, seen)[0], atol=1e-5)
    assert not torch.allclose(model.prior.infer(zs)[0], model.prior.infer(other)[0], atol=1e-3)


@torch.no_grad()
def test_an_untrained_flow_draws_the_gaussian_that_it_whitens_by():
    flow = LatentFlow(3, 2).eval()
    covariance = torch.tensor([[2.0, 0.9, 0.0], [0.9, 1.0, 0.2], [0.0, 0.2, 0.5]])
    flow.whiten_by(torch.tensor([1.0, -2.0, 0.5]), covariance)
    drawn = flow.sample(torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0)), torch.zeros(20_000, 2))
    assert torch.allclose(drawn.mean(dim=0), torch.tensor([1.0, -2.0, 0.5]), atol=0.05)
    assert torch.allclose(torch.cov(drawn.T), covariance, atol=0.1)
    assert torch.allclose(torch.cov(flow.whitened(drawn).T), torch.eye(3), atol=0.1)


def test_a_line_is_found_and_samples_are_moved_to_the_colours_that_are_asked_for():
    generator = torch.Generator().manual_seed(0)
    u, true = torch.randn(4000, 6, generator=generator), torch.randn(NUMBERS, 6, generator=generator)
    colours = u @ true.T + 40 + 0.1 * torch.randn(4000, NUMBERS, generator=generator)
    reading = ColourReading(6)
    reading.fit(u, colours)
    assert (reading(u) - colours).abs().mean() < 0.5
    equations, values = torch.eye(NUMBERS)[3:6], torch.tensor([38.0, 41.0, 40.0])
    moved = reading.moved(u, AskedColours(equations, values))
    assert (reading(moved)[:, 3:6] - values).abs().max() < 0.1
    free = torch.linalg.svd(true[3:6])[2][3:]  # directions of u that those colours do not depend on
    assert torch.allclose(moved @ free.T, u @ free.T, atol=0.1)


@torch.no_grad()
def test_samples_have_the_colours_that_are_asked_for():
    torch.manual_seed(0)
    model = VUNet(replace(SMALL_PARTS, prior_colours=True)).eval()
    model.prior.get_buffer("trained").fill_(1)
    torch.nn.init.normal_(model.prior.colours.get_buffer("slope"))
    shape, asked = inputs(SMALL_PARTS, 1)[1], AskedColours(torch.eye(NUMBERS)[:3], torch.tensor([1.0, 2.0, 3.0]))
    noise = torch.randn(4, model.prior.numbers)

    def away(**wish):
        u = model.prior.flow.whitened(model.prior.sample_w(noise, shape, **wish))
        return (model.prior.colours(u)[:, :3] - asked.values).abs().mean()

    assert away(asked=asked) < 0.2 * away()


@torch.no_grad()
def test_wishes_change_what_is_drawn():
    model = ready_model()
    torch.nn.init.normal_(model.prior.flow.out.weight, std=0.1)
    shape = inputs(SMALL_PARTS, 1)[1]
    wishes = torch.zeros(1, len(GARMENTS))
    wishes[0, 0] = 1
    draw = lambda garments: model.sample(shape, 1.0, torch.Generator().manual_seed(0), garments=garments)  # noqa: E731
    assert torch.equal(draw(None)[1], draw(torch.zeros_like(wishes))[1])
    assert not torch.allclose(draw(None)[1], draw(wishes)[1])
