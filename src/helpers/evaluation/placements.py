"""AUROC with an interval: placement values, DeLong's variance, and its form for samples in groups.

The placement value of a diseased sample is the share of healthy samples that score lower; AUROC is their mean.
Sources: DeLong, DeLong & Clarke-Pearson (1988, Biometrics 44:837) for the variance, Obuchowski (1997, Biometrics
53:567) for groups, Newcombe (2006, Stat Med 25:559, method 5) for the boundary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import rankdata
from scipy.stats import t as student

from helpers.evaluation.proportions import LEVEL, Interval, effective_groups, normal_quantile, undefined
from helpers.evaluation.samples import checked_groups, checked_score_rows, checked_targets
from helpers.runtime import InputError


@dataclass(frozen=True)
class Placements:
    """AUROC taken apart by group.

    Attributes:
        auroc: mean over the seeds.
        by_diseased: (groups,) what each group adds to the deviation of AUROC through its diseased samples.
        by_healthy: (groups,) the same through its healthy samples.
        diseased_sizes, healthy_sizes: (groups,) samples of each class.
    """

    auroc: float
    by_diseased: np.ndarray
    by_healthy: np.ndarray
    diseased_sizes: np.ndarray
    healthy_sizes: np.ndarray

    @property
    def groups(self) -> int:
        return len(self.by_diseased)

    @property
    def _parts(self) -> tuple[np.ndarray, np.ndarray]:
        return self.by_diseased[self.diseased_sizes > 0], self.by_healthy[self.healthy_sizes > 0]

    @property
    def variance(self) -> float:
        """Obuchowski's variance; with one sample per group it is DeLong's. ``nan`` with one group in a class."""
        if self.groups < 2:
            return float("nan")
        # Groups that hold both classes add to both sums: the product counts what the two have in common.
        common = self.groups / (self.groups - 1) * float(np.sum(self.by_diseased * self.by_healthy))
        return sum(_sum_variance(part) for part in self._parts) + 2 * common

    @property
    def freedom(self) -> float:
        """Degrees of freedom of that variance: 2 variance² / (variance of the variance), Satterthwaite (1946).

        Near AUROC = 1 most placement values are 1 and a few decide everything, so the variance is itself poorly known.
        Its spread follows from the kurtosis of the contributions (O'Neill 2014, Am Stat 68:282); it is never taken to
        be smaller than for normal contributions.
        """
        total = sum(_sum_variance(part) for part in self._parts)
        spread = sum(_spread_of_sum_variance(part) for part in self._parts)
        return max(1.0, 2 * total**2 / spread)

    def minus(self, other: Placements) -> Placements:
        """The difference to another model on the same samples: its variance contains the covariance."""
        return replace(
            self,
            auroc=self.auroc - other.auroc,
            by_diseased=self.by_diseased - other.by_diseased,
            by_healthy=self.by_healthy - other.by_healthy,
        )


def placements(targets: np.ndarray, scores: np.ndarray, groups: np.ndarray | None = None) -> Placements:
    """Take AUROC apart.

    Args:
        targets: (n,) of 0 and 1, both present.
        scores: (n,) or (seeds, n): placement values are averaged over the seeds.
        groups: (n,) group of each sample; None: each its own.
    """
    targets, scores = checked_score_rows(targets, scores)
    group = checked_groups(groups, len(targets))
    diseased = targets == 1
    positives, negatives = int(diseased.sum()), int((~diseased).sum())
    if not positives or not negatives:
        raise InputError("AUROC needs both classes; only one is there")
    ranks = rankdata(scores, axis=1)
    among_diseased = rankdata(scores[:, diseased], axis=1)
    among_healthy = rankdata(scores[:, ~diseased], axis=1)
    of_diseased = ((ranks[:, diseased] - among_diseased) / negatives).mean(axis=0)
    of_healthy = 1 - ((ranks[:, ~diseased] - among_healthy) / positives).mean(axis=0)
    auroc = float(of_diseased.mean())
    count = int(group.max()) + 1
    return Placements(
        auroc=auroc,
        by_diseased=np.bincount(group[diseased], (of_diseased - auroc) / positives, minlength=count),
        by_healthy=np.bincount(group[~diseased], (of_healthy - auroc) / negatives, minlength=count),
        diseased_sizes=np.bincount(group[diseased], minlength=count),
        healthy_sizes=np.bincount(group[~diseased], minlength=count),
    )


def auroc_delong(
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    level: float = LEVEL,
    quantile: str = "student",
) -> Interval:
    """AUROC with DeLong's interval on the logit scale; Obuchowski's variance when groups hold several samples.

    At the boundary (AUROC 0 or 1, or no variance to measure, or one group in a class) the variance says nothing and
    Newcombe's interval takes over, with the effective number of groups in each class in place of samples.

    Args:
        targets: (n,) of 0 and 1; with one class missing the interval is undefined (0 to 1).
        probability: (n,) or (seeds, n) scores; only their order counts.
        groups: (n,) group of each sample, or None.
        level: confidence level.
        quantile: ``student`` uses the degrees of freedom of the variance (see :class:`Placements`), which holds the
            level near AUROC = 1 and with few groups; ``normal`` is the usual 1.96, too narrow there.
    """
    if quantile not in ("student", "normal"):
        raise InputError(f"unknown quantile {quantile!r}: choose 'student' or 'normal'")
    if len(np.unique(checked_targets(targets))) < 2:
        return undefined(level)
    parts = placements(targets, probability, groups)
    variance = parts.variance
    inside = 1e-12 < parts.auroc < 1 - 1e-12
    if not inside or not variance > 1e-15:
        numbers = (effective_groups(parts.diseased_sizes), effective_groups(parts.healthy_sizes))
        return auroc_newcombe(parts.auroc, *numbers, level=level)
    factor = normal_quantile(level) if quantile == "normal" else float(student.ppf(0.5 + level / 2, parts.freedom))
    error = np.sqrt(variance) / (parts.auroc * (1 - parts.auroc))
    low, high = expit(logit(parts.auroc) + np.array([-factor, factor]) * error)
    single = parts.groups == len(np.asarray(targets))
    method = "DeLong, logit" if single else "Obuchowski, logit"
    return Interval(parts.auroc, float(low), float(high), method, level)


def auroc_newcombe(auroc: float, diseased: float, healthy: float, level: float = LEVEL) -> Interval:
    """Newcombe's method 5: a score interval from AUROC and the numbers in each class alone; has a width at 0 and 1.

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
    factor = normal_quantile(level)
    number = max(0.0, (diseased + healthy) / 2 - 1)

    def distance(candidate: float) -> float:
        spread = 1 + number * (1 - candidate) / (2 - candidate) + number * candidate / (1 + candidate)
        return (candidate - auroc) ** 2 - factor**2 * spread * candidate * (1 - candidate) / (diseased * healthy)

    # At AUROC = 1 the bound 1 is itself a root; the search stops just short of it to find the other one.
    edge = 1e-9
    low = 0.0 if auroc <= edge else float(brentq(distance, 0, min(auroc, 1 - edge)))
    high = 1.0 if auroc >= 1 - edge else float(brentq(distance, max(auroc, edge), 1))
    return Interval(float(auroc), low, high, "Newcombe", level)


def _sum_variance(contributions: np.ndarray) -> float:
    """Variance of a sum of I independent contributions that add up to zero: I / (I - 1) Σ c²."""
    count = len(contributions)
    return count / (count - 1) * float(np.sum(contributions**2)) if count > 1 else float("nan")


def _spread_of_sum_variance(contributions: np.ndarray) -> float:
    """Variance of :func:`_sum_variance`, from the fourth moment of the contributions."""
    count = len(contributions)
    variance = float(np.var(contributions, ddof=1))
    fourth = float(np.mean((contributions - contributions.mean()) ** 4))
    spread = (fourth - variance**2 * (count - 3) / (count - 1)) / count
    return count**2 * max(spread, 2 * variance**2 / (count - 1))
