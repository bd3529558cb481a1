"""The ratio of two AUROCs: paired, by groups, and right in repeated studies."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

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


def test_a_model_is_all_of_itself():
    found = auroc_ratio(TARGETS, 2 * STRONG + 1, STRONG)
    assert (found.value, found.low, found.high) == (1, 1, 1)


def test_whole_groups_make_it_wider():
    repeated = [np.repeat(some, 5) for some in (TARGETS, WEAK, STRONG)]
    grouped = auroc_ratio(*repeated, groups=np.repeat(np.arange(200), 5))
    single = auroc_ratio(*repeated)
    assert grouped.high - grouped.low > 1.7 * (single.high - single.low)


def test_few_resamples_are_refused():
    with pytest.raises(InputError, match="resamples"):
        auroc_ratio(TARGETS, WEAK, STRONG, resamples=10)
