import pytest
import torch

from tests.configs import SMALL, SMALL_PARTS, inputs
from vunet import BadCheckpoint, VUNet, VUNetConfig
from vunet.model import PRESETS


@pytest.fixture(scope="module", params=[SMALL, SMALL_PARTS], ids=["whole", "parts"])
def small(request):
    torch.manual_seed(0)
    return VUNet(request.param).eval()


@torch.no_grad()
def test_shapes(small):
    parts, shape, transforms = inputs(small.config)
    posteriors = small.posterior(parts)
    expected = [(2, 16, 4, 4), (2, 16, 8, 8)] if small.config is SMALL else [(2, 16, 4, 4), (2, 24, 8, 8), (2, 24, 16, 16)]
    assert [tuple(q.mean.shape) for q in posteriors] == expected
    image, priors = small.decode(shape, [q.mean for q in posteriors], transforms)
    assert image.shape == (2, 3, 64, 64)
    assert [p.mean.shape for p in priors] == [q.mean.shape for q in posteriors]
    assert [z.shape for z in small.sample(shape)] == [q.mean.shape for q in posteriors]


@torch.no_grad()
def test_rendering_is_decoding_without_the_prior(small):
    parts, shape, transforms = inputs(small.config)
    zs = [q.mean for q in small.posterior(parts)]
    assert torch.allclose(small.render(shape, zs, transforms), small.decode(shape, zs, transforms)[0], atol=1e-6)


@torch.no_grad()
def test_sampling_repeats_with_its_generator_and_varies_without(small):
    shape = inputs(small.config)[1]
    draw = lambda seed: small.sample(shape, 1.0, torch.Generator().manual_seed(seed))  # noqa: E731
    assert torch.equal(draw(3)[1], draw(3)[1]) and not torch.equal(draw(3)[1], draw(4)[1])


@torch.no_grad()
def test_a_training_pass_may_draw_some_poses_again_from_the_prior_and_as_the_next_person(small):
    parts, shape, transforms = inputs(small.config, 4)
    seeded = lambda: [torch.Generator().manual_seed(i) for i in range(4)]  # noqa: E731
    batch = {"parts": parts, "shape": shape} | ({} if transforms is None else {"transforms": transforms})
    image, _, priors = small(batch, 1.0, seeded(), rerender=2)
    plain, _, plain_priors = small(batch, 1.0, seeded())
    assert torch.allclose(image[:4], plain, atol=1e-5) and len(image) == 8
    assert all(torch.allclose(p.mean, q.mean, atol=1e-5) for p, q in zip(priors, plain_priors, strict=True))
    spent = seeded()
    _, read = small.appearance(parts, 1.0, spent)
    zs = small.sample(shape[::2], generator=spent[::2])
    again = transforms[::2] if transforms is not None else None
    assert torch.allclose(image[4:6], small.decode(shape[::2], zs, again)[0], atol=1e-5)
    theirs = small.decode(shape[::2], [z[1::2] for z in read], again)[0]
    assert torch.allclose(image[6:], theirs, atol=1e-5)


@torch.no_grad()
def test_each_group_of_the_prior_sees_the_groups_before_it(small):
    shape = inputs(small.config, 1)[1]
    zs = small.sample(shape, 0)
    changed = [zs[0], zs[1].clone(), *zs[2:]]
    changed[1][:, :, 0::2, 1::2] += 3  # the second group of the finer scale
    before = small.decode(shape, zs, inputs(small.config, 1)[2])[1][1].mean
    after = small.decode(shape, changed, inputs(small.config, 1)[2])[1][1].mean
    difference = (before - after).abs()
    assert difference[:, :, 0::2, 0::2].max() == 0 and difference[:, :, 0::2, 1::2].max() == 0
    assert difference[:, :, 1::2, :].max() > 0


@torch.no_grad()
def test_z_reaches_the_picture_at_every_scale(small):
    parts, shape, transforms = inputs(small.config, 1)
    zs = [q.mean for q in small.posterior(parts)]
    for i in range(len(zs)):
        other = [z + (3 if j == i else 0) for j, z in enumerate(zs)]
        assert (small.render(shape, zs, transforms) - small.render(shape, other, transforms)).abs().max() > 1e-3


@torch.no_grad()
def test_a_part_is_coded_from_its_own_crop_and_drawn_from_its_own_code():
    torch.manual_seed(0)
    model = VUNet(SMALL_PARTS).eval()
    parts = inputs(SMALL_PARTS, 1)[0]
    zs = [q.mean for q in model.posterior(parts)]
    other = zs[2].clone()
    other[:, :2] += 3  # the finest code of the first part
    changed = model.decoder.maps([*zs[:2], other])
    for before, after in zip(model.decoder.maps(zs), changed, strict=True):
        difference = (before - after).abs().amax(dim=(0, 2, 3, 4))
        assert difference[0] > 0 and difference[1:].max() == 0
    crops = parts.clone()
    crops[:, :3] += 1  # the crop of the first part
    moved = (model.posterior(crops)[2].mean - zs[2]).abs().amax(dim=(0, 2, 3))
    assert moved[:2].max() > 0 and moved[2:].max() == 0


def test_presets_have_the_papers_sizes():
    paper = VUNet(VUNetConfig.preset("paper-256"))
    prior = sum(p.numel() for stage in paper.decoder.latent_stages for p in stage.prior.parameters())
    assert round(prior / 1e6, 1) == 33.7
    assert PRESETS["paper-256"].scales == PRESETS["paper-128"].scales == 7
    assert PRESETS["paper-256"].crop_size == PRESETS["paper-128"].crop_size == 64


@pytest.mark.parametrize(
    "data, words",
    [({"siz": 64}, "unknown"), ({"size": "64"}, "int"), ({"size": 100}, "power of two"), ({"size": 8}, "fewer scales"),
     ({"part_channels": 4}, "body-256"), ({"part_codes": 4}, "such codes need maps"), ({"prior_whole": 4}, "each part"),
     ({"prior_whole": 4, "prior_part": 4}, "codes of parts")],
)  # fmt: skip
def test_bad_configs_are_said_plainly(data, words):
    with pytest.raises(BadCheckpoint, match=words):
        VUNetConfig.from_dict(data)


def test_config_round_trip():
    for config in PRESETS.values():
        assert VUNetConfig.from_dict(config.to_dict()) == config
