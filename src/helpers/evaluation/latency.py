"""How long one answer takes: many calls of every candidate, in turn, and the ratios that survive a busy machine.

A single timing says little: caches are cold, clocks change, other programs run. Calls of all candidates take turns, so
that a slow moment hits each of them, and what is compared are *ratios within a round* (Mytkowicz et al. 2009, ASPLOS,
"Producing wrong data without doing anything obviously wrong", shows what happens otherwise). A load need not slow all
candidates by the same factor: the interval of a ratio tells how it varied in these rounds, not in another hour. Medians
have an interval without assumptions, from the order of the values (Hahn and Meeker 1991, section 5.2).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy.stats import binom

from helpers.evaluation.proportions import LEVEL, Interval
from helpers.runtime import InputError

MICROSECONDS = 1e6


def interleaved_seconds(
    calls: Mapping[str, Callable[[], object]], rounds: int, repeats: int = 5, warm_up: int = 3
) -> pd.DataFrame:
    """Seconds per call of every candidate in every round; candidates take turns, each round in another random order.

    In a fixed order the same candidate would be hit again and again by whatever interrupts the processor regularly.

    Args:
        calls: name to a call without arguments.
        rounds: rows of the result.
        repeats: calls in a row whose mean is one value, so that the clock's own step does not count.
        warm_up: rounds before the first one that counts.

    Returns:
        (rounds, candidates).

    Raises:
        InputError: nothing to time, or fewer than 20 rounds, too few for an interval.
    """
    if not calls or rounds < 20 or repeats < 1:
        raise InputError(f"{len(calls)} calls, {rounds} rounds of {repeats}: give at least one call and 20 rounds of 1")
    seconds, turns = np.empty((warm_up + rounds, len(calls))), list(calls.values())
    generator = np.random.default_rng(0)
    for row in seconds:
        for place in generator.permutation(len(turns)):
            start = time.perf_counter()
            for _ in range(repeats):
                turns[place]()
            row[place] = (time.perf_counter() - start) / repeats
    return pd.DataFrame(seconds[warm_up:], columns=list(calls))


def median_interval(values: np.ndarray, level: float = LEVEL) -> Interval:
    """Median with the distribution-free interval between two order statistics.

    Args:
        values: (n,), at least 6 for a level of 0.95.
        level: at least so much confidence.

    Raises:
        InputError: there are too few values.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    count = len(ordered)
    # The r-th smallest lies above the median with probability P(B < r), B binomial with n and one half.
    below = int(binom.ppf((1 - level) / 2, count, 0.5)) if count else 0
    if not below or binom.cdf(below - 1, count, 0.5) > (1 - level) / 2:
        raise InputError(f"{count} values are too few for an interval of the median: give at least 6")
    method = "order statistics"
    return Interval(float(np.median(ordered)), float(ordered[below - 1]), float(ordered[count - below]), method, level)


def speed_ratio(seconds: pd.DataFrame, name: str, reference: str) -> Interval:
    """How many times faster than ``reference`` a candidate is: median over rounds of their ratio, above 1 is faster."""
    return median_interval(seconds[reference].to_numpy() / seconds[name].to_numpy())
