"""How well is a sum of group contributions known, and how well is that known? The variance, and its degrees of freedom.

Near the end of a scale (AUROC .99, a Brier score of .01) most groups add nothing and a few decide everything. The
variance is then itself a poor estimate, and a t quantile with its degrees of freedom makes up for it.
"""

from __future__ import annotations

import numpy as np


def sum_variance(contributions: np.ndarray) -> float:
    """Variance of a sum of I independent contributions that add up to zero: I / (I - 1) Σ c²; ``nan`` for one."""
    count = len(contributions)
    return count / (count - 1) * float(np.sum(contributions**2)) if count > 1 else float("nan")


def spread_of_sum_variance(contributions: np.ndarray) -> float:
    """Variance of :func:`sum_variance`, from the fourth moment of the contributions (O'Neill 2014, Am Stat 68:282).

    It is never taken to be smaller than for normal contributions.
    """
    count = len(contributions)
    variance = float(np.var(contributions, ddof=1))
    fourth = float(np.mean((contributions - contributions.mean()) ** 4))
    spread = (fourth - variance**2 * (count - 3) / (count - 1)) / count
    return count**2 * max(spread, 2 * variance**2 / (count - 1))


def satterthwaite(*parts: np.ndarray) -> float:
    """Degrees of freedom of the summed variance of independent parts (Satterthwaite 1946), at least 1.

    2 variance² / (variance of the variance).

    Args:
        parts: each (groups,) of contributions that add up to zero.
    """
    total = sum(sum_variance(part) for part in parts)
    spread = sum(spread_of_sum_variance(part) for part in parts)
    return max(1.0, 2 * total**2 / spread)
