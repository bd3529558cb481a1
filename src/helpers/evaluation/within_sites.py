"""AUROC among patients of the same hospital: what a ranking is worth once knowing the hospital no longer counts.

Where 93 % of one hospital's patients are ill and 36 % of another's, a model that knows nothing but the hospital has an AUROC
well above one half over all patients. Nobody chooses between patients of different hospitals, so pairs are formed within
them (a stratified Mann-Whitney statistic, van Elteren 1960, Bull Inst Int Stat 37:351).
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from helpers.evaluation.auroc_intervals import auroc_newcombe
from helpers.evaluation.comparison import PairedComparison, from_separate_intervals
from helpers.evaluation.placements import Placements, placements
from helpers.evaluation.proportions import LEVEL, Interval, normal_quantile
from helpers.evaluation.samples import checked_score_rows
from helpers.runtime import InputError

SMALLEST_VARIANCE = 1e-15


def auroc_within(
    targets: np.ndarray,
    scores: np.ndarray,
    sites: np.ndarray,
    groups: np.ndarray | None = None,
    level: float = LEVEL,
) -> Interval:
    """Share of pairs of an ill and a healthy patient *of one site* in which the ill one has the higher score.

    The mean of the sites' AUROCs, weighted by their pairs; ties count half. Sites are independent, so the variance is the
    weighted sum of DeLong's (Obuchowski's with groups); the interval is symmetric on the logit scale. Sites with fewer than
    two groups of a class are left out: their variance cannot be measured.

    Args:
        targets: (n,) of 0 and 1.
        scores: (n,) or (seeds, n).
        sites: (n,) site of each sample; a group belongs to one site.
        groups: (n,) group of each sample; None: each its own.
        level: confidence level.

    Raises:
        InputError: no site has two groups of each class.
    """
    shares, parts = _by_site(targets, scores, sites, groups)
    return _interval(shares, parts, level)


def paired_within(
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    sites: np.ndarray,
    groups: np.ndarray | None = None,
    level: float = LEVEL,
) -> PairedComparison:
    """Difference of two models' :func:`auroc_within` on the same samples; arguments as there.

    Where the models rank alike in all pairs nothing varies, nor where one of them is perfect at every site; then the two
    intervals are combined as if the models were
    independent (Newcombe 1998, method 10): wide, and never of zero width.
    """
    shares, one = _by_site(targets, first, sites, groups)
    _, other = _by_site(targets, second, sites, groups)
    ends = _interval(shares, one, level), _interval(shares, other, level)
    difference = ends[0].value - ends[1].value
    variance = _variance(shares, [ours.minus(theirs) for ours, theirs in zip(one, other, strict=True)])
    perfect = any(all(part.perfect for part in parts) for parts in (one, other))
    if perfect or not variance > SMALLEST_VARIANCE:
        return from_separate_intervals(*ends)
    error = float(np.sqrt(variance))
    half, p_value = normal_quantile(level) * error, float(2 * norm.sf(abs(difference) / error))
    low, high = max(-1.0, difference - half), min(1.0, difference + half)
    values = ends[0].value, ends[1].value
    return PairedComparison(*values, difference, low, high, p_value, "DeLong within sites, paired", level)


def _interval(shares: np.ndarray, parts: list[Placements], level: float) -> Interval:
    value = float(sum(share * part.auroc for share, part in zip(shares, parts, strict=True)))
    variance = _variance(shares, parts)
    if not 0 < value < 1 or not variance > SMALLEST_VARIANCE:
        sizes = np.sum([[(part.diseased_sizes > 0).sum(), (part.healthy_sizes > 0).sum()] for part in parts], axis=0)
        return auroc_newcombe(value, *sizes.tolist(), level=level)
    half = normal_quantile(level) * np.sqrt(variance) / (value * (1 - value))
    low, high = expit(logit(value) - half), expit(logit(value) + half)
    return Interval(value, float(low), float(high), "DeLong within sites, logit", level)


def _by_site(targets, scores, sites, groups) -> tuple[np.ndarray, list[Placements]]:
    """Share of the pairs, and AUROC taken apart, of each site that can be judged."""
    targets, rows = checked_score_rows(targets, scores)
    sites = np.asarray(sites)
    groups = np.arange(len(targets)) if groups is None else np.asarray(groups)
    if sites.shape != targets.shape or groups.shape != targets.shape:
        raise InputError(
            f"{len(targets)} samples, sites of shape {sites.shape}, groups of shape {groups.shape}: one each"
        )
    pairs, parts = [], []
    for site in np.unique(sites):
        inside = sites == site
        held = [len(np.unique(groups[inside & (targets == label)])) for label in (0, 1)]
        if min(held) < 2:
            continue
        parts.append(placements(targets[inside], rows[:, inside], groups[inside]))
        pairs.append(np.prod([np.sum(inside & (targets == label)) for label in (0, 1)]))
    if not pairs:
        raise InputError("no site has two groups of each class: there is nothing to compare within sites")
    return np.array(pairs) / sum(pairs), parts


def _variance(shares: np.ndarray, parts: list[Placements]) -> float:
    return float(sum(share**2 * part.variance for share, part in zip(shares, parts, strict=True)))
