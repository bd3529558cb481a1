"""Calibration against solutions in closed form."""

import math

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import t as student

from helpers.evaluation.calibration import apply_temperature, fit_temperature, recalibration, reliability_curve
from helpers.evaluation.proportions import wilson
from helpers.runtime import InputError

# 100 samples said to have 0.1 and 100 said to have 0.9; 30 and 70 of them are diseased.
TARGETS = np.repeat([1, 0, 1, 0], [30, 70, 70, 30])
SAID = np.repeat([0.1, 0.9], 100)


def test_reliability_by_hand():
    curve = reliability_curve(TARGETS, SAID, bins=2)
    assert curve["probability"].tolist() == pytest.approx([0.1, 0.9])
    assert curve["observed"].tolist() == pytest.approx([0.3, 0.7])
    assert curve["samples"].tolist() == [100, 100]
    assert curve["low"].tolist() == pytest.approx([wilson(30, 100).low, wilson(70, 100).low])


def test_quantile_bins_hold_equally_many():
    generator = np.random.default_rng(0)
    probability = generator.random(1000) ** 3
    curve = reliability_curve((generator.random(1000) < probability).astype(int), probability)
    assert curve["samples"].tolist() == [100] * 10
    assert curve["probability"].is_monotonic_increasing


def test_constant_probability_is_one_bin():
    curve = reliability_curve([0, 1, 1, 0], [0.5] * 4)
    assert len(curve) == 1 and curve["observed"][0] == 0.5


def test_groups_widen_the_band():
    groups = np.repeat(np.arange(20), 10)
    assert reliability_curve(TARGETS, SAID, groups, 2)["low"][0] < reliability_curve(TARGETS, SAID, None, 2)["low"][0]


def test_slope_has_its_closed_form():
    """Two different probabilities make the regression saturated: the fitted logits are the observed ones."""
    fit = recalibration(TARGETS, SAID)
    expected = (logit(0.7) - logit(0.3)) / (logit(0.9) - logit(0.1))
    assert fit.slope.value == pytest.approx(expected, abs=1e-8)
    assert fit.intercept.value == pytest.approx(0, abs=1e-8)
    # Variance of an observed logit is 1 / (n p (1 - p)); the sandwich has it times n / (n - 1).
    error = math.sqrt(2 / (100 * 0.21)) / (logit(0.9) - logit(0.1)) * math.sqrt(200 / 199)
    # Contributions spread less than normal ones do, so that 199 degrees of freedom are left.
    assert fit.slope.high - fit.slope.value == pytest.approx(student.ppf(0.975, 199) * error, rel=1e-5)


def test_intercept_has_its_closed_form():
    targets = np.repeat([1, 0], [20, 80])
    fit = recalibration(targets, np.full(100, 0.5))
    assert fit.intercept.value == pytest.approx(math.log(0.2 / 0.8))
    assert math.isnan(fit.slope.value) and math.isinf(fit.slope.high)


def test_slope_converges_from_extreme_probabilities():
    generator = np.random.default_rng(1)
    truth = generator.normal(size=20000) * 1.5
    targets = (generator.random(20000) < 1 / (1 + np.exp(-truth))).astype(int)
    fit = recalibration(targets, 1 / (1 + np.exp(-4 * truth)))
    assert fit.slope.low < 0.25 < fit.slope.high
    assert fit.slope.width < 0.03


@pytest.mark.parametrize("targets", [[0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1]])
def test_separated_or_single_class_has_no_slope(targets):
    assert math.isnan(recalibration(targets, [0.1, 0.2, 0.8, 0.9]).slope.value)


def test_repeating_samples_in_groups_keeps_the_interval():
    groups = np.arange(200)
    plain = recalibration(TARGETS, SAID, groups).slope
    copied = recalibration(np.repeat(TARGETS, 3), np.repeat(SAID, 3), np.repeat(groups, 3)).slope
    assert copied.width == pytest.approx(plain.width, rel=1e-6)


def test_temperature_has_its_closed_form():
    """Said 0.9 either way and right in 7 of 10: the best temperature makes it say 0.7."""
    temperature = fit_temperature(TARGETS, SAID)
    assert temperature == pytest.approx(logit(0.9) / logit(0.7), rel=1e-4)
    np.testing.assert_allclose(apply_temperature([0.1, 0.9], temperature), [0.3, 0.7], atol=1e-4)


def test_temperature_keeps_order_and_one_changes_nothing():
    probability = np.linspace(0.05, 0.95, 19)
    np.testing.assert_allclose(apply_temperature(probability, 1.0), probability, rtol=1e-12)
    assert (np.diff(apply_temperature(probability, 3.0)) > 0).all()
    assert np.isfinite(apply_temperature([0.0, 1.0], 2.0)).all()


def test_bad_input():
    with pytest.raises(InputError):
        apply_temperature([0.5], 0)
    with pytest.raises(InputError):
        reliability_curve([0, 1], [0.1, 1.4])
    with pytest.raises(InputError):
        reliability_curve([0, 1], [0.1, 0.4], bins=0)
