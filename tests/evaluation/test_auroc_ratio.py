"""The ratio of two AUROCs: paired, by groups, and right in repeated studies."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.auroc_ratio import auroc_ratio
from helpers.runtime import InputError

GENERATOR = np.random.default_rng(0)
TARGETS = np.tile([0, 1], 100)
STRONG = TARGETS + GENERATOR.normal(0, 0.7, 200)
WEAK = STRONG + GENERATOR.normal(0, 1.0, 200)


def test_value_is_the_ratio_of_both():
    found = auroc_ratio(TARGETS, WEAK, STRONG)
    assert found.value == pytest.approx(roc_auc_score(TARGETS, WEAK) / roc_auc_score(TARGETS, STRONG))
    assert found.low < found.value < found.high


def test_a_model_is_all_of_itself_on_these_samples():
    """The same ranking here need not be the same everywhere: the interval has a width, and 1 in its middle."""
    found = auroc_ratio(TARGETS, 2 * STRONG + 1, STRONG)
    assert found.value == pytest.approx(1)
    assert found.low < 0.99 and found.high == pytest.approx(1 / found.low)


def test_a_perfect_model_may_be_less_than_perfect_elsewhere():
    perfect = auroc_ratio(TARGETS, TARGETS, STRONG)
    assert perfect.value == pytest.approx(1 / roc_auc_score(TARGETS, STRONG))
    own = auroc_delong(TARGETS, STRONG)
    assert perfect.high == pytest.approx(1 / own.low) and perfect.low < 1 / own.high
    assert perfect.method == "separate intervals"


def test_the_interval_covers_the_ratio_of_normal_scores():
    """95 of 100 studies: 400 of them miss at most 8 % (binomial, three standard errors above 5 %)."""
    truth = norm.cdf(1 / np.sqrt(2)) / norm.cdf(1.5 / np.sqrt(2))
    generator, targets, missed = np.random.default_rng(1), np.tile([0, 1], 40), 0
    for _ in range(400):
        strong = 1.5 * targets + generator.normal(size=80)
        weak = 1.0 * targets + generator.normal(size=80)
        found = auroc_ratio(targets, weak, strong, resamples=200)
        missed += not found.low <= truth <= found.high
    assert missed <= 33


def test_swapped_labels_are_named():
    with pytest.raises(InputError, match="swapped"):
        auroc_ratio(TARGETS, STRONG, -TARGETS)


def test_whole_groups_make_it_wider():
    repeated = [np.repeat(some, 5) for some in (TARGETS, WEAK, STRONG)]
    grouped = auroc_ratio(*repeated, groups=np.repeat(np.arange(200), 5))
    single = auroc_ratio(*repeated)
    assert grouped.high - grouped.low > 1.7 * (single.high - single.low)


def test_few_resamples_are_refused():
    with pytest.raises(InputError, match="resamples"):
        auroc_ratio(TARGETS, WEAK, STRONG, resamples=10)
