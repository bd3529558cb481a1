"""Where the spread of a score comes from: components of variance of a crossed design, and how many seeds a claim needs.

Every seed is run on every split: score = mean + split + seed + rest, each effect drawn at random with a variance of its own. In a
deterministic program a cell repeated is the same number, so nothing is gained by repeating: the rest is the interaction of seed
and split. Estimates come from the analysis of variance (Searle, Casella and McCulloch 1992, Variance Components, chapter 4),
intervals for differences of mean squares from Ting et al. (1990, J Stat Comput Simul 35:135; Burdick and Graybill 1992), for
their sums from Graybill and Wang (1980, J Am Stat Assoc 75:869).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, nct, norm
from scipy.stats import f as fisher
from scipy.stats import t as student

from helpers.evaluation.proportions import LEVEL, Interval
from helpers.runtime import InputError

MOST_SEEDS = 100_000
QUANTILES = 10_000  # of the chi-square distribution, to average over


@dataclass(frozen=True)
class Components:
    """Variances of the three effects, with intervals; an estimate below zero is given as zero.

    On *one* split, seeds differ by the seed's own effect and by what seed and split do together: nobody who has one split can
    tell the two apart. That sum is ``seed_on_one_split``.

    Attributes:
        split: between the means of the splits (rows).
        seed: between the means of the seeds (columns).
        rest: what seed and split do together.
        seed_on_one_split: between the seeds of one split, seed and rest together.
        mean: of all scores.
    """

    split: Interval
    seed: Interval
    rest: Interval
    seed_on_one_split: Interval
    mean: float

    def deviations(self) -> dict[str, Interval]:
        """Standard deviations, in the unit of the score."""
        return {name: _root(getattr(self, name)) for name in ("split", "seed_on_one_split", "seed", "rest")}


def crossed_components(scores: np.ndarray, level: float = LEVEL) -> Components:
    """Components of variance of scores (splits, seeds), each seed run once on each split.

    Raises:
        InputError: fewer than two splits or seeds, or scores that are not finite.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 2 or min(scores.shape) < 2 or not np.isfinite(scores).all():
        raise InputError("give a table of finite scores with at least two splits (rows) and two seeds (columns)")
    rows, columns = scores.shape
    of_rows, of_columns, of_rest = mean_squares(scores)
    freedom = (rows - 1) * (columns - 1)
    ends = of_rest * freedom / chi2.ppf([0.5 + level / 2, 0.5 - level / 2], freedom)
    rest = Interval(of_rest, float(ends[0]), float(ends[1]), "chi-square", level)
    return Components(
        split=_difference(of_rows, rows - 1, of_rest, freedom, columns, level),
        seed=_difference(of_columns, columns - 1, of_rest, freedom, rows, level),
        rest=rest,
        seed_on_one_split=_sum(of_columns / rows, columns - 1, of_rest * (1 - 1 / rows), freedom, level),
        mean=float(scores.mean()),
    )


def mean_squares(scores: np.ndarray) -> tuple[float, float, float]:
    """Mean squares of rows, columns and the rest of a table; their sums of squares add up to that of the table."""
    rows, columns = scores.shape
    center = scores.mean()
    by_row, by_column = scores.mean(axis=1) - center, scores.mean(axis=0) - center
    rest = scores - center - by_row[:, None] - by_column
    return (
        float(columns * np.sum(by_row**2) / (rows - 1)),
        float(rows * np.sum(by_column**2) / (columns - 1)),
        float(np.sum(rest**2) / ((rows - 1) * (columns - 1))),
    )


def power_of_seeds(seeds: int, difference: float, deviation: float, level: float = LEVEL) -> float:
    """Share of studies that find a difference between two recipes, each run with so many seeds of its own.

    By a two-sided t test with 2 (seeds - 1) degrees of freedom, from the noncentral t distribution.

    Args:
        seeds: per recipe, at least 2.
        difference: of the true means.
        deviation: standard deviation between seeds of one recipe.
        level: 1 - the share of false alarms.
    """
    if seeds < 2 or deviation <= 0:
        raise InputError("power needs at least two seeds per recipe and a deviation above 0")
    freedom = 2 * (seeds - 1)
    critical = student.ppf(0.5 + level / 2, freedom)
    shift = abs(difference) / (deviation * np.sqrt(2 / seeds))
    power = float(nct.sf(critical, freedom, shift) + nct.cdf(-critical, freedom, shift))
    # The library gives up on some large shifts; there the wrong side is out of reach, and the right one is an average over what
    # the deviation may be estimated at.
    return power if np.isfinite(power) else _power_far_out(critical, freedom, shift)


