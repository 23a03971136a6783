"""The covariance of the prior: what the codes of people have in common, their draws have in common."""

import dataclasses

import torch

from tests.model.test_shapes import SMALL_PARTS, inputs
from vunet import VUNet
from vunet.latent import Gaussian
from vunet.train.calibrate import _shaken, measure_factors, principal_axes
from vunet.train.run import Run


def test_principal_axes_are_those_of_the_data():
    torch.manual_seed(0)
    axes = torch.zeros(2, 40)
    axes[0, :20], axes[1, 20:] = 3.0, 1.0
    places = torch.randn(4000, 2)
    rows = places @ axes + 0.01 * torch.randn(4000, 40) + 5.0
    found, along = principal_axes(rows, 2)
    assert torch.allclose((found @ axes.T).abs() / axes.square().sum(dim=1), torch.eye(2), atol=0.1)
    assert torch.allclose((along.T @ places).abs() / len(rows), torch.eye(2), atol=0.1)
    few, along = principal_axes(rows[:3], 8)
    assert few.shape == (2, 40) and along.shape == (3, 2)


def no_means(count: int) -> list[torch.Tensor]:
    return [torch.zeros(count, channels, side, side) for channels, side in ((16, 4), (24, 8), (24, 16))]


def test_blocks_of_codes_are_those_of_parts_and_are_put_back(monkeypatch):
    monkeypatch.setattr("vunet.model.factors.CALM", 0.0)
    torch.manual_seed(0)
    factors = VUNet(SMALL_PARTS).decoder.factors
    factors.parts[3], factors.mixing = torch.randn_like(factors.parts[3]), torch.eye(len(factors.mixing))
    drawn = factors.draw(no_means(2), 1.0, torch.Generator().manual_seed(0))
    moved = [i for i, block in enumerate(factors.blocks(drawn)) if block.any()]
    assert moved == [4]  # the coarsest map comes first
    for each in drawn[1:]:
        own = each.unflatten(1, (SMALL_PARTS.parts, SMALL_PARTS.part_codes))
        assert own[:, 3].any() and not own[:, :3].any() and not own[:, 4:].any()
    assert not any(z.any() for z in factors.draw(no_means(2), 0.0, None))


def test_a_handful_of_people_is_enough_to_measure():
    torch.manual_seed(0)
    config = dataclasses.replace(SMALL_PARTS, prior_rank=56)
    model = VUNet(config).eval()
    parts, shape, _ = inputs(config, 4)
    mixing = measure_factors(model, [{"parts": parts, "shape": shape}]).decoder.factors.mixing
    assert torch.linalg.matrix_rank(mixing) == 3  # four people, less their mean
    assert all(z.isfinite().all() for z in model.sample(shape))


def test_draws_vary_together_as_the_codes_of_people_do(monkeypatch):
    """Each person's codes are made up of one shade here: then a sleeve and a shoe are of one shade in a draw too."""
    torch.manual_seed(0)
    model = VUNet(SMALL_PARTS).eval()

    def tinted(parts, temperature=1.0, generator=None):
        shades = 3.0 * torch.randn(len(parts), 1, 1, 1)
        maps = [(16, 4), (24, 8), (24, 16)]
        means = [shades + 0.01 * torch.randn(len(parts), c, s, s) for c, s in maps]
        return [Gaussian(mean) for mean in means], means

    monkeypatch.setattr(model.appearance, "forward", tinted)
    parts, shape, _ = inputs(SMALL_PARTS, 60)
    measure_factors(model, [{"parts": parts, "shape": shape[:1].expand_as(shape)}])
    with torch.no_grad():
        calm = model.sample(shape[:1], 0.0)
        zs = model.sample(shape[:1], 1.0, torch.Generator().manual_seed(0), 300)
    strayed = [(z - c)[:, :, 0, 0] for z, c in zip(zs, calm, strict=True)]
    body, sleeve, shoe = strayed[0][:, 0], strayed[1][:, 4], strayed[2][:, 20]
    assert torch.corrcoef(torch.stack([body, sleeve, shoe])).min() > 0.85
    assert sleeve.std() > 1.0


def test_a_continued_run_draws_with_the_factors_of_its_start(tmp_path):
    model = VUNet(SMALL_PARTS)
    model.decoder.factors.whole.fill_(2.0)
    assert Run.open(tmp_path, SMALL_PARTS, model).averaged().decoder.factors.whole.eq(2.0).all()


def test_draws_lie_around_anchors_and_spread_as_people_do(monkeypatch):
    """Two kinds of people, nobody in between: a Gaussian of the same covariance would be there most of the time."""
    torch.manual_seed(0)
    factors = VUNet(SMALL_PARTS).decoder.factors
    kinds = torch.where(torch.arange(400)[:, None] % 2 > 0, 1.0, -1.0).expand(-1, len(factors.mixing))
    factors.mixing = torch.linalg.qr(kinds / 20, mode="r").R
    monkeypatch.setattr("vunet.train.calibrate.SHAKE", 0.0)
    factors.anchors.copy_(_shaken(kinds, factors.mixing, len(factors.anchors)))
    drawn = factors._positions(torch.randn(2000, 1 + len(factors.mixing)))[:, 0]
    assert (drawn.abs() > 0.3).float().mean() > 0.85 and 0.3 < (drawn > 0).float().mean() < 0.7
    assert abs(float(drawn.square().mean()) - 1) < 0.1


def test_what_is_kept_of_people_is_nobodys():
    torch.manual_seed(0)
    people = torch.randn(300, 30)
    kept = _shaken(people, torch.eye(30), 500)  # more than there are people
    apart = torch.cdist(people, people).fill_diagonal_(torch.inf).min(dim=1).values
    assert torch.cdist(kept, people).min() > 0.15 * apart.median()
    assert torch.allclose(kept.square().mean(), people.square().mean(), atol=0.1)


def test_a_prior_without_anchors_is_one_gaussian():
    factors = VUNet(dataclasses.replace(SMALL_PARTS, prior_anchors=0)).decoder.factors
    drawn = factors._positions(torch.randn(4000, 1 + len(factors.mixing)))
    assert "anchors" not in factors.state_dict()
    assert torch.allclose(drawn.std(dim=0), torch.ones(len(factors.mixing)), atol=0.1)
