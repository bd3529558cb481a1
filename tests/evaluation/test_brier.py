"""Murphy's decomposition: by hand, and its parts add up."""

import math

import numpy as np
import pytest

from helpers.evaluation.brier import brier_decomposition
from helpers.evaluation.metrics import brier_score
from helpers.runtime import InputError

# 100 samples said to have 0.1 and 100 said to have 0.9; 30 and 70 of them are diseased.
TARGETS = np.repeat([1, 0, 1, 0], [30, 70, 70, 30])
SAID = np.repeat([0.1, 0.9], 100)


def test_parts_by_hand():
    parts = brier_decomposition(TARGETS, SAID, bins=2)
    assert parts.reliability == pytest.approx(0.2**2)
    assert parts.resolution == pytest.approx(0.2**2)
    assert parts.uncertainty == pytest.approx(0.25)
    assert parts.spread_within == pytest.approx(0) and parts.covariance_within == pytest.approx(0)
    assert parts.brier == pytest.approx(0.25) and parts.skill == pytest.approx(0)


def test_within_bins_by_hand():
    # One bin: forecasts 0.2 and 0.6, the second true. f̄ 0.4, ō 0.5; spread 0.04; covariance 2 * (0.5 * 0.2).
    parts = brier_decomposition([0, 1], [0.2, 0.6], bins=1)
    assert (parts.reliability, parts.resolution) == pytest.approx((0.01, 0))
    assert parts.spread_within == pytest.approx(0.04)
    assert parts.covariance_within == pytest.approx(0.2)
    assert parts.brier == pytest.approx((0.04 + 0.16) / 2)


@pytest.mark.parametrize("bins", [1, 3, 10, 50, None])
def test_parts_add_up_exactly(bins):
    generator = np.random.default_rng(1)
    probability = generator.random(317) ** 2
    targets = (generator.random(317) < probability**1.5).astype(int)
    parts = brier_decomposition(targets, probability, bins)
    assert parts.brier == pytest.approx(brier_score(targets, probability))
    assert parts.total == pytest.approx(parts.brier, abs=1e-14)
    assert parts.brier == pytest.approx(parts.reliability - parts.generalized_resolution + parts.uncertainty, abs=1e-14)


def test_a_calibrated_model_loses_nothing_to_reliability_a_shifted_one_does():
    generator = np.random.default_rng(2)
    probability = generator.random(40000)
    targets = (generator.random(40000) < probability).astype(int)
    assert brier_decomposition(targets, probability).reliability < 3e-4
    shifted = np.clip(probability + 0.2, 0, 1)
    assert brier_decomposition(targets, shifted).reliability > 0.02


def test_one_class_and_a_constant():
    assert math.isnan(brier_decomposition([1, 1], [0.8, 0.6]).skill)
    parts = brier_decomposition([0, 1, 1, 0], [0.5] * 4)
    assert parts.bins == 1 and parts.brier == parts.uncertainty == 0.25


def test_bad_input():
    with pytest.raises(InputError):
        brier_decomposition([0, 1], [0.1, 1.4])
    with pytest.raises(InputError, match="bins"):
        brier_decomposition([0, 1], [0.1, 0.4], bins=0)
