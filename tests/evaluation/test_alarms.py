"""Alarms: merged, judged, counted per hour, by hand and by simulation."""

import numpy as np
import pytest
from scipy.stats import poisson

from helpers.data.recordings import Recording
from helpers.evaluation import alarms
from helpers.runtime import InputError


def heard(seconds, scores, targets, hours=1.0):
    return alarms.Monitored(np.asarray(seconds, dtype=float), np.asarray(scores), np.asarray(targets), hours)


def test_calls_within_the_hold_are_one_alarm():
    one = heard([0, 1, 4, 12, 18, 30], [0, 1, 1, 1, 1, 1], [0, 0, 1, 0, -1, 0])
    assert one.alarms(0.5).tolist() == [[1, 3], [3, 5], [5, 6]]
    # The first holds a ventricular beat, the second one that counts neither way, the third only another beat.
    assert one.judged_alarms(0.5) == (1, 1, 1) and one.false_alarms(0.5) == 1
    assert len(one.alarms(0.5, hold=0.5)) == 5
    assert one.alarms(2.0).shape == (0, 2) and one.false_alarms(2.0) == 0


def test_a_ventricular_beat_that_was_not_called_excuses_nothing():
    assert heard([0, 1], [1, 0], [0, 1]).false_alarms(0.5) == 1


def test_an_alarm_without_a_ventricular_beat_is_not_true():
    assert heard([0, 20, 40], [1, 1, 1], [-1, 1, 0]).judged_alarms(0.5) == (1, 1, 1)
    assert heard([0, 1, 20, 21], [1, 1, 1, 1], [-1, 1, -1, 0]).judged_alarms(0.5) == (1, 0, 1)


def test_counts_of_several_recordings():
    counted = alarms.count_alarms([heard([0, 20, 40], [1, 1, 1], [1, 0, -1]), heard([0], [0], [1], hours=3.0)], 0.5)
    assert (counted.true.tolist(), counted.false.tolist(), counted.neither.tolist()) == ([1, 0], [1, 0], [1, 0])
    assert counted.false_rate.value == 0.25 and counted.rate.value == 0.75


def test_threshold_keeps_the_rate_down_to_itself():
    generator = np.random.default_rng(0)
    recordings = [
        heard(np.arange(400) * 1.0, generator.random(400), generator.random(400) < 0.1, hours=1 / 9) for _ in range(6)
    ]
    threshold = alarms.threshold_for(recordings, per_hour=30.0)
    tried = np.unique(np.concatenate([one.scores for one in recordings]))
    rates = [sum(one.false_alarms(cut) for one in recordings) / (6 / 9) for cut in tried[tried >= threshold]]
    assert max(rates) <= 30
    below = tried[tried < threshold][-1]
    assert sum(one.false_alarms(below) for one in recordings) / (6 / 9) > 30


def test_a_rate_that_is_never_exceeded_needs_no_threshold():
    assert alarms.threshold_for([heard([0, 30], [0.2, 0.9], [0, 1])], 4.0) == 0.0
    with pytest.raises(InputError, match="above 0"):
        alarms.threshold_for([], 4.0)


def test_recordings_get_their_scores():
    two = [
        Recording(7, np.zeros((3600, 1)), np.array([360, 720]), np.array([0, 2])),
        Recording(3, np.zeros((3600, 1)), np.array([720]), np.array([1])),
    ]
    first, second = alarms.listen(two, np.array([3, 7, 7]), np.array([0.1, 0.2, 0.3]))
    assert first.scores.tolist() == [0.2, 0.3] and first.targets.tolist() == [0, 1] and first.seconds.tolist() == [1, 2]
    assert second.scores.tolist() == [0.1] and second.hours == pytest.approx(10 / 3600)


def test_exact_interval_is_garwoods():
    found = alarms.event_rate([3], [2.0])
    # By definition of the exact interval, each end makes what was seen just improbable.
    assert poisson.sf(2, 2 * found.low) == pytest.approx(0.025)
    assert poisson.cdf(3, 2 * found.high) == pytest.approx(0.025)
    assert (found.value, found.method) == (1.5, "exact Poisson")
    none = alarms.event_rate([0, 0], [1.0, 3.0])
    assert none.low == 0 and none.high == pytest.approx(-np.log(0.025) / 4)


def test_one_persons_alarms_widen_the_interval():
    even, uneven = alarms.event_rate([5] * 4, [1.0] * 4), alarms.event_rate([20, 0, 0, 0], [1.0] * 4)
    assert even.value == uneven.value == 5
    assert even.method == "exact Poisson" and uneven.method == "exact Poisson, dispersion"
    assert uneven.high - uneven.low > 2 * (even.high - even.low)
    # Pearson's statistic by hand: (15^2 + 3 * 5^2) / 5 over three degrees of freedom.
    assert alarms.dispersion(np.array([20, 0, 0, 0]), np.ones(4)) == pytest.approx(20)


def test_interval_covers_a_poisson_rate():
    generator = np.random.default_rng(1)
    inside = 0
    for _ in range(600):
        found = alarms.event_rate(generator.poisson(0.6, 12), np.full(12, 0.5))
        inside += found.low <= 1.2 <= found.high
    assert inside / 600 >= 0.95


def test_times_that_do_not_belong_are_refused():
    for wrong in (([1, 2], [1.0]), ([1], [0.0]), ([], [])):
        with pytest.raises(InputError, match="one time above 0"):
            alarms.event_rate(*wrong)
