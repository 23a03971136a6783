import torch

from vunet.model.latent import Gaussian, kl_divergence, merge_groups, split_groups


def test_groups_round_trip_and_are_the_positions_of_each_block():
    z = torch.arange(2 * 3 * 4 * 6).float().view(2, 3, 4, 6)
    groups = split_groups(z)
    assert torch.equal(merge_groups(groups), z)
    assert torch.equal(groups[1], z[:, :, 0::2, 1::2])


def test_kl_is_half_the_squared_distance_of_the_means():
    a, b = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    expected = (
        torch.distributions.kl_divergence(torch.distributions.Normal(a, 1.0), torch.distributions.Normal(b, 1.0))
        .flatten(1)
        .sum(1)
    )
    assert torch.allclose(kl_divergence(Gaussian(a), Gaussian(b)), expected, rtol=1e-4)


def test_temperature_scales_the_spread():
    mean = torch.zeros(1, 1, 100, 100)
    generator = torch.Generator().manual_seed(0)
    assert abs(Gaussian(mean).sample(0.5, generator).std() - 0.5) < 0.02
    assert torch.equal(Gaussian(mean).sample(0), mean)
