"""Agreement of decisions, and the cases behind it."""

import numpy as np
import pytest

from helpers.evaluation import agreement
from helpers.evaluation.proportions import wilson
from helpers.runtime import InputError

TARGETS = np.array([0, 1, 1, 0, 1])
ORIGINAL = np.array([0.1, 0.9, 0.52, 0.48, 0.7])
COPY = np.array([0.2, 0.8, 0.45, 0.60, 0.7])


def test_share_of_equal_decisions_is_wilsons():
    found = agreement.decision_agreement(ORIGINAL, COPY, 0.5)
    expected = wilson(3, 5)
    assert (found.value, found.low, found.high) == (0.6, expected.low, expected.high)
    grouped = agreement.decision_agreement(ORIGINAL, COPY, 0.5, np.array([0, 0, 1, 1, 2]))
    assert grouped.high - grouped.low >= found.high - found.low


def test_a_perfect_copy_is_not_certain():
    found = agreement.decision_agreement(ORIGINAL, ORIGINAL, 0.5)
    assert found.value == 1 and found.low < 0.6


def test_cases_with_the_largest_change_come_first():
    table = agreement.disagreements(TARGETS, ORIGINAL, COPY, 0.5)
    assert table.index.tolist() == [3, 2]
    assert table["copy_right"].tolist() == [False, False]
    np.testing.assert_allclose(table["distance"], [0.02, 0.02])
    flipped = agreement.disagreements(TARGETS, COPY, ORIGINAL, 0.5)
    assert flipped["copy_right"].tolist() == [True, True]


def test_no_disagreement_is_an_empty_table():
    table = agreement.disagreements(TARGETS, ORIGINAL, ORIGINAL, 0.5)
    assert table.empty and "copy_right" in table


def test_scores_that_do_not_belong_together_are_refused():
    with pytest.raises(InputError):
        agreement.decision_agreement(ORIGINAL, COPY[:3], 0.5)
