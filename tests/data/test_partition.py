"""Dirichlet sites: groups stay whole, the concentration decides how different the sites are."""

import numpy as np
import pytest

from helpers.data.partition import dirichlet_sites
from helpers.runtime import InputError


def cohort(patients=400, seed=0):
    """Patients of both classes with 1 to 6 samples each."""
    generator = np.random.default_rng(seed)
    sizes = generator.integers(1, 7, patients)
    labels = generator.integers(0, 2, patients)
    return np.repeat(np.arange(patients) * 3, sizes), np.repeat(labels, sizes)


def spread_of_class(groups, targets, sites, concentration, seeds):
    """Variance over sites and seeds of a site's share of class 1."""
    shares = []
    for seed in seeds:
        site = dirichlet_sites(groups, targets, sites, concentration, seed, minimum=1)
        shares.append([np.mean(site[targets == 1] == number) for number in range(sites)])
    return float(np.mean((np.array(shares) - 1 / sites) ** 2))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("concentration", [0.1, 1.0, 100.0])
def test_no_group_is_divided_and_no_site_is_too_small(seed, concentration):
    groups, targets = cohort()
    site = dirichlet_sites(groups, targets, 5, concentration, seed, minimum=4)
    assert len(site) == len(groups) and site.dtype == np.int64
    assert all(len(np.unique(site[groups == group])) == 1 for group in np.unique(groups))
    assert min(len(np.unique(groups[site == number])) for number in range(5)) >= 4


@pytest.mark.parametrize("concentration", [0.5, 1.0, 5.0])
def test_shares_vary_as_a_dirichlet_distribution_does(concentration):
    groups, targets = np.arange(2000), np.arange(2000) % 2
    sites, seeds = 4, range(300)
    # Variance of one share of a symmetric Dirichlet: (1/k)(1 - 1/k) / (k a + 1); a mean of 1200 squares, each with a
    # relative spread of at most about 2, is within 15 % in nearly every set of seeds.
    expected = (1 / sites) * (1 - 1 / sites) / (sites * concentration + 1)
    assert spread_of_class(groups, targets, sites, concentration, seeds) == pytest.approx(expected, rel=0.15)


def test_a_large_concentration_makes_all_sites_alike():
    groups, targets = np.arange(4000), np.arange(4000) % 2
    site = dirichlet_sites(groups, targets, 4, 1e6, 0)
    counts = np.array([[np.sum((site == number) & (targets == label)) for label in (0, 1)] for number in range(4)])
    np.testing.assert_allclose(counts, 500, atol=5)


def test_the_seed_decides_and_nothing_else():
    groups, targets = cohort()
    site = dirichlet_sites(groups, targets, 4, 0.5, 1)
    np.testing.assert_array_equal(site, dirichlet_sites(groups, targets, 4, 0.5, 1))
    assert (site != dirichlet_sites(groups, targets, 4, 0.5, 2)).any()
    # Names instead of numbers, in the same order, change nothing.
    words = np.array([f"patient {group:05d}" for group in groups])
    np.testing.assert_array_equal(site, dirichlet_sites(words, targets, 4, 0.5, 1))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.arange(8), np.zeros(7), 2, 1.0, 0), "one group and one label"),
        ((np.arange(8), np.zeros(8), 1, 1.0, 0), "two sites"),
        ((np.arange(8), np.zeros(8), 2, 0.0, 0), "above 0"),
        ((np.arange(8), np.zeros(8), 2, float("nan"), 0), "above 0"),
        ((np.arange(3), np.zeros(3), 2, 1.0, 0), "fewer sites"),
        ((np.array([]), np.array([]), 2, 1.0, 0), "fewer sites"),
        ((np.arange(20), np.zeros(20), 5, 1e-3, 0, 4), "larger concentration"),
    ],
)
def test_bad_input(arguments, words):
    with pytest.raises(InputError, match=words):
        dirichlet_sites(*arguments)