def difference_found(seeds: int, deviation: float, power: float = 0.8, level: float = LEVEL) -> float:
    """Smallest difference between two recipes that so many seeds of each find with this power; see :func:`power_of_seeds`.

    Raises:
        InputError: fewer than two seeds, a deviation that is not above 0, or a power out of range.
    """
    if not 1 - level < power < 1:
        raise InputError("give a power between the share of false alarms and 1")
    largest = deviation
    while power_of_seeds(seeds, largest, deviation, level) < power:
        largest *= 2
    return float(brentq(lambda gap: power_of_seeds(seeds, gap, deviation, level) - power, 0, largest))


def seeds_needed(difference: float, deviation: float, power: float = 0.8, level: float = LEVEL) -> int:
    """Smallest number of seeds per recipe that finds a difference with this power.

    The textbook's 2 (z + z_power)² σ² / δ² is where it goes for many seeds; with few, the deviation is itself poorly known, and
    more are needed.

    Raises:
        InputError: a difference or deviation that is not above 0, a power out of range, or more than 100,000 seeds.
    """
    if difference <= 0 or deviation <= 0 or not 0 < power < 1:
        raise InputError("give a difference and a deviation above 0 and a power between 0 and 1")
    low, high = 1, 2
    while power_of_seeds(high, difference, deviation, level) < power:
        low, high = high, high * 2
        if high > MOST_SEEDS:
            raise InputError(f"more than {MOST_SEEDS:,} seeds: a difference of {difference:g} is not worth looking for")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_of_seeds(middle, difference, deviation, level) >= power else (middle, high)
    return high


def _difference(first: float, many: int, second: float, few: int, count: int, level: float) -> Interval:
    """Interval of (first - second) / count, mean squares with ``many`` and ``few`` degrees of freedom.

    Ting et al.: the squares of three distances, one for each mean square and one for both, are added up so that the interval is
    exact where either component is zero. Below, q(p) is an upper quantile: exceeded with probability p.
    """
    upper, lower = 0.5 - level / 2, 0.5 + level / 2
    ratio_upper, ratio_lower = fisher.isf(upper, many, few), fisher.isf(lower, many, few)
    g_first, h_first = 1 - many / chi2.isf(upper, many), many / chi2.isf(lower, many) - 1
    g_second, h_second = 1 - few / chi2.isf(upper, few), few / chi2.isf(lower, few) - 1
    g_both = ((ratio_upper - 1) ** 2 - g_first**2 * ratio_upper**2 - h_second**2) / ratio_upper
    h_both = ((1 - ratio_lower) ** 2 - h_first**2 * ratio_lower**2 - g_second**2) / ratio_lower
    below = (g_first * first) ** 2 + (h_second * second) ** 2 + g_both * first * second
    above = (h_first * first) ** 2 + (g_second * second) ** 2 + h_both * first * second
    ends = first - second - np.sqrt(max(below, 0)), first - second + np.sqrt(max(above, 0))
    value, low, high = (max(0.0, float(end)) / count for end in (first - second, *ends))
    return Interval(value, low, high, "Ting et al.", level)


def _sum(first: float, many: int, second: float, few: int, level: float) -> Interval:
    """Interval of first + second, scaled mean squares with ``many`` and ``few`` degrees of freedom, by Graybill and Wang."""
    upper, lower = 0.5 - level / 2, 0.5 + level / 2
    parts = ((first, many), (second, few))
    below = sum((value * (1 - freedom / chi2.isf(upper, freedom))) ** 2 for value, freedom in parts)
    above = sum((value * (freedom / chi2.isf(lower, freedom) - 1)) ** 2 for value, freedom in parts)
    value = first + second
    return Interval(value, value - float(np.sqrt(below)), value + float(np.sqrt(above)), "Graybill and Wang", level)


def _power_far_out(critical: float, freedom: int, shift: float) -> float:
    """Upper tail of the noncentral t distribution: that of the normal, averaged over what the deviation is estimated at."""
    shares = (np.arange(QUANTILES) + 0.5) / QUANTILES
    estimated = np.sqrt(chi2.ppf(shares, freedom) / freedom)
    return float(np.mean(norm.cdf(shift - critical * estimated)))


def _root(found: Interval) -> Interval:
    return Interval(*(float(np.sqrt(end)) for end in (found.value, found.low, found.high)), found.method, found.level)
