"""Thresholds, moved probabilities and whole people, against arithmetic on the fingers and a simulation."""

import numpy as np
import pytest

from helpers.evaluation.expected_cost import People, at_prevalence, expected_cost, treatment_threshold
from helpers.runtime import InputError


def test_threshold_is_where_both_costs_agree():
    for ratio in (0.5, 1, 9):
        threshold = treatment_threshold(ratio)
        assert threshold * ratio == pytest.approx(1 - threshold)


def test_no_other_threshold_is_cheaper_when_probabilities_are_true():
    generator = np.random.default_rng(0)
    probability = generator.random(200_000)
    targets = (generator.random(200_000) < probability).astype(int)
    everybody = np.ones((1, len(targets)))

    def cost(threshold):
        return expected_cost(threshold, 9, targets.mean())(targets, probability, everybody).item()

    best = cost(treatment_threshold(9))
    assert all(best < cost(other) for other in (0.03, 0.06, 0.16, 0.25, 0.5))
    # Below t everybody is missed with probability p, above it alarmed with 1 - p: 9 * 0.1^2 / 2 + 0.9^2 / 2.
    assert best == pytest.approx(9 * 0.1**2 / 2 + 0.9**2 / 2, abs=0.005)


def test_cost_by_counting():
    targets, scores = np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.2, 0.8, 0.1, 0.1])
    cost = expected_cost(0.5, 4, 0.1)(targets, scores, np.array([[1.0, 1, 1, 1, 1], [1, 3, 0, 1, 1], [0, 0, 1, 1, 1]]))
    np.testing.assert_allclose(cost, [0.1 * 4 / 2 + 0.9 / 3, 0.1 * 4 * 3 / 4, np.nan])


def test_moved_probability_is_bayes_over_counted_people():
    # Answer 0.9 where half are ill: of 1,000 ill 90 and of 1,000 healthy 10 get it. Where one in ten is ill, 200 ill
    # people come with 1,800 healthy ones: 18 and 18.
    assert at_prevalence(0.9, 0.5, 0.1) == pytest.approx(0.5)
    np.testing.assert_allclose(at_prevalence(np.array([0.0, 0.3, 1.0]), 0.3, 0.6)[[0, 2]], [0, 1])
    assert at_prevalence(0.3, 0.3, 0.6) == pytest.approx(0.6)
    assert at_prevalence(at_prevalence(0.37, 0.5, 0.02), 0.02, 0.5) == pytest.approx(0.37)


def test_people_are_whole_and_all_there():
    people = People.expect(0.9, 0.8, 0.02)
    assert people == People(found=18, missed=2, alarmed=196, cleared=784)
    assert people.number == 1000 and people.true_share == pytest.approx(18 / 214)
    assert np.isnan(People.expect(0, 1, 0.5).true_share)


@pytest.mark.parametrize(
    "call",
    [
        lambda: treatment_threshold(0),
        lambda: at_prevalence(0.5, 0.5, 1.0),
        lambda: expected_cost(0.5, np.inf, 0.5),
        lambda: People.expect(1.1, 0.5, 0.5),
        lambda: People.expect(0.9, 0.5, 0.0),
    ],
)
def test_bad_input_gets_one_clear_line(call):
    with pytest.raises(InputError):
        call()
