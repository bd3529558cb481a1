"""Latency: turns, medians and their intervals; no test asks how fast this machine is."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from helpers.evaluation import latency
from helpers.runtime import InputError


def test_candidates_take_turns():
    order = []
    calls = {name: (lambda name=name: order.append(name)) for name in "ab"}
    seconds = latency.interleaved_seconds(calls, rounds=20, repeats=2, warm_up=1)
    assert seconds.shape == (20, 2) and list(seconds) == ["a", "b"] and (seconds >= 0).all(axis=None)
    rounds = ["".join(order[start : start + 4]) for start in range(0, len(order), 4)]
    assert len(rounds) == 21 and set(rounds) == {"aabb", "bbaa"}  # neither is always the first


def test_every_time_stands_under_the_name_of_its_call(monkeypatch):
    now = {"time": 0.0}
    monkeypatch.setattr(latency.time, "perf_counter", lambda: now["time"])

    def takes(seconds):
        def call():
            now["time"] += seconds

        return call

    seconds = latency.interleaved_seconds({"slow": takes(2.0), "fast": takes(1.0)}, rounds=20, repeats=3)
    assert (seconds["slow"] == 2.0).all() and (seconds["fast"] == 1.0).all()


def test_interval_of_the_median_is_that_of_the_order():
    values = np.arange(1.0, 101.0)
    found = latency.median_interval(values)
    assert found.value == 50.5
    # The 40th smallest lies above the median with probability P(B < 40) = P(B <= 39), B binomial with 100 and 1/2.
    assert (found.low, found.high) == (40.0, 61.0)
    assert binom.cdf(39, 100, 0.5) <= 0.025 < binom.cdf(40, 100, 0.5)


def test_interval_of_the_median_covers_the_median():
    generator = np.random.default_rng(0)
    inside = 0
    for _ in range(1000):
        found = latency.median_interval(generator.exponential(size=41))
        inside += found.low <= np.log(2) <= found.high
    assert 0.94 <= inside / 1000 <= 0.985


def test_ratios_are_formed_within_a_round():
    """A slow moment hits both candidates: the ratio is 2 in every round, though the times vary a hundredfold."""
    base = np.geomspace(1, 100, 30)
    seconds = pd.DataFrame({"slow": 2 * base, "fast": base})
    found = latency.speed_ratio(seconds, "fast", "slow")
    assert (found.value, found.low, found.high) == (2.0, 2.0, 2.0)


def test_too_little_to_time_is_refused():
    with pytest.raises(InputError, match="at least one call and 20 rounds"):
        latency.interleaved_seconds({}, 50)
    with pytest.raises(InputError, match="20 rounds"):
        latency.interleaved_seconds({"a": int}, 3)
    for few in (0, 5):
        with pytest.raises(InputError, match="too few"):
            latency.median_interval(np.arange(few))
    assert latency.median_interval(np.arange(6.0)).low == 0
