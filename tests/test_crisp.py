import numpy as np

from vunet.crisp import crisp


def soft_edge(size: int = 256) -> np.ndarray:
    """Dark on the left, light on the right, with a slope between and a faint chequer over all."""
    y, x = np.mgrid[:size, :size]
    slope = 80 + 90 / (1 + np.exp(-(x - size / 2) / 1.5))
    return np.repeat((slope + 4 * ((x // 2 + y // 2) % 2))[..., None], 3, axis=2).round().astype(np.uint8)


def test_edges_get_steeper_and_patches_even():
    before, after = soft_edge(), crisp(soft_edge())
    assert after.shape == before.shape and after.dtype == np.uint8
    steps = [np.abs(np.diff(p[..., 0].astype(float), axis=1))[:, 126:130].mean() for p in (before, after)]
    chequers = [p[:, :48].astype(float).std() for p in (before, after)]
    assert steps[1] > 1.2 * steps[0] and chequers[1] < 0.5 * chequers[0]


def test_a_plain_picture_stays_as_it_is():
    plain = np.full((32, 32, 3), 240, np.uint8)
    assert np.array_equal(crisp(plain), plain)
