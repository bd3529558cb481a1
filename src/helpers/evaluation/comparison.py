"""Is one model better than another? Paired comparison: both have scored the same samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.placements import placements
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.evaluation.resampling import (
    Statistic,
    bootstrap_statistics,
    group_bootstrap,
    weighted_accuracy,
    weighted_f1,
)
from helpers.evaluation.samples import checked_groups, checked_score_rows
from helpers.runtime import InputError

AT_THRESHOLD = {"f1": weighted_f1, "accuracy": weighted_accuracy}


@dataclass(frozen=True)
class PairedComparison:
    """Value of the first model minus value of the second, with interval and two-sided p value.

    The p value is ``nan`` where the samples hold nothing to test with (both models perfect, say).
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    p_value: float
    method: str
    level: float = LEVEL

    @property
    def decided(self) -> bool:
        """True when the interval of the difference leaves out zero."""
        return self.low > 0 or self.high < 0


def delong_paired(
    targets: np.ndarray, first: np.ndarray, second: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> PairedComparison:
    """Difference of two AUROCs on the same samples: DeLong, DeLong & Clarke-Pearson (1988, Biometrics 44:837).

    The covariance is contained in the placement values: their differences, sample by sample, have the variance of the
    difference. With groups of several samples these are summed by group (Obuchowski 1997). Two good models differ on a
    few samples only, so that variance is poorly known: interval and p value use the t distribution with its degrees of
    freedom (:attr:`helpers.evaluation.placements.Placements.freedom`). Simulated coverage is .92 to .98 for AUROC .80 to
    .99 and 22 to 150 groups, but .86 to .92 where both models are near .99 with 50 groups or fewer: there a difference
    of a few thousandths that seems decided is not. Where one of the rankings is perfect (AUROC 1 or 0), or the
    difference does not vary, the two intervals are combined as if the models were independent.

    Args:
        targets: (n,) of 0 and 1, both present.
        first, second: (n,) or (seeds, n) scores of the two models.
        groups: (n,) group of each sample, or None.
        level: confidence level.
    """
    one, other = (placements(targets, scores, groups) for scores in (first, second))
    difference = one.auroc - other.auroc
    contrast = one.minus(other)
    variance = contrast.variance
    # A perfect ranking of these samples need not be perfect on others; its placement values do not vary, so the
    # variance of the difference would be that of the other model alone.
    if one.perfect or other.perfect or not variance > 1e-15:
        ends = [auroc_delong(targets, scores, groups, level) for scores in (first, second)]
        return from_separate_intervals(*ends)
    error = np.sqrt(variance)
    half = float(student.ppf(0.5 + level / 2, contrast.freedom)) * error
    p_value = float(2 * student.sf(abs(difference) / error, contrast.freedom))
    method = "DeLong, paired" if one.groups == len(np.asarray(targets)) else "Obuchowski, paired"
    low, high = max(-1.0, difference - half), min(1.0, difference + half)
    return PairedComparison(one.auroc, other.auroc, difference, float(low), float(high), p_value, method, level)


def paired_group_bootstrap(
    statistic: Statistic | tuple[Statistic, Statistic],
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> PairedComparison:
    """Difference of a statistic between two models, by drawing the same groups for both.

    Args:
        statistic: as in :func:`helpers.evaluation.resampling.group_bootstrap`; a pair when the models have different
            thresholds, one statistic for each.
        targets: (n,) of 0 and 1.
        first, second: (n,) or (seeds, n) scores.
        groups: (n,) group of each sample, or None.
        resamples: at least 100.
        seed: of the drawing.
        level: confidence level.

    The interval holds the central quantiles of the resampled differences; the p value is twice the smaller share of
    resamples on either side of zero, counted with one more resample, so that it is never 0.
    """
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for an interval: take at least 100, usually 1000")
    of_first, of_second = statistic if isinstance(statistic, tuple) else (statistic, statistic)
    targets, first_rows = checked_score_rows(targets, first)
    _, second_rows = checked_score_rows(targets, second)
    group = checked_groups(groups, len(targets))
    values = [_value(part, targets, rows) for part, rows in ((of_first, first_rows), (of_second, second_rows))]
    # The same seed and groups draw the same resamples: that is what makes the comparison paired.
    drawn = bootstrap_statistics(of_first, targets, first_rows, group, resamples, seed)
    drawn = drawn - bootstrap_statistics(of_second, targets, second_rows, group, resamples, seed)
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < resamples / 2 or np.ptp(drawn) <= 1e-9:
        pairs = ((of_first, first_rows), (of_second, second_rows))
        ends = [group_bootstrap(part, targets, rows, group, resamples, seed, level) for part, rows in pairs]
        return from_separate_intervals(*ends)
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2])
    tail = min(np.sum(drawn <= 0), np.sum(drawn >= 0))
    p_value = min(1.0, 2 * float(tail + 1) / (len(drawn) + 1))
    difference = values[0] - values[1]
    method = "group bootstrap, paired"
    return PairedComparison(*values, difference, float(low), float(high), p_value, method, level)


def paired_at_thresholds(
    metric: str,
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    thresholds: tuple[float, float],
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> PairedComparison:
    """Difference of F1 or accuracy between two models, each at its own threshold, with groups resampled for both.

    Args:
        metric: ``f1`` or ``accuracy``.
        targets: (n,) of 0 and 1.
        first, second: (n,) or (seeds, n) scores.
        thresholds: of the first and of the second model, chosen on validation.
        groups, resamples, seed, level: as in :func:`paired_group_bootstrap`.
    """
    if metric not in AT_THRESHOLD:
        raise InputError(f"metric {metric!r} has no threshold to compare at: choose one of {', '.join(AT_THRESHOLD)}")
    of_first, of_second = (AT_THRESHOLD[metric](threshold) for threshold in thresholds)
    return paired_group_bootstrap((of_first, of_second), targets, first, second, groups, resamples, seed, level)


def _value(statistic: Callable, targets: np.ndarray, rows: np.ndarray) -> float:
    return float(np.mean([statistic(targets, row, np.ones((1, len(targets)))) for row in rows]))


def from_separate_intervals(one: Interval, other: Interval) -> PairedComparison:
    """Interval of a difference from two intervals (Newcombe 1998, Stat Med 17:873; Zou & Donner 2008).

    Used where the samples cannot tell how much the paired difference varies. It takes the models to be independent, which is wide
    for models that have seen the same samples, and never of zero width.
    """
    difference = one.value - other.value
    low = difference - np.hypot(one.value - one.low, other.high - other.value)
    high = difference + np.hypot(one.high - one.value, other.value - other.low)
    method = "separate intervals"
    return PairedComparison(
        one.value, other.value, difference, float(low), float(high), float("nan"), method, one.level
    )
