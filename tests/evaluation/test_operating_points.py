"""Operating points: counts by hand, and a promise that is kept as often as it says."""

import numpy as np
import pytest
from scipy.stats import beta, norm
from sklearn.metrics import roc_curve

from helpers.evaluation.comparison import paired_group_bootstrap
from helpers.evaluation.metrics import choose_threshold
from helpers.evaluation.operating_points import (
    cautious_threshold,
    cost_of_caution,
    operating_table,
    operating_text,
    specificity_at_sensitivity,
)
from helpers.evaluation.proportions import lower_bound, wilson
from helpers.evaluation.resampling import group_weights, per_resample, weighted_specificity_at
from helpers.runtime import InputError


def drawn(seed, groups=300, samples=1, shift=3.0):
    """Half of the patients diseased; images of a patient share half of their noise."""
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), samples)
    targets = (group < groups // 2).astype(int)
    noise = np.sqrt(0.5) * (generator.normal(size=groups)[group] + generator.normal(size=len(group)))
    return targets, norm.cdf(noise + shift * targets - shift / 2), group


def true_sensitivity(threshold, shift=3.0):
    return norm.sf(norm.ppf(threshold) - shift / 2)


def test_lower_bound_is_clopper_and_pearson():
    hits = np.repeat([1, 0], [57, 3])
    assert lower_bound(hits) == pytest.approx(beta.ppf(0.05, 57, 4))
    assert lower_bound(np.ones(59)) == pytest.approx(0.05 ** (1 / 59))
    assert lower_bound(np.zeros(5)) == 0.0
    assert lower_bound(np.ones(100), np.repeat(np.arange(20), 5)) == pytest.approx(0.05 ** (1 / 20))


def test_cautious_threshold_by_hand():
    """100 diseased: with 1 missed the bound is .953, with 2 it is .938; so the second lowest score is the last kept."""
    targets = np.repeat([1, 0], [100, 50])
    probability = np.concatenate([np.linspace(0.4, 0.9, 100), np.full(50, 0.1)])
    chosen = cautious_threshold(targets, probability)
    assert chosen.reached and chosen.needed == 59
    assert chosen.bound == pytest.approx(beta.ppf(0.05, 99, 2))
    assert beta.ppf(0.05, 98, 3) < 0.95 < chosen.bound
    assert np.sort(probability[:100])[0] < chosen.threshold <= np.sort(probability[:100])[1]
    assert chosen.threshold < choose_threshold(targets, probability, "sensitivity", 0.95)


def test_too_few_diseased_cannot_promise():
    targets, probability = np.repeat([1, 0], [58, 40]), np.r_[np.full(58, 0.9), np.full(40, 0.1)]
    chosen = cautious_threshold(targets, probability)
    assert not chosen.reached and chosen.threshold == 0.0
    assert chosen.bound == pytest.approx(0.05 ** (1 / 58))
    assert cautious_threshold(np.r_[targets, 1], np.r_[probability, 0.9]).reached


@pytest.mark.parametrize(("groups", "samples"), [(300, 1), (200, 4)])
def test_the_promise_is_kept_as_often_as_it_says(groups, samples):
    kept, plain = [], []
    for seed in range(250):
        targets, probability, group = drawn(seed, groups, samples)
        chosen = cautious_threshold(targets, probability, group, sensitivity=0.9)
        kept.append(true_sensitivity(chosen.threshold) >= 0.9)
        plain.append(true_sensitivity(choose_threshold(targets, probability, "sensitivity", 0.9)) >= 0.9)
    # 250 repetitions know a share of .95 to about .03; the discreteness of the bound leaves a little over.
    assert 0.92 <= np.mean(kept) <= 1
    assert np.mean(plain) < 0.75


def test_forgetting_groups_breaks_the_promise():
    kept = []
    for seed in range(150):
        targets, probability, _ = drawn(seed, 60, 10)
        kept.append(true_sensitivity(cautious_threshold(targets, probability, None, 0.9).threshold) >= 0.9)
    assert np.mean(kept) < 0.9


def test_table_by_hand():
    targets = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    probability = np.array([0.9, 0.8, 0.6, 0.2, 0.7, 0.4, 0.3, 0.1])
    table = operating_table({"half": 0.5, "low": 0.2}, targets, probability)
    assert table["sensitivity"].tolist() == [0.75, 1.0] and table["specificity"].tolist() == [0.75, 0.25]
    assert table["missed"].tolist() == [1, 0] and table["false_alarms"].tolist() == [1, 3]
    assert table.loc["half", "sensitivity_low"] == pytest.approx(wilson(3, 4).low)
    assert table.loc["low", "specificity_high"] == pytest.approx(wilson(1, 4).high)


def test_cost_of_caution_is_the_difference_of_the_specificities():
    targets, probability, group = drawn(1, 100, 3)
    table = operating_table({"plain": 0.5, "cautious": 0.3}, targets, probability, group)
    cost = cost_of_caution(targets, probability, 0.5, 0.3, group)
    assert cost.value == pytest.approx(table.loc["plain", "specificity"] - table.loc["cautious", "specificity"])
    assert cost.low < cost.value < cost.high
    with pytest.raises(InputError, match="exchange"):
        cost_of_caution(targets, probability, 0.3, 0.5)


def test_threshold_for_a_specificity():
    targets, probability = np.repeat([0, 1], [10, 3]), np.r_[np.arange(10) / 10, 0.35, 0.55, 0.65]
    chosen = choose_threshold(targets, probability, "specificity", 0.6)
    assert np.mean(probability[:10] < chosen) == pytest.approx(0.6)
    assert choose_threshold(targets, probability, "specificity", 1.0) > 0.9


def on_curve(targets, scores, sample_weight):
    alarms, found, _ = roc_curve(targets, scores, sample_weight=sample_weight, drop_intermediate=False)
    return 1 - alarms[found >= 0.9 - 1e-12].min()


def test_specificity_on_the_curve_equals_scikit_learn():
    targets, probability, group = drawn(2, 80, 2, shift=1.5)
    weights = next(group_weights(targets, group, 20, seed=0))
    expected = per_resample(on_curve)(targets, probability, weights)
    np.testing.assert_allclose(weighted_specificity_at(0.9)(targets, probability, weights), expected, rtol=1e-12)
    interval = specificity_at_sensitivity(targets, probability, group, 0.9, resamples=300)
    assert interval.value == pytest.approx(on_curve(targets, probability, None))
    assert interval.low < interval.value < interval.high


def test_two_models_at_the_same_sensitivity():
    targets, probability, group = drawn(3, 200, shift=3.0)
    worse = norm.cdf(norm.ppf(probability) + 1.5 * np.random.default_rng(0).normal(size=200))
    result = paired_group_bootstrap(weighted_specificity_at(0.9), targets, probability, worse, group, resamples=300)
    assert result.decided and result.difference > 0


def test_perfect_ranking_has_a_width():
    targets = np.repeat([0, 1], 30)
    interval = specificity_at_sensitivity(targets, targets * 0.8 + 0.1, resamples=200)
    assert interval.value == 1 and interval.low < 0.95


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: cautious_threshold([1, 0], [0.5, 0.4], sensitivity=1.0), "nobody can promise"),
        (lambda: cautious_threshold([1, 0], [0.5, 0.4], level=0.4), "confidence level"),
        (lambda: cautious_threshold([1, 1], [0.5, 0.4]), "both classes"),
        (lambda: operating_table({}, [1, 0], [0.5, 0.4]), "no rule"),
        (lambda: weighted_specificity_at(0.0), "minimum sensitivity"),
        (lambda: choose_threshold([1, 0], [0.5, 0.4], "specificity"), "minimum"),
    ],
)
def test_bad_input(call, word):
    with pytest.raises(InputError, match=word):
        call()


def test_the_table_for_reading_holds_the_same_numbers():
    targets, probability = np.array([1, 1, 1, 1, 0, 0]), np.array([0.9, 0.8, 0.7, 0.2, 0.6, 0.1])
    table = operating_table({"half": 0.5}, targets, probability)
    row = operating_text(table).loc["half"]
    assert row["sensitivity"] == f"0.75 ({table.sensitivity_low['half']:.2f} to {table.sensitivity_high['half']:.2f})"
    assert (row["threshold"], row["missed"], row["false alarms"]) == (0.5, 1, 1)
