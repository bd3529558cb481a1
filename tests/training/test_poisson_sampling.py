"""Poisson batches: who is in, how many, and that no batch comes twice."""

import numpy as np
import pytest
from scipy.stats import binom

from helpers import runtime
from helpers.runtime import InputError
from helpers.training.poisson_sampling import poisson_batches, poisson_rows


@pytest.fixture(autouse=True)
def seeded():
    runtime.configure(0)


def test_sizes_and_members_follow_independent_coins():
    generator, examples, rate, draws = np.random.default_rng(0), 300, 0.05, 4000
    taken = np.zeros((draws, examples), dtype=bool)
    for row in taken:
        row[poisson_rows(examples, rate, generator)] = True
    sizes = taken.sum(axis=1)
    mean, variance = rate * examples, rate * (1 - rate) * examples
    # Five standard errors of a mean, and of a variance (kurtosis of the binomial is 3 within 2 %).
    assert abs(sizes.mean() - mean) < 5 * np.sqrt(variance / draws)
    assert abs(sizes.var(ddof=1) - variance) < 5 * variance * np.sqrt(2.1 / draws)
    low, high = binom.ppf([1e-8, 1 - 1e-8], draws, rate)
    assert low <= taken.sum(axis=0).min() and taken.sum(axis=0).max() <= high
    pairs = np.mean(taken[:, ::2] & taken[:, 1::2])
    assert abs(pairs - rate**2) < 5 * rate / np.sqrt(draws * examples / 2)


def test_empty_and_full_batches():
    generator = np.random.default_rng(0)
    assert any(len(poisson_rows(3, 0.1, generator)) == 0 for _ in range(20))
    np.testing.assert_array_equal(poisson_rows(5, 1.0, generator), np.arange(5))


def test_batches_hold_matching_rows_and_a_second_pass_draws_others():
    inputs = np.arange(60, dtype="float32").reshape(20, 3)
    targets = inputs[:, 0] / 3
    batches = poisson_batches(inputs, targets, 0.5, np.random.default_rng(2))
    seen = []
    for _ in range(2):
        for rows, labels in batches.take(3):
            np.testing.assert_array_equal(rows[:, 0] / 3, labels)
            assert rows.shape[1:] == (3,)
            seen.append(tuple(labels.numpy()))
    assert len(set(seen)) == 6
    again = poisson_batches(inputs, targets, 0.5, np.random.default_rng(2))
    assert [tuple(labels.numpy()) for _, labels in again.take(3)] == seen[:3]


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, float("nan")])
def test_rates_outside_are_refused(rate):
    with pytest.raises(InputError, match="sampling rate"):
        poisson_batches(np.zeros((3, 1)), np.zeros(3), rate, np.random.default_rng(0))


def test_lengths_have_to_match():
    with pytest.raises(InputError, match="3 inputs and 2 targets"):
        poisson_batches(np.zeros((3, 1)), np.zeros(2), 0.5, np.random.default_rng(0))
