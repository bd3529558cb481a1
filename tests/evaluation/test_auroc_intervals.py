"""The default interval of AUROC: its equation, its two sides, and its limits."""

import math

import numpy as np
import pytest
from scipy.stats import t as student

from helpers.evaluation.auroc_intervals import PRIOR_FREEDOM, auroc_delong, auroc_logit, auroc_newcombe
from helpers.evaluation.contributions import satterthwaite, spread_of_sum_variance, sum_variance
from helpers.evaluation.placements import placements


@pytest.fixture
def scored():
    generator = np.random.default_rng(1)
    targets = generator.permutation(np.repeat([0, 1], [34, 26]))
    return targets, generator.normal(size=60) + 1.5 * targets


def model_variance(auroc, diseased, healthy):
    number = (diseased + healthy) / 2 - 1
    spread = 1 + number * (1 - auroc) / (2 - auroc) + number * auroc / (1 + auroc)
    return auroc * (1 - auroc) * spread / (diseased * healthy)


def test_bounds_solve_the_equation_of_the_docstring(scored):
    targets, scores = scored
    parts, interval = placements(targets, scores), auroc_delong(targets, scores)
    ratio = parts.variance / model_variance(parts.auroc, 26, 34)
    drawn = (parts.freedom * ratio + PRIOR_FREEDOM) / (parts.freedom + PRIOR_FREEDOM)
    quantile = student.ppf(0.975, parts.freedom + PRIOR_FREEDOM)
    expected = quantile**2 * drawn * model_variance(interval.low, 26, 34)
    assert (interval.low - parts.auroc) ** 2 == pytest.approx(expected, rel=1e-6)
    expected = 1.959964**2 * ratio * model_variance(interval.high, 26, 34)
    assert (interval.high - parts.auroc) ** 2 == pytest.approx(expected, rel=1e-5)
    assert interval.method == "DeLong, score"


def test_reversing_the_scores_mirrors_the_interval(scored):
    targets, scores = scored
    right, wrong = auroc_delong(targets, scores), auroc_delong(targets, -scores)
    assert (wrong.low, wrong.high) == pytest.approx((1 - right.high, 1 - right.low), abs=1e-9)


def test_many_samples_make_all_methods_agree():
    generator = np.random.default_rng(2)
    targets = np.repeat([0, 1], 3000)
    scores = generator.normal(size=6000) + targets
    ours, usual = auroc_delong(targets, scores), auroc_logit(targets, scores, quantile="normal")
    assert (ours.low, ours.high) == pytest.approx((usual.low, usual.high), abs=4e-4)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99, 0.99999])
def test_higher_levels_are_wider_and_stay_inside(scored, level):
    narrow, wide = auroc_delong(*scored, level=level * 0.98), auroc_delong(*scored, level=level)
    assert 0 <= wide.low < narrow.low < narrow.value < narrow.high < wide.high <= 1


def test_effective_numbers_run_from_groups_to_samples():
    generator = np.random.default_rng(3)
    groups = np.arange(400) // 4
    targets = (groups < 50).astype(int)
    alike = generator.normal(size=100)[groups] + 1e-6 * generator.normal(size=400) + targets
    strange = generator.normal(size=400) + targets
    assert placements(targets, alike, groups).effective_numbers == pytest.approx((50, 50), rel=0.02)
    diseased, healthy = placements(targets, strange, groups).effective_numbers
    assert 120 < diseased <= 200 and 120 < healthy <= 200
    assert placements(targets, targets * 1.0, groups).effective_numbers == (50, 50)


def test_one_disturbed_pair_is_close_to_none():
    """From a perfect ranking to one with a single pair in the wrong order the interval moves, it does not jump."""
    targets = np.repeat([0, 1], 15)
    perfect = np.arange(30.0)
    disturbed = perfect.copy()
    disturbed[[14, 15]] = disturbed[[15, 14]]
    assert auroc_delong(targets, perfect).low == pytest.approx(auroc_newcombe(1, 15, 15).low)
    assert abs(auroc_delong(targets, perfect).low - auroc_delong(targets, disturbed).low) < 0.1
    assert auroc_delong(targets, disturbed).high < 1


def test_variance_of_a_sum_and_of_that_variance():
    generator = np.random.default_rng(4)
    drawn = generator.normal(size=(20000, 12))
    centered = drawn - drawn.mean(axis=1, keepdims=True)
    variances = np.array([sum_variance(row) for row in centered])
    # The sum of 12 standard normal numbers has variance 12; its estimate 12² * 2 / 11.
    assert variances.mean() == pytest.approx(12, rel=0.02)
    assert variances.var() == pytest.approx(144 * 2 / 11, rel=0.05)
    assert min(spread_of_sum_variance(row) for row in centered[:50]) > 0
    assert satterthwaite(np.array([1.0, -1.0, 1.0, -1.0])) == pytest.approx(3)
    rare = np.array([1.0] + [-1 / 99] * 99)
    assert satterthwaite(rare) < 3
    assert math.isnan(sum_variance(np.array([0.0])))
