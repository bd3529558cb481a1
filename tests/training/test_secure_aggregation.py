"""Masks: the sum is untouched, a single message is uniform noise whatever it hides."""

import numpy as np
import pytest
from scipy.stats import kstest

from helpers.runtime import InputError
from helpers.training.federated import average_weights
from helpers.training.secure_aggregation import (
    SecureAverage,
    from_ring,
    mask_updates,
    pair_masks,
    secure_sum,
    to_ring,
)

UPDATES = np.random.default_rng(0).normal(0, 10, (4, 500))


@pytest.mark.parametrize("values", [[0.0, 1.0, -1.0, 0.5, -(2.0**-32)], [2.0**31 - 1, -(2.0**31) + 1, 123456.75]])
def test_fixed_point_numbers_come_back_exactly(values):
    np.testing.assert_array_equal(from_ring(to_ring(np.array(values))), values)


def test_minus_one_is_counted_down_from_the_modulus():
    assert to_ring(np.array([-1.0]))[0] == 2**64 - 2**32


def test_masks_cancel_to_the_last_bit():
    messages = mask_updates(UPDATES, seed=3)
    assert (messages.sum(axis=0, dtype=np.uint64) == to_ring(UPDATES).sum(axis=0, dtype=np.uint64)).all()
    # Each number is rounded once, by at most 2^-33.
    np.testing.assert_allclose(secure_sum(messages), UPDATES.sum(axis=0), rtol=0, atol=4 * 2.0**-33)


def test_without_one_site_nothing_is_left_of_the_sum():
    partial = secure_sum(mask_updates(UPDATES, seed=3)[:3])
    assert np.abs(partial - UPDATES[:3].sum(axis=0)).min() > 1


@pytest.mark.parametrize("update", [0.0, 1.0, -12345.678, 1e8])
def test_one_message_is_uniform_whatever_the_update_is(update):
    numbers = np.full((3, 20_000), update)
    for message in mask_updates(numbers, seed=11):
        assert kstest(message / 2.0**64, "uniform").pvalue > 1e-3
        # Also the lowest bits, where a mask of floats would show what it hides.
        assert kstest((message % 2**20) / 2.0**20, "uniform").pvalue > 1e-3


def test_a_message_is_as_likely_for_any_other_update():
    """One-time pad: the masks that turn one update into a message, moved along, turn any other into the same message."""
    message = mask_updates(UPDATES, seed=5)[0]
    other = np.random.default_rng(1).normal(0, 10, 500)
    mask = message - to_ring(UPDATES[0])
    fitting = mask + to_ring(UPDATES[0]) - to_ring(other)
    np.testing.assert_array_equal(to_ring(other) + fitting, message)
    assert kstest(fitting / 2.0**64, "uniform").pvalue > 1e-3


def test_every_pair_has_a_mask_of_its_own_and_every_seed_others():
    masks = pair_masks(4, 8, seed=0)
    pairs = {masks[i, j].tobytes() for i in range(4) for j in range(i + 1, 4)}
    assert len(pairs) == 6 and (masks == masks.transpose(1, 0, 2)).all()
    assert pairs.isdisjoint({mask.tobytes() for mask in pair_masks(4, 8, seed=1).reshape(16, 8)})


def test_a_server_that_sees_only_messages_finds_the_weighted_mean():
    generator = np.random.default_rng(0)
    weights = [[generator.normal(size=(5, 3)), generator.normal(size=3).astype("float32")] for _ in range(4)]
    samples, secure = [10, 500, 3, 77], SecureAverage(seed=1)
    for _ in range(2):
        for ours, theirs in zip(secure(weights, samples), average_weights(weights, samples), strict=True):
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: to_ring(np.array([np.nan])), "finite"),
        (lambda: to_ring(np.array([2.0**31])), "finite and below"),
        (lambda: mask_updates(np.full((4, 1), 2.0**29), 0), "below 5.36871e\\+08"),
        (lambda: mask_updates(np.zeros((1, 3)), 0), "at least two sites"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(InputError, match=words):
        call()
