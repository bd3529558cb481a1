"""Units, directions and axes with known answers."""

import numpy as np
import pytest

from helpers.evaluation import latent_codes
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)


def test_a_unit_equal_to_the_prior_is_collapsed():
    mean = np.stack([np.zeros(200), GENERATOR.normal(size=200)], axis=1)
    log_variance = np.stack([np.zeros(200), np.full(200, -2.0)], axis=1)
    table = latent_codes.unit_statistics(mean, log_variance)
    assert table["active"].tolist() == [False, True]
    assert table.loc[0, "divergence"] == 0
    expected = np.mean(0.5 * (np.exp(-2) + mean[:, 1] ** 2 - 1 + 2))
    assert table.loc[1, "divergence"] == pytest.approx(expected)


def test_a_unit_that_says_the_same_of_every_picture_is_collapsed_too():
    assert not latent_codes.unit_statistics(np.full((50, 1), 3.0), np.zeros((50, 1)))["active"].any()


def test_directions_above():
    pictures = GENERATOR.normal(size=(4000, 2, 2, 1)) * np.array([[1.0, 2.0], [3.0, 4.0]])[..., None]
    assert latent_codes.directions_above(pictures, (0.5, 2, 6, 12, 20)) == {0.5: 4, 2: 3, 6: 2, 12: 1, 20: 0}


def test_strongest_axis_finds_the_planted_one_and_its_sign():
    codes = GENERATOR.normal(size=(500, 4))
    codes[:, 3] = 7.0  # an axis that never varies
    factors = {"noise": GENERATOR.normal(size=500), "planted": -2 * codes[:, 2] + GENERATOR.normal(size=500)}
    axis, factor, correlation = latent_codes.strongest_axis(codes, factors)
    assert (axis, factor) == (2, "planted")
    assert correlation == pytest.approx(np.corrcoef(codes[:, 2], factors["planted"])[0, 1])


def test_bad_input():
    with pytest.raises(InputError, match="nothing to walk"):
        latent_codes.strongest_axis(np.ones((9, 2)), {"constant": np.ones(9)})
    with pytest.raises(InputError, match="code"):
        latent_codes.unit_statistics(np.zeros((3, 2)), np.zeros((3, 1)))
