"""Intervals of AUROC: the default, the usual one on the logit scale, and the one that needs no variance.

Near AUROC = 1 a few samples decide everything, so the variance is itself poorly known: too small when they happen to
be missing. That is why the usual intervals fail there. Coverage of all of them over a grid of studies is measured in
:mod:`helpers.evaluation.coverage`.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import t as student

from helpers.evaluation.placements import Placements, placements
from helpers.evaluation.proportions import LEVEL, Interval, normal_quantile, undefined
from helpers.evaluation.samples import checked_targets
from helpers.runtime import InputError

PRIOR_FREEDOM = 3.0  # degrees of freedom that the model's variance is worth; coverage hardly changes from 2.5 to 4


def auroc_delong(
    targets: np.ndarray, probability: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> Interval:
    """AUROC with a score interval made of DeLong's variance (Obuchowski's when groups hold several samples).

    A bound b solves (b - AUROC)² = q² D V(b), where V is Hanley & McNeil's variance *at the bound* for the effective
    number of samples (Newcombe 2006, method 5), and D is the observed variance over V(AUROC). So the interval has the
    shape of the score method, which fits near 1, and the size of the data. The two bounds have different dangers:

    - The bound on the side of 1/2 is too close when the few samples that would disturb the ranking are missing. There
      D is drawn toward 1 as if the model were worth :data:`PRIOR_FREEDOM` degrees of freedom beside those of the
      variance (:attr:`Placements.freedom`), and q is the t quantile for their sum.
    - The bound on the side of the end (1 for a good model) takes D as observed and the normal quantile.

    Without variance (AUROC 0 or 1, a constant score, one group in a class) this is :func:`auroc_newcombe` with groups
    in place of samples. Coverage of the 95 % interval, 2,000 to 5,000 simulated studies per cell, AUROC .80 to .99, 22
    to 150 groups of 1 or 5 samples: .935 to .972, each known to about ± .007; with scores of other shapes, unequal
    classes and group sizes .92 to .97. Above .99 with few groups most of the misses lie on one side: a perfect ranking
    is common there, its interval reaches 1 and cannot miss.

    Args:
        targets: (n,) of 0 and 1; with one class missing the interval is undefined (0 to 1).
        probability: (n,) or (seeds, n) scores; only their order counts.
        groups: (n,) group of each sample, or None.
        level: confidence level.
    """
    if len(np.unique(checked_targets(targets))) < 2:
        return undefined(level)
    parts = placements(targets, probability, groups)
    numbers = parts.effective_numbers
    if not _measurable(parts):
        return auroc_newcombe(parts.auroc, *numbers, level=level)
    ratio = parts.variance / _model_variance(parts.auroc, *numbers)
    freedom = parts.freedom
    drawn = (freedom * ratio + PRIOR_FREEDOM) / (freedom + PRIOR_FREEDOM)
    inner = float(student.ppf(0.5 + level / 2, freedom + PRIOR_FREEDOM)) * np.sqrt(drawn)
    outer = normal_quantile(level) * np.sqrt(ratio)
    below, above = (inner, outer) if parts.auroc >= 0.5 else (outer, inner)
    low, _ = _score_bounds(parts.auroc, *numbers, below)
    _, high = _score_bounds(parts.auroc, *numbers, above)
    return Interval(parts.auroc, low, high, f"{_name(parts, targets)}, score", level)


def auroc_logit(
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    level: float = LEVEL,
    quantile: str = "student",
) -> Interval:
    """AUROC with DeLong's interval on the logit scale: the usual one, to be compared with.

    Arguments as in :func:`auroc_delong`. ``quantile`` is ``student`` (degrees of freedom of the variance: covers more
    than it says, .94 to .99) or ``normal`` (the textbook's 1.96: .90 to .98). The boundary is as in the default.
    """
    if quantile not in ("student", "normal"):
        raise InputError(f"unknown quantile {quantile!r}: choose 'student' or 'normal'")
    if len(np.unique(checked_targets(targets))) < 2:
        return undefined(level)
    parts = placements(targets, probability, groups)
    if not _measurable(parts):
        return auroc_newcombe(parts.auroc, *parts.effective_numbers, level=level)
    factor = normal_quantile(level) if quantile == "normal" else float(student.ppf(0.5 + level / 2, parts.freedom))
    error = np.sqrt(parts.variance) / (parts.auroc * (1 - parts.auroc))
    low, high = expit(logit(parts.auroc) + np.array([-factor, factor]) * error)
    return Interval(parts.auroc, float(low), float(high), f"{_name(parts, targets)}, logit", level)


def auroc_newcombe(auroc: float, diseased: float, healthy: float, level: float = LEVEL) -> Interval:
    """Newcombe's method 5 (2006, Stat Med 25:559): from AUROC and the numbers in each class; has a width at 0 and 1.

    The variance is Hanley & McNeil's (1982) at the *bound*, with N* = (diseased + healthy) / 2 - 1 in place of both
    class sizes.

    Args:
        auroc: 0 to 1.
        diseased: number of diseased (may be an effective number).
        healthy: number of healthy.
        level: confidence level.
    """
    if not 0 <= auroc <= 1 or diseased <= 0 or healthy <= 0:
        raise InputError(f"AUROC {auroc} of {diseased} diseased and {healthy} healthy: not a result of a ranking")
    low, high = _score_bounds(auroc, diseased, healthy, normal_quantile(level))
    return Interval(float(auroc), low, high, "Newcombe", level)


def _score_bounds(auroc: float, diseased: float, healthy: float, factor: float) -> tuple[float, float]:
    """Both solutions b of (b - AUROC)² = factor² V(b)."""

    def distance(candidate: float) -> float:
        return (candidate - auroc) ** 2 - factor**2 * _model_variance(candidate, diseased, healthy)

    # At AUROC = 1 the bound 1 is itself a root; the search stops just short of it to find the other one.
    edge = 1e-9
    low = 0.0 if auroc <= edge else float(brentq(distance, 0, min(auroc, 1 - edge)))
    high = 1.0 if auroc >= 1 - edge else float(brentq(distance, max(auroc, edge), 1))
    return low, high


def _model_variance(auroc: float, diseased: float, healthy: float) -> float:
    """Hanley & McNeil (1982, Radiology 143:29) with Newcombe's N*."""
    number = max(0.0, (diseased + healthy) / 2 - 1)
    spread = 1 + number * (1 - auroc) / (2 - auroc) + number * auroc / (1 + auroc)
    return spread * auroc * (1 - auroc) / (diseased * healthy)


def _measurable(parts: Placements) -> bool:
    return not parts.perfect and parts.variance > 1e-15


def _name(parts: Placements, targets: np.ndarray) -> str:
    return "DeLong" if parts.groups == len(np.asarray(targets)) else "Obuchowski"
