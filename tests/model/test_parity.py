"""The same function as the authors' TensorFlow graph, on their variables."""

import numpy as np
import pytest
import torch

from tests.conftest import DATA
from vunet import BadCheckpoint, from_tf_variables
from vunet.model.latent import kl_divergence

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def variables():
    return dict(np.load(DATA / "variables.npz"))


@pytest.fixture(scope="module")
def model(variables):
    return from_tf_variables(variables)


@pytest.fixture(scope="module")
def expected():
    with np.load(DATA / "expected.npz") as data:
        return {k: torch.from_numpy(v).permute(0, 3, 1, 2) if v.ndim == 4 else v for k, v in data.items()}


def close(a, b):
    return (a - b).abs().max() < TOLERANCE


@torch.no_grad()
def test_posterior_prior_kl_and_reconstruction(model, expected):
    posterior = model.posterior(expected["xn"])
    image, prior = model.decode(expected["c"], [q.mean for q in posterior])
    for i in range(2):
        assert close(posterior[i].mean, expected[f"q{i}"])
        assert close(prior[i].mean, expected[f"p{i}"])
        kl = kl_divergence(posterior[i], prior[i]).mean().item()
        assert kl == pytest.approx(expected["kl"][i], abs=1e-3)
    assert close(image, expected["reconstruction"])
    assert close(image, model.render(expected["c"], [q.mean for q in posterior]))


@torch.no_grad()
def test_sampling_with_the_priors_means(model, expected):
    zs = model.sample(expected["c"], temperature=0)
    for i, z in enumerate(zs):
        assert close(z, expected[f"prior_mean_p{i}"])
    assert close(model.decode(expected["c"], zs)[0], expected["prior_mean_sample"])


def test_the_config_is_inferred(model):
    config = model.config
    assert (config.size, config.bottleneck, config.width, config.max_width, config.crop_width) == (32, 2, 4, 8, 8)
    assert (config.parts, config.latents, config.scales, config.crop_scales) == (8, 2, 4, 3)


def test_slashes_and_output_suffixes_are_read_too(variables, model):
    renamed = {name.replace(".", "/") + ":0": value for name, value in variables.items()}
    again = from_tf_variables(renamed).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in model.state_dict().items())


def test_missing_left_over_and_misshapen_variables_are_refused(variables):
    missing = {k: v for k, v in variables.items() if k != "dec_down.conv2d_3.V"}
    extra = variables | {"dec_up.dense_9.V": np.zeros((3, 3))}
    wrong = variables | {"enc_down.dense_1.V": np.zeros((9, 8), np.float32)}
    for broken in (missing, extra, wrong):
        with pytest.raises(BadCheckpoint):
            from_tf_variables(broken)
