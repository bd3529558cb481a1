"""Net benefit against values worked out by hand."""

import numpy as np
import pytest

from helpers.evaluation.decisions import decision_curve, net_benefit, net_benefit_treat_all
from helpers.runtime import InputError

TARGETS = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
SAID = np.array([0.9, 0.6, 0.15, 0.7, 0.3, 0.2, 0.1, 0.05, 0.05, 0.0])


def test_net_benefit_by_hand():
    # From 0.2 on: two true and three false positives of ten; odds 0.2 / 0.8 = 1 / 4.
    assert net_benefit(TARGETS, SAID, 0.2) == pytest.approx(2 / 10 - 3 / 10 / 4)
    # From 0.5 on: two true, one false, odds 1.
    assert net_benefit(TARGETS, SAID, 0.5) == pytest.approx(1 / 10)
    assert net_benefit(TARGETS, SAID, 0.95) == 0


def test_treating_all_has_no_benefit_at_the_prevalence():
    assert net_benefit_treat_all(0.3, 0.3) == pytest.approx(0)
    assert net_benefit_treat_all(0.3, 0.1) == pytest.approx(0.3 - 0.7 / 9)
    assert net_benefit_treat_all(0.3, 0.5) == pytest.approx(-0.4)


def test_curve_holds_model_and_both_policies():
    curve = decision_curve(TARGETS, SAID, [0.2, 0.5])
    assert list(curve.columns) == ["threshold", "model", "treat_all", "treat_none"]
    assert curve["model"].tolist() == pytest.approx([0.125, 0.1])
    assert curve["treat_all"].tolist() == pytest.approx([0.3 - 0.7 / 4, -0.4])
    assert curve["treat_none"].tolist() == [0, 0]
    assert len(decision_curve(TARGETS, SAID)) == 99


def test_a_model_that_calls_everybody_is_treat_all():
    curve = decision_curve(TARGETS, np.ones(10))
    np.testing.assert_allclose(curve["model"], curve["treat_all"], atol=1e-12)


def test_other_prevalence():
    same = decision_curve(TARGETS, SAID, [0.2, 0.5], prevalence=0.3)
    np.testing.assert_allclose(same["model"], [0.125, 0.1])
    # Sensitivity 2/3, false alarms 3/7 at threshold 0.2, carried over to 1 diseased in 100.
    rare = decision_curve(TARGETS, SAID, [0.2], prevalence=0.01)
    assert rare["model"][0] == pytest.approx(0.01 * 2 / 3 - 0.99 * 3 / 7 / 4)


@pytest.mark.parametrize("threshold", [0, 1, -0.1, float("nan")])
def test_thresholds_lie_inside(threshold):
    with pytest.raises(InputError):
        net_benefit(TARGETS, SAID, threshold)
    with pytest.raises(InputError):
        decision_curve(TARGETS, SAID, [threshold])


def test_bad_prevalence():
    with pytest.raises(InputError):
        decision_curve(TARGETS, SAID, prevalence=1.0)
    with pytest.raises(InputError):
        decision_curve(np.zeros(3, dtype=int), [0.1, 0.2, 0.3], prevalence=0.2)
