"""What a policy gains: closed forms, pairing, and policies that decide alike."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.evaluation.decisions import net_benefit
from helpers.evaluation.treatment import policy_gain, simple_policy, weighted_net_benefit
from helpers.runtime import InputError

TARGETS = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
PROBABILITY = np.array([0.9, 0.6, 0.1, 0.7, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1])


def test_the_statistic_is_net_benefit_and_weights_count_patients():
    statistic = weighted_net_benefit(0.5)
    plain = statistic(TARGETS, PROBABILITY, np.ones((1, 10)))
    assert plain == pytest.approx([0.1])  # two found, one alarm, at odds of 1, among ten
    twice = statistic(TARGETS, PROBABILITY, np.array([[2.0] + [1] * 9]))
    expected = net_benefit(np.append(TARGETS, 1), np.append(PROBABILITY, 0.9), 0.5)
    assert twice == pytest.approx([expected])


@pytest.mark.parametrize(("prevalence", "policy"), [(0.3, "treat all"), (0.1, "treat none")])
def test_the_simple_policy_follows_the_prevalence(prevalence, policy):
    assert simple_policy(prevalence, 0.2) == policy


def test_gain_over_nobody_and_over_everybody():
    over_nobody = policy_gain(TARGETS, PROBABILITY, 0.5)
    assert (over_nobody.first, over_nobody.second) == (pytest.approx(0.1), 0)
    over_everybody = policy_gain(TARGETS, PROBABILITY, 0.2)
    # Treat all: 0.3 - 0.7 / 4 = 0.125. The model: two found, two alarms: 0.2 - 0.2 / 4 = 0.15.
    assert over_everybody.second == pytest.approx(0.125) and over_everybody.difference == pytest.approx(0.025)
    assert over_everybody.low < 0.025 < over_everybody.high


def test_a_useful_model_is_shown_to_be_useful_and_a_coin_is_not():
    generator = np.random.default_rng(1)
    targets = generator.integers(0, 2, 600)
    useful = np.clip(0.5 + 0.35 * (2 * targets - 1) + 0.1 * generator.normal(size=600), 0, 1)
    assert policy_gain(targets, useful, 0.4).low > 0
    assert policy_gain(targets, generator.random(600), 0.4).low < 0


def test_equal_decisions_have_no_interval():
    gain = policy_gain(TARGETS, np.full(10, 0.5), 0.2)
    assert gain.difference == 0 and np.isnan(gain.low) and not gain.decided


def test_bad_input():
    with pytest.raises(InputError, match="treatment threshold"):
        weighted_net_benefit(1.0)
