"""Paired comparisons against the covariance written out, and their degenerate cases."""

import math

import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.comparison import delong_paired, paired_at_thresholds, paired_group_bootstrap
from helpers.evaluation.contributions import satterthwaite
from helpers.evaluation.metrics import binary_metrics
from helpers.evaluation.resampling import weighted_auprc, weighted_auroc, weighted_brier
from helpers.runtime import InputError


@pytest.fixture
def scored():
    generator = np.random.default_rng(6)
    targets = np.repeat([0, 1], [45, 35])
    common = generator.normal(size=80)
    first = common + 0.5 * generator.normal(size=80) + 1.5 * targets
    second = common + 0.5 * generator.normal(size=80) + 0.9 * targets
    return targets, first, second


def test_delong_covariance_written_out(scored):
    targets, first, second = scored
    diseased, healthy = targets == 1, targets == 0
    of_diseased = [[np.mean(s[healthy] < value) for value in s[diseased]] for s in (first, second)]
    of_healthy = [[np.mean(s[diseased] > value) for value in s[healthy]] for s in (first, second)]
    covariance = np.cov(of_diseased) / 35 + np.cov(of_healthy) / 45
    contrast = np.array([1, -1])
    error = math.sqrt(contrast @ covariance @ contrast)
    difference = roc_auc_score(targets, first) - roc_auc_score(targets, second)
    result = delong_paired(targets, first, second)
    assert result.difference == pytest.approx(difference)
    gains = [(np.subtract(*part) - np.subtract(*part).mean()) / len(part[0]) for part in (of_diseased, of_healthy)]
    freedom = satterthwaite(*gains)
    assert result.high - result.low == pytest.approx(2 * student.ppf(0.975, freedom) * error, rel=1e-6)
    assert result.p_value == pytest.approx(2 * student.sf(abs(difference) / error, freedom))


def test_exchanging_the_models_changes_the_sign_only(scored):
    targets, first, second = scored
    one, other = delong_paired(targets, first, second), delong_paired(targets, second, first)
    assert one.difference == pytest.approx(-other.difference)
    assert one.low == pytest.approx(-other.high)
    assert one.p_value == pytest.approx(other.p_value)


def test_pairing_is_narrower_than_two_intervals(scored):
    targets, first, second = scored
    paired = delong_paired(targets, first, second)
    alone = delong_paired(targets, first, np.random.default_rng(0).permutation(80) + 0.0)
    assert paired.high - paired.low < alone.high - alone.low


def test_copies_in_groups_change_nothing(scored):
    plain = delong_paired(*scored)
    copied = delong_paired(*(np.repeat(part, 5) for part in scored), groups=np.repeat(np.arange(80), 5))
    assert (copied.low, copied.high) == pytest.approx((plain.low, plain.high), abs=1e-12)
    forgotten = delong_paired(*(np.repeat(part, 5) for part in scored))
    assert forgotten.p_value < plain.p_value


def test_two_perfect_models_are_undecided_not_equal():
    targets = np.repeat([0, 1], 20)
    result = delong_paired(targets, targets * 1.0, targets * 2.0)
    assert result.difference == 0 and math.isnan(result.p_value) and not result.decided
    assert result.low < -0.02 and result.high > 0.02


def test_a_perfect_ranking_of_few_is_not_known_to_be_perfect(scored):
    """The interval of the difference is at least as wide as that of the perfect model alone, on that side."""
    targets, first, _ = scored
    result = delong_paired(targets, targets, first)
    alone = auroc_delong(targets, targets)
    assert result.method == "separate intervals"
    assert result.difference - result.low >= 1 - alone.low
    turned = delong_paired(targets, first, targets)
    assert (turned.low, turned.high) == pytest.approx((-result.high, -result.low))


def test_bootstrap_agrees_with_delong(scored):
    formula = delong_paired(*scored)
    drawn = paired_group_bootstrap(weighted_auroc, *scored, resamples=2000)
    assert drawn.difference == pytest.approx(formula.difference)
    assert drawn.low == pytest.approx(formula.low, abs=0.02)
    assert drawn.high == pytest.approx(formula.high, abs=0.02)
    assert drawn.decided == formula.decided


def test_bootstrap_is_deterministic_and_its_p_value_never_zero(scored):
    targets, first, _ = scored
    runs = [paired_group_bootstrap(weighted_auprc, targets, first, -first, resamples=300, seed=5) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0].p_value == pytest.approx(2 / 301)


def test_identical_models_have_a_width():
    targets = np.repeat([0, 1], 20)
    probability = np.linspace(0.1, 0.9, 40)
    result = paired_group_bootstrap(weighted_brier, targets, probability, probability, resamples=200)
    assert result.difference == 0 and result.low < 0 < result.high


@pytest.mark.parametrize("metric", ["f1", "accuracy"])
def test_each_model_is_judged_at_its_own_threshold(scored, metric):
    targets, first, second = (scored[0], *(1 / (1 + np.exp(-score)) for score in scored[1:]))
    compared = paired_at_thresholds(metric, targets, first, second, (0.6, 0.4), resamples=300)
    assert compared.first == pytest.approx(binary_metrics(targets, first, 0.6)[metric])
    assert compared.second == pytest.approx(binary_metrics(targets, second, 0.4)[metric])
    assert compared.low < compared.difference < compared.high
    mirrored = paired_at_thresholds(metric, targets, second, first, (0.4, 0.6), resamples=300)
    assert (mirrored.low, mirrored.high) == pytest.approx((-compared.high, -compared.low))


def test_paired_accuracy_has_the_variance_of_its_contributions(scored):
    """The difference is a mean of -1, 0 and 1; with groups of copies it is as uncertain as without the copies."""
    targets, first, second = scored
    groups = np.arange(80)
    copied = [np.repeat(part, 4) for part in (targets, first, second, groups)]
    compared = paired_at_thresholds("accuracy", *copied[:3], (0.8, 0.5), copied[3], resamples=2000)
    gain = ((first >= 0.8) == (targets == 1)).astype(float) - ((second >= 0.5) == (targets == 1))
    # Groups are drawn within the classes.
    error = math.sqrt(sum(gain[targets == label].var() * np.sum(targets == label) for label in (0, 1))) / 80
    assert compared.difference == pytest.approx(gain.mean())
    assert compared.high - compared.low == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_bad_input(scored):
    with pytest.raises(InputError, match="threshold"):
        paired_at_thresholds("auroc", *scored, (0.5, 0.5))
    with pytest.raises(InputError):
        paired_group_bootstrap(weighted_auroc, *scored, resamples=5)
    with pytest.raises(InputError):
        delong_paired(scored[0], scored[1], scored[2][:-1])
