"""Wilson's interval against published examples, and what groups do to it."""

import math

import numpy as np
import pytest

from helpers.evaluation.metrics import confusion_counts, f1
from helpers.evaluation.proportions import cluster_proportion, effective_groups, f1_interval, wilson
from helpers.runtime import InputError


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe (1998), Stat Med 17:857, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_published(successes, trials, low, high):
    interval = wilson(successes, trials)
    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


def test_wilson_at_one_mirrors_zero():
    assert wilson(20, 20).low == pytest.approx(1 - 0.1611, abs=5e-5)
    assert wilson(20, 20).high == 1


def test_wilson_without_trials_knows_nothing():
    interval = wilson(0, 0)
    assert math.isnan(interval.value) and (interval.low, interval.high) == (0, 1)


def test_single_samples_give_the_plain_wilson_interval():
    hits = np.array([1] * 15 + [0] * 133)
    interval = cluster_proportion(hits, np.arange(148))
    assert (interval.low, interval.high) == pytest.approx((wilson(15, 148).low, wilson(15, 148).high))
    assert cluster_proportion(hits).low == interval.low


@pytest.fixture
def clustered():
    generator = np.random.default_rng(5)
    groups = np.repeat(np.arange(30), 4)
    hits = (generator.random(120) < np.repeat(generator.beta(4, 2, 30), 4)).astype(int)
    return hits, groups


def test_effective_number_by_hand(clustered):
    """Linearized variance of a ratio mean, Korn-Graubard factor, Wilson: written out again."""
    hits, groups = clustered
    share = hits.mean()
    totals = np.array([(hits[groups == group] - share).sum() for group in range(30)])
    variance = 30 / 29 * np.sum(totals**2) / 120**2
    effective = share * (1 - share) / variance * (1.959964 / 2.045230) ** 2  # t quantile with 29 degrees of freedom
    expected = wilson(share * effective, effective)
    interval = cluster_proportion(hits, groups)
    assert interval.low == pytest.approx(expected.low, abs=1e-6)
    assert interval.high == pytest.approx(expected.high, abs=1e-6)


def test_repeating_the_samples_of_groups_adds_nothing(clustered):
    hits, groups = clustered
    once, thrice = cluster_proportion(hits, groups), cluster_proportion(np.repeat(hits, 3), np.repeat(groups, 3))
    assert (once.low, once.high) == pytest.approx((thrice.low, thrice.high), abs=1e-12)


def test_copies_of_a_sample_count_as_one():
    hits = np.array([1] * 40 + [0] * 10)
    copies = cluster_proportion(np.repeat(hits, 5), np.repeat(np.arange(50), 5))
    plain = cluster_proportion(hits)
    assert copies.width > plain.width
    assert copies.width == pytest.approx(plain.width, rel=0.05)
    assert copies.width > 2 * cluster_proportion(np.repeat(hits, 5)).width


def test_perfect_share_counts_groups_not_samples():
    interval = cluster_proportion(np.ones(100), np.repeat(np.arange(20), 5))
    assert interval.low == pytest.approx(wilson(20, 20).low)


def test_fewer_hits_than_one_per_group_cannot_make_more_samples_than_there_are():
    """Every group has one hit and one miss: no variance between groups, yet a share of one half is not certain."""
    interval = cluster_proportion(np.tile([0, 1], 20), np.repeat(np.arange(20), 2))
    assert interval.width >= wilson(20, 40).width - 1e-12


def test_seeds_are_averaged_before_groups_are_compared():
    hits = np.array([[1, 1, 0, 1, 0, 1, 1, 0], [1, 0, 1, 1, 0, 1, 1, 1]])
    groups = np.repeat(np.arange(4), 2)
    interval = cluster_proportion(hits, groups)
    assert interval.value == pytest.approx((5 / 8 + 6 / 8) / 2)
    averaged = cluster_proportion(hits.mean(axis=0), groups)
    assert (interval.low, interval.high) == pytest.approx((averaged.low, averaged.high))


def test_counted_restricts_the_denominator():
    hits = np.array([1, 0, 1, 1, 0, 0])
    counted = np.array([True, True, True, True, False, False])
    assert cluster_proportion(hits, None, counted).value == pytest.approx(3 / 4)
    assert cluster_proportion(hits, None, counted).low == pytest.approx(wilson(3, 4).low)


def test_empty_denominator_is_undefined():
    interval = cluster_proportion(np.array([1, 0]), None, np.array([False, False]))
    assert math.isnan(interval.value) and (interval.low, interval.high) == (0, 1)


def test_f1_interval_maps_the_jaccard_share():
    targets, decisions = np.array([1] * 10 + [0] * 90), np.array([1] * 8 + [0] * 2 + [1] * 3 + [0] * 87)
    interval = f1_interval(targets, decisions)
    jaccard = wilson(8, 13)
    assert interval.value == pytest.approx(f1(confusion_counts(targets, decisions)))
    assert interval.low == pytest.approx(2 * jaccard.low / (1 + jaccard.low))
    assert interval.high == pytest.approx(2 * jaccard.high / (1 + jaccard.high))


def test_f1_of_several_seeds_is_the_mean_and_lies_inside():
    targets = np.array([1] * 20 + [0] * 20)
    decisions = np.stack([np.r_[np.ones(18), np.zeros(22)], np.r_[np.ones(24), np.zeros(16)]])
    interval = f1_interval(targets, decisions)
    assert interval.value == pytest.approx((36 / 38 + 40 / 44) / 2)
    assert interval.low < interval.value < interval.high


def test_perfect_f1_has_a_width():
    targets = np.repeat([0, 1], 15)
    assert 0.7 < f1_interval(targets, targets).low < 0.95


def test_effective_groups():
    assert effective_groups([3, 3, 3, 3]) == pytest.approx(4)
    assert effective_groups([8, 1, 1]) == pytest.approx(100 / 66)


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson(3, 2),
        lambda: wilson(1, 2, level=1.0),
        lambda: cluster_proportion(np.ones(3), np.arange(2)),
        lambda: cluster_proportion(np.ones(3), None, np.ones(2, dtype=bool)),
    ],
)
def test_bad_input(call):
    with pytest.raises(InputError):
        call()
