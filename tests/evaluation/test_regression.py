"""Errors of predicted numbers: by hand, against scipy, and how often the intervals hold the truth."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from helpers.evaluation.regression import absolute_error_difference, correlation, mean_absolute_error
from helpers.runtime import InputError

GROUPS, SAMPLES = 20, 10


def study(generator, spread=1.0):
    """Errors of 20 patients with 10 tiles each; half of their variance belongs to the patient."""
    group = np.repeat(np.arange(GROUPS), SAMPLES)
    noise = generator.normal(size=GROUPS)[group] + generator.normal(size=len(group))
    return group, spread * noise / np.sqrt(2)


def test_value_by_hand():
    found = mean_absolute_error([1.0, 2.0, 3.0, 10.0], [2.0, 2.0, 5.0, 7.0])
    assert found.value == pytest.approx((1 + 0 + 2 + 3) / 4)
    assert 0 < found.low < found.value < found.high


def test_units_do_not_matter():
    group, noise = study(np.random.default_rng(3))
    one, thousand = (mean_absolute_error(np.zeros(200), scale * noise, group) for scale in (1, 1000))
    assert [1000 * one.low, 1000 * one.high] == pytest.approx([thousand.low, thousand.high])


def test_interval_holds_the_truth_as_often_as_it_says():
    # |N(0, 1)| has mean sqrt(2 / pi); three standard errors of a share of .95 in 600 studies are .027.
    truth = np.sqrt(2 / np.pi)
    held = []
    for number in range(600):
        group, noise = study(np.random.default_rng(number))
        found = mean_absolute_error(np.zeros(len(noise)), noise, group, resamples=200, seed=number)
        held.append(found.low <= truth <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.027)


def test_single_samples_instead_of_groups_promise_too_much():
    held = []
    for number in range(200):
        group, noise = study(np.random.default_rng(number))
        shifted = 3 + noise  # all errors on one side, so that the patients' shares do not cancel
        found = mean_absolute_error(np.zeros(len(noise)), shifted, None, resamples=200, seed=number)
        held.append(found.low <= 3.0 <= found.high)
    assert np.mean(held) < 0.8


def test_correlation_equals_scipy():
    generator = np.random.default_rng(0)
    truth = generator.normal(size=300)
    predicted = truth + generator.normal(size=300)
    found, expected = correlation(truth, predicted, resamples=2000), pearsonr(truth, predicted)
    assert found.value == pytest.approx(expected.statistic, abs=1e-12)
    bounds = expected.confidence_interval(0.95)
    assert [found.low, found.high] == pytest.approx([bounds.low, bounds.high], abs=0.015)


@pytest.mark.parametrize("predicted", [np.full(6, 2.0), np.arange(6.0)])
def test_correlation_at_its_ends(predicted):
    found = correlation(np.arange(6.0), predicted)
    if np.ptp(predicted):
        assert found.value == pytest.approx(1) and found.high <= 1
    else:
        assert np.isnan(found.value) and (found.low, found.high) == (-1, 1)


def test_paired_difference_by_hand_and_with_its_sign():
    truth = np.zeros(4)
    first, second = np.array([1.0, 1.0, 2.0, 0.0]), np.array([2.0, 3.0, 2.0, 1.0])
    found = absolute_error_difference(truth, first, second)
    assert (found.first, found.second, found.difference) == pytest.approx((1.0, 2.0, -1.0))
    turned = absolute_error_difference(truth, second, first)
    assert (turned.difference, turned.low, turned.high) == pytest.approx((1.0, -found.high, -found.low))


def test_pairing_sees_what_two_intervals_do_not():
    group, noise = study(np.random.default_rng(1))
    truth = np.zeros(len(noise))
    better, worse = 5 + noise, 5.3 + noise
    alone = [mean_absolute_error(truth, predicted, group) for predicted in (better, worse)]
    assert alone[0].high > alone[1].low
    found = absolute_error_difference(truth, better + 0.05 * noise[::-1], worse, group)
    assert found.decided and found.high < 0 and found.p_value < 0.05


def test_chance_decides_as_often_as_the_level_says():
    decided = []
    for number in range(400):
        generator = np.random.default_rng(number)
        group, first = study(generator)
        _, second = study(generator)
        decided.append(absolute_error_difference(np.zeros(200), first, second, group, resamples=200).decided)
    assert np.mean(decided) == pytest.approx(0.05, abs=0.033)


def test_nothing_is_made_up_where_groups_do_not_differ():
    found = mean_absolute_error(np.zeros(6), np.full(6, 2.0), np.arange(6) // 2)
    assert found.value == 2 and np.isnan(found.low) and np.isnan(found.high)
    same = absolute_error_difference(np.zeros(6), np.arange(6.0), np.arange(6.0))
    assert same.difference == 0 and np.isnan(same.low) and not same.decided


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (([1.0, 2.0], [1.0]), "shape"),
        (([], []), "shape"),
        (([1.0, np.nan], [1.0, 2.0]), "finite"),
        (([1.0, 2.0], [1.5, 2.5], [0, 0]), "one group"),
        (([1.0, 2.0], [1.5, 2.5], None, 10), "resamples"),
    ],
)
def test_bad_input(arguments, word):
    with pytest.raises(InputError, match=word):
        mean_absolute_error(*arguments)
