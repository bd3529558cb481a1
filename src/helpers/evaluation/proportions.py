"""Intervals of shares (accuracy, sensitivity, precision, F1 ...) when samples come in groups.

Five tiles of one patient tell less than five patients. The interval is Wilson's (1927), computed for the number of
*independent* samples that would vary as much as these groups do: the design effect of Rao & Scott (1992, Biometrics
48:577); the same idea with a Wilson interval is studied by Saha, Miller & Wang (2016, Int J Biostat 12:20150024).
Wilson's interval has a width also at 0 and 1, where the textbook interval shrinks to a point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri
from scipy.stats import beta
from scipy.stats import t as student

from helpers.evaluation.samples import checked_groups
from helpers.runtime import InputError

LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval; an undefined estimate has value ``nan`` and the interval 0 to 1."""

    value: float
    low: float
    high: float
    method: str
    level: float = LEVEL

    @property
    def width(self) -> float:
        return self.high - self.low

    def text(self, digits: int = 3) -> str:
        """For titles and tables: ``0.912 (0.874 to 0.941)``."""
        return f"{self.value:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def wilson(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a proportion (1927, JASA 22:209).

    Counts may be fractional: an effective number of trials usually is. Without trials nothing is known: 0 to 1.
    """
    if not 0 <= successes <= trials:
        raise InputError(f"{successes} successes in {trials} trials: successes lie between 0 and the trials")
    _check_level(level)
    if trials == 0:
        return undefined(level)
    share = successes / trials
    quantile = normal_quantile(level)
    shrink = 1 + quantile**2 / trials
    center = (share + quantile**2 / (2 * trials)) / shrink
    half = quantile / shrink * np.sqrt(share * (1 - share) / trials + quantile**2 / (4 * trials**2))
    # At the ends the bound is exact; rounding may leave it a hair inside.
    low = 0.0 if successes == 0 else max(0.0, float(center - half))
    high = 1.0 if successes == trials else min(1.0, float(center + half))
    return Interval(float(share), low, high, "Wilson", level)


def cluster_proportion(
    hits: np.ndarray, groups: np.ndarray | None = None, counted: np.ndarray | None = None, level: float = LEVEL
) -> Interval:
    """Interval of the share of hits, with samples in groups.

    Args:
        hits: (n,) of 0 and 1, or (seeds, n): then the estimate is the mean of the seeds' shares, and each sample's
            contribution is averaged over the seeds before groups are compared.
        groups: (n,) group of each sample; None: each sample is its own, and one seed gives the plain Wilson interval.
        counted: the samples in the denominator, booleans of the shape of hits (sensitivity: the diseased; precision:
            the alarms of each seed); None: all.
        level: confidence level.

    Where groups do not vary at all (a share of 0 or 1), the effective number of samples is Kish's n² / Σ nᵢ² over
    group sizes nᵢ: the safe assumption that samples of a group repeat each other.
    """
    share, effective, method = _share(hits, groups, counted, level)
    if not effective:
        return undefined(level)
    interval = wilson(share * effective, effective, level)
    return Interval(share, interval.low, interval.high, method, level)


def lower_bound(
    hits: np.ndarray, groups: np.ndarray | None = None, counted: np.ndarray | None = None, level: float = LEVEL
) -> float:
    """One-sided lower confidence bound of a share that keeps its level also near 1: to promise something with.

    Clopper & Pearson's (1934) for the effective number of samples (Korn & Graubard 1998): Wilson's, which is right on
    average, promises too much in one direction there. Arguments as in :func:`cluster_proportion`; 0 without samples.
    """
    share, effective, _ = _share(hits, groups, counted, 2 * level - 1)
    if not effective or share <= 0:
        return 0.0
    return float(beta.ppf(1 - level, share * effective, (1 - share) * effective + 1))


def f1_interval(
    targets: np.ndarray, decisions: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> Interval:
    """Interval of F1 from the interval of a share.

    F1 = 2J / (1 + J), where J = TP / (TP + FP + FN) is the share of true positives among the samples that are diseased
    or called so (the Jaccard index). J is a proportion, so it gets :func:`cluster_proportion`; the map is monotone, so
    the ends of its interval are mapped too. Nothing degenerates at F1 = 1.

    Args:
        targets: (n,) of 0 and 1.
        decisions: (n,) or (seeds, n) of 0 and 1: the value is the mean of the seeds' F1.
        groups: (n,) group of each sample, or None.
        level: confidence level.
    """
    diseased = np.asarray(targets) == 1
    called = np.atleast_2d(np.asarray(decisions)) == 1
    group = checked_groups(groups, len(diseased))
    true_positive, concerned = diseased & called, diseased | called
    trials = concerned.sum(axis=1, keepdims=True)
    if not trials.all():
        return undefined(level)
    jaccard = true_positive.sum(axis=1, keepdims=True) / trials
    value = float(np.mean(2 * jaccard / (1 + jaccard)))
    # Seeds are averaged on the scale of F1; slopes carry the contributions there and back to the scale of J.
    equivalent = value / (2 - value)
    slopes = 2 / (1 + jaccard) ** 2 / (2 / (1 + equivalent) ** 2)
    contributions = (slopes * concerned * (true_positive - jaccard) / trials).mean(axis=0)
    sizes = np.bincount(group, (concerned / trials).mean(axis=0))
    summed = np.bincount(group, contributions)
    effective, method = _effective_trials(equivalent, summed, sizes, float(trials.mean()), level, len(called))
    share = wilson(equivalent * effective, effective, level)
    low, high = (2 * end / (1 + end) for end in (share.low, share.high))
    return Interval(value, low, high, method, level)


def effective_groups(sizes: np.ndarray) -> float:
    """Kish's effective number (1965): (Σ n)² / Σ n², the number of equal groups that would tell as much."""
    sizes = np.asarray(sizes, dtype=np.float64)
    return float(sizes.sum() ** 2 / np.sum(sizes**2))


