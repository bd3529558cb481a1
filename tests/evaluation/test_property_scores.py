"""Scores of foretold properties: closed forms, gaps, and intervals that cover."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from helpers.evaluation import property_scores, regression
from helpers.runtime import InputError


@pytest.fixture
def assays():
    generator = np.random.default_rng(4)
    groups = np.repeat(np.arange(60), 2)
    targets = generator.integers(0, 2, size=(120, 3)).astype(float)
    scores = targets * 0.8 + generator.normal(size=(120, 3))
    targets[generator.random((120, 3)) < 0.2] = np.nan
    return targets, scores, groups


def test_root_mean_squared_error_by_hand():
    found = regression.root_mean_squared_error(np.zeros(4), np.array([1.0, -1.0, 3.0, 1.0]))
    assert found.value == pytest.approx(np.sqrt(12 / 4)) and found.low < found.value < found.high
    flat = regression.root_mean_squared_error(np.zeros(3), np.ones(3))
    assert flat.value == 1 and np.isnan(flat.low)


def test_the_interval_of_a_root_mean_squared_error_covers():
    generator = np.random.default_rng(1)
    hits = 0
    for number in range(200):
        found = regression.root_mean_squared_error(np.zeros(80), generator.normal(size=80), resamples=200, seed=number)
        hits += found.low <= 1 <= found.high
    assert 180 <= hits <= 198  # binomial: 190 expected of 200, three standard deviations are 9


def test_a_paired_difference_knows_what_the_models_share():
    generator = np.random.default_rng(2)
    targets, shared = generator.normal(size=300), generator.normal(size=300)
    first, second = targets + shared, targets + 1.2 * shared
    gap = regression.root_mean_squared_error_difference(targets, first, second)
    assert gap.difference == pytest.approx(-0.2 * np.sqrt(np.mean(shared**2))) and gap.high < 0 and gap.p_value < 0.01
    alone = regression.root_mean_squared_error(targets, first)
    assert gap.high - gap.low < (alone.high - alone.low) / 2  # unpaired, the interval would be wider than each alone
    same = regression.root_mean_squared_error_difference(targets, first, first)
    assert same.difference == 0 and np.isnan(same.low) and not same.decided


def test_mean_auroc_is_the_mean_over_measured_cells(assays):
    targets, scores, groups = assays
    by_hand = np.mean(
        [
            roc_auc_score(targets[measured, k], scores[measured, k])
            for k in range(3)
            for measured in [~np.isnan(targets[:, k])]
        ]
    )
    found = property_scores.score("multilabel", targets, scores, groups, 200)
    assert found.value == pytest.approx(by_hand) and found.low < by_hand < found.high


def test_a_property_with_one_class_is_left_out(assays):
    targets, scores, groups = assays
    with_one = np.column_stack([targets, np.ones(120)])
    more = property_scores.score("multilabel", with_one, np.column_stack([scores, scores[:, 0]]), groups, 100)
    assert more.value == pytest.approx(property_scores.score("multilabel", targets, scores, groups, 100).value)
    with pytest.raises(InputError, match="no property was measured on molecules of both classes"):
        property_scores.score("multilabel", np.ones((120, 2)), scores[:, :2], groups, 100)


def test_differences_are_paired_and_signed(assays):
    targets, scores, groups = assays
    worse = np.random.default_rng(0).normal(size=scores.shape)
    gap = property_scores.difference("multilabel", targets, scores, worse, groups, 300)
    assert gap.difference == pytest.approx(gap.first - gap.second) and gap.low > 0 and gap.p_value < 0.05
    single = property_scores.difference("binary", (targets[:, 0] > 0).astype(int), scores[:, :1], worse[:, :1], groups)
    assert single.first == pytest.approx(roc_auc_score(targets[:, 0] > 0, scores[:, 0]))


def test_absolute_errors_skip_what_was_not_measured():
    targets = np.array([[1.0, np.nan], [0.0, 1.0]])
    answers = np.array([[0.75, 0.5], [0.5, 0.0]])
    np.testing.assert_allclose(property_scores.absolute_errors(targets, answers), [0.25, 0.75])
    np.testing.assert_allclose(property_scores.absolute_errors(np.array([1.0, 3.0]), np.array([[2.0], [1.0]])), [1, 2])


def test_wrong_questions(assays):
    targets, scores, groups = assays
    with pytest.raises(InputError, match="'unlabeled' has no measure"):
        property_scores.score("unlabeled", targets, scores, groups)
    with pytest.raises(InputError, match="give \\(molecules, 1\\)"):
        property_scores.score("regression", targets[:, 0], scores, groups)
    with pytest.raises(InputError, match="99 resamples are too few"):
        property_scores.score("multilabel", targets, scores, groups, 99)


def test_indecision_is_nearness_to_one_half_over_what_was_measured():
    targets = np.array([[1.0, np.nan], [0.0, 1.0]])
    answers = np.array([[0.75, 0.5], [0.5, 0.0]])
    np.testing.assert_allclose(property_scores.indecision(targets, answers), [0.25, 0.25])
    np.testing.assert_allclose(property_scores.indecision(np.array([0, 1]), np.array([[0.5], [1.0]])), [0.5, 0.0])


def test_a_partial_rank_correlation_is_that_of_the_formula():
    generator = np.random.default_rng(0)
    given = generator.normal(size=300)
    errors, signal = given + generator.normal(size=300), np.exp(given + generator.normal(size=300))
    groups = np.arange(300)
    both, first, second = (spearmanr(*pair)[0] for pair in ((errors, signal), (errors, given), (signal, given)))
    assert property_scores.rank_correlation(errors, signal, groups).value == pytest.approx(both)
    expected = (both - first * second) / np.sqrt((1 - first**2) * (1 - second**2))
    assert property_scores.rank_correlation(errors, signal, groups, given).value == pytest.approx(expected)


def test_the_interval_of_a_partial_rank_correlation_covers_zero_where_only_the_given_acts():
    generator = np.random.default_rng(1)
    hits = 0
    for _ in range(120):
        given = generator.normal(size=150)
        errors, signal = given + generator.normal(size=150), given + generator.normal(size=150)
        found = property_scores.rank_correlation(errors, signal, np.arange(150), given)
        hits += found.low <= 0 <= found.high
    assert hits >= 106  # binomial: 114 expected of 120, three standard deviations are 7
