"""The bootstrap: weighted statistics against scikit-learn, groups kept whole, no zero width."""

import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, roc_auc_score

from helpers.evaluation.placements import placements
from helpers.evaluation.proportions import wilson
from helpers.evaluation.resampling import (
    group_bootstrap,
    group_weights,
    per_resample,
    weighted_auprc,
    weighted_auroc,
    weighted_brier,
    weighted_f1,
)
from helpers.runtime import InputError


@pytest.fixture
def scored():
    generator = np.random.default_rng(4)
    groups = np.repeat(np.arange(40), 3)
    targets = (groups % 2 == 0).astype(int)
    scores = np.round(1 / (1 + np.exp(-(generator.normal(size=120) + 2 * targets - 1))), 2)  # with ties
    return targets, scores, groups


@pytest.mark.parametrize(
    ("statistic", "metric"),
    [
        (weighted_auroc, roc_auc_score),
        (weighted_auprc, average_precision_score),
        (weighted_brier, brier_score_loss),
        (weighted_f1(0.5), lambda t, s, sample_weight: f1_score(t, s >= 0.5, sample_weight=sample_weight)),
    ],
)
def test_weighted_statistics_equal_scikit_learn(scored, statistic, metric):
    targets, scores, groups = scored
    weights = next(group_weights(targets, groups, 25, seed=1))
    expected = per_resample(metric)(targets, scores, weights)
    np.testing.assert_allclose(statistic(targets, scores, weights), expected, rtol=1e-12)


def test_resamples_draw_whole_groups_within_classes(scored):
    targets, _, groups = scored
    weights = next(group_weights(targets, groups, 50, seed=0))
    for group in range(40):
        assert (weights[:, groups == group] == weights[:, groups == group][:, :1]).all()
    np.testing.assert_array_equal(weights[:, targets == 1].sum(axis=1), 60)
    np.testing.assert_array_equal(weights[:, targets == 0].sum(axis=1), 60)
    assert len({tuple(row) for row in weights}) > 40


def test_groups_of_both_classes_are_drawn_from_all(scored):
    targets, _, _ = scored
    weights = next(group_weights(targets, np.arange(120) % 20, 50, seed=0))
    np.testing.assert_array_equal(weights.sum(axis=1), 120)
    assert np.ptp(weights @ targets) > 0


def test_weights_do_not_depend_on_the_size_of_the_pieces(scored, monkeypatch):
    targets, scores, groups = scored
    whole = group_bootstrap(weighted_auprc, targets, scores, groups, resamples=200)
    monkeypatch.setattr("helpers.evaluation.resampling.CELLS", 120 * 200 // 4)
    pieces = group_bootstrap(weighted_auprc, targets, scores, groups, resamples=200)
    # Multinomial draws for two classes alternate per piece, so only the distribution is the same.
    assert pieces.width == pytest.approx(whole.width, rel=0.3)


def test_same_seed_same_interval_other_seed_other_interval(scored):
    first, again = (group_bootstrap(weighted_auprc, *scored, resamples=200, seed=3) for _ in range(2))
    other = group_bootstrap(weighted_auprc, *scored, resamples=200, seed=4)
    assert first == again
    assert first.low != other.low


def test_bootstrap_of_the_auroc_agrees_with_its_formula(scored):
    targets, scores, groups = scored
    parts = placements(targets, scores, groups)
    interval = group_bootstrap(weighted_auroc, targets, scores, groups, resamples=4000)
    logit = math.log(interval.high / (1 - interval.high)) - math.log(interval.low / (1 - interval.low))
    expected = 2 * 2.093024 * math.sqrt(parts.variance) / (parts.auroc * (1 - parts.auroc))  # t, 19 degrees of freedom
    assert logit == pytest.approx(expected, rel=0.06)


def test_percentile_scale_holds_the_central_resamples(scored):
    targets, scores, groups = scored
    interval = group_bootstrap(weighted_brier, targets, scores, groups, resamples=500, scale="percentile", seed=2)
    drawn = weighted_brier(targets, scores, np.concatenate(list(group_weights(targets, groups, 500, seed=2))))
    assert np.mean((drawn >= interval.low) & (drawn <= interval.high)) == pytest.approx(0.95, abs=0.005)


def test_copies_in_groups_change_little_forgetting_groups_narrows(scored):
    targets, scores, groups = scored
    copied = np.repeat(targets, 4), np.repeat(scores, 4), np.repeat(groups, 4)
    plain = group_bootstrap(weighted_brier, *scored, resamples=500)
    assert group_bootstrap(weighted_brier, *copied, resamples=500).width == pytest.approx(plain.width, rel=1e-9)
    assert group_bootstrap(weighted_brier, *copied[:2], resamples=500).width < 0.7 * plain.width


@pytest.mark.parametrize("scale", ["logit", "percentile"])
@pytest.mark.parametrize("statistic", [weighted_auroc, weighted_auprc, weighted_f1(0.5)])
def test_perfect_scores_have_a_width(statistic, scale):
    targets = np.repeat([0, 1], 30)
    groups = np.arange(60) // 3
    interval = group_bootstrap(statistic, targets, targets * 0.8 + 0.1, groups, scale=scale)
    assert interval.value == 1
    assert interval.low == pytest.approx(wilson(10, 10).low)


def test_seeds_are_averaged(scored):
    targets, scores, groups = scored
    rows = np.stack([scores, scores[::-1]])
    interval = group_bootstrap(weighted_brier, targets, rows, groups, resamples=200)
    assert interval.value == pytest.approx(np.mean([brier_score_loss(targets, row) for row in rows]))


def test_undefined_statistic():
    interval = group_bootstrap(weighted_auprc, np.zeros(10, dtype=int), np.linspace(0, 1, 10))
    assert math.isnan(interval.value) and (interval.low, interval.high) == (0, 1)


def test_bad_input(scored):
    with pytest.raises(InputError, match="resamples"):
        group_bootstrap(weighted_auprc, *scored, resamples=10)
    with pytest.raises(InputError, match="scale"):
        group_bootstrap(weighted_auprc, *scored, scale="bca")