def undefined(level: float = LEVEL) -> Interval:
    """What is known about a share without a denominator: nothing."""
    return Interval(float("nan"), 0.0, 1.0, "undefined", level)


def normal_quantile(level: float) -> float:
    """Two-sided quantile of the normal distribution: 1.96 for 0.95."""
    _check_level(level)
    return float(ndtri(0.5 + level / 2))


def _share(
    hits: np.ndarray, groups: np.ndarray | None, counted: np.ndarray | None, level: float
) -> tuple[float, float, str]:
    """Share, effective number of samples behind it (0: no denominator) and the name of the method."""
    hits = np.atleast_2d(np.asarray(hits, dtype=np.float64))
    group = checked_groups(groups, hits.shape[1])
    counted = np.ones(hits.shape, dtype=bool) if counted is None else np.atleast_2d(np.asarray(counted, dtype=bool))
    if counted.shape != hits.shape:
        raise InputError(f"hits of shape {hits.shape} but counted of shape {counted.shape}: give the same shape")
    trials = counted.sum(axis=1, keepdims=True)
    if not trials.all():
        return float("nan"), 0.0, "undefined"
    shares = (hits * counted).sum(axis=1, keepdims=True) / trials
    contributions = np.bincount(group, (counted * (hits - shares) / trials).mean(axis=0))
    sizes = np.bincount(group, (counted / trials).mean(axis=0))
    share = float(shares.mean())
    return share, *_effective_trials(share, contributions, sizes, float(trials.mean()), level, len(hits))


def _effective_trials(
    share: float, contributions: np.ndarray, sizes: np.ndarray, trials: float, level: float, seeds: int
) -> tuple[float, str]:
    """Effective number of trials behind group contributions that sum to zero, and the name of the method.

    ``contributions`` (groups,): what each group adds to the deviation of the share; their squares sum to its variance.
    """
    groups = int(np.count_nonzero(sizes))
    single = groups >= trials - 1e-9
    if seeds == 1 and single:
        return trials, "Wilson"
    variance = float(np.sum(contributions**2)) * groups / max(groups - 1, 1)
    # Groups that do not differ at all (a share of 0 or 1) measure no variance: then only the groups are counted on.
    # Otherwise few groups know their variance poorly: Korn & Graubard (1998, Survey Methodology 24:193) shrink the
    # effective number by the squared ratio of the normal to the t quantile.
    known = variance > 1e-15 and groups > 1
    caution = normal_quantile(level) / float(student.ppf(0.5 + level / 2, groups - 1)) if known else 1.0
    effective = min(share * (1 - share) / variance * caution**2, trials) if known else effective_groups(sizes)
    return effective, "Wilson" if single else "Wilson, design effect"


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InputError(f"confidence level is {level}: it lies between 0 and 1, usually 0.95")
