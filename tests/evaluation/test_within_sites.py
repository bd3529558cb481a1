"""AUROC within sites: knowing the hospital is worth nothing, and the intervals cover."""

import numpy as np
import pytest

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.comparison import delong_paired
from helpers.evaluation.within_sites import auroc_within, paired_within
from helpers.runtime import InputError

SHARES = (0.9, 0.4, 0.2)


def patients(generator, per_site=60, separation=1.0):
    """Three hospitals of different prevalence; the second score is a noisy copy of the first."""
    sites = np.repeat(np.arange(3), per_site)
    targets = (generator.random(len(sites)) < np.array(SHARES)[sites]).astype(int)
    first = generator.normal(separation * targets)
    return targets, first, first + generator.normal(0, 0.7, len(sites)), sites


def test_counting_pairs_by_hand():
    targets = np.array([0, 0, 1, 1, 0, 0, 1, 1, 1])
    sites = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    scores = np.array([1, 3, 2, 4, 10, 20, 10, 30, 5.0])
    # Site 0: 3 of 4 pairs. Site 1: (10, 10) half, (10, 30), (20, 30) right, the other three wrong: 2.5 of 6.
    assert auroc_within(targets, scores, sites).value == pytest.approx(5.5 / 10)


def test_knowing_nothing_but_the_hospital_is_worth_nothing():
    targets, _, _, sites = patients(np.random.default_rng(0), per_site=200)
    hospital = np.array(SHARES)[sites]
    assert auroc_delong(targets, hospital).low > 0.75
    assert auroc_within(targets, hospital, sites).value == pytest.approx(0.5)


def test_one_site_is_plain_delong():
    targets, first, second, sites = patients(np.random.default_rng(1))
    one = sites * 0
    expected, found = delong_paired(targets, first, second), paired_within(targets, first, second, one)
    assert found.difference == pytest.approx(expected.difference)
    assert found.first == pytest.approx(auroc_delong(targets, first).value)
    # The same standard error; DeLong's helper takes a t quantile, a little wider.
    assert 1 <= (expected.high - expected.low) / (found.high - found.low) < 1.05


def test_what_is_added_to_all_scores_of_a_site_changes_nothing():
    targets, first, second, sites = patients(np.random.default_rng(2))
    moved = first + np.array([0, 5, -3])[sites]
    assert auroc_within(targets, moved, sites) == auroc_within(targets, first, sites)
    assert paired_within(targets, moved, second, sites) == paired_within(targets, first, second, sites)


def test_intervals_cover_the_truth():
    """Both scores have known AUROCs within sites: normal distributions, Phi(separation / sqrt(2 (1 + noise²)))."""
    from scipy.stats import norm

    truths = [norm.cdf(1 / np.sqrt(2)), norm.cdf(1 / np.sqrt(2 * (1 + 0.7**2)))]
    covered = []
    for seed in range(150):
        targets, first, second, sites = patients(np.random.default_rng(seed))
        value, gap = auroc_within(targets, first, sites), paired_within(targets, first, second, sites)
        covered.append([value.low <= truths[0] <= value.high, gap.low <= truths[0] - truths[1] <= gap.high])
    # 150 studies know a coverage of .95 to within ± .036
    np.testing.assert_allclose(np.mean(covered, axis=0), 0.95, atol=0.036)


def test_twins_in_a_group_do_not_narrow_the_interval():
    targets, first, _, sites = patients(np.random.default_rng(3))
    alone = auroc_within(targets, first, sites)
    patient = np.repeat(np.arange(len(targets)), 4)
    copied = auroc_within(*(np.repeat(values, 4) for values in (targets, first, sites)), patient)
    assert copied.value == pytest.approx(alone.value)
    assert copied.width == pytest.approx(alone.width, rel=0.02)


def test_sites_without_two_of_a_class_have_no_say_and_equal_models_a_wide_interval():
    targets, first, second, sites = patients(np.random.default_rng(4))
    lonely = np.append(targets, [0, 1, 1]), np.append(sites, [7, 7, 7])
    assert auroc_within(lonely[0], np.append(first, [9, 1, 1]), lonely[1]) == auroc_within(targets, first, sites)
    equal = paired_within(targets, first, first, sites)
    assert equal.difference == 0 and equal.low < 0 < equal.high


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((np.array([0, 1, 1]), np.arange(3.0), np.zeros(3)), "two groups of each class"),
        ((np.array([0, 1, 0, 1]), np.arange(4.0), np.zeros(3)), "one each"),
    ],
)
def test_bad_input(arguments, words):
    with pytest.raises(InputError, match=words):
        auroc_within(*arguments)
