"""AUROC taken apart: placement values, DeLong's variance, and its form for samples in groups.

The placement value of a diseased sample is the share of healthy samples that score lower; AUROC is their mean.
Sources: DeLong, DeLong & Clarke-Pearson (1988, Biometrics 44:837) for the variance, Obuchowski (1997, Biometrics
53:567) for groups. The intervals made of them are in :mod:`helpers.evaluation.auroc_intervals`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import rankdata

from helpers.evaluation.contributions import satterthwaite, sum_variance
from helpers.evaluation.proportions import effective_groups
from helpers.evaluation.samples import checked_groups, checked_score_rows
from helpers.runtime import InputError


@dataclass(frozen=True)
class Placements:
    """AUROC taken apart by group.

    Attributes:
        auroc: mean over the seeds.
        by_diseased: (groups,) what each group adds to the deviation of AUROC through its diseased samples.
        by_healthy: (groups,) the same through its healthy samples.
        diseased_sizes, healthy_sizes: (groups,) samples of each class.
        ungrouped: variance that the diseased and the healthy samples would add if each were its own group.
    """

    auroc: float
    by_diseased: np.ndarray
    by_healthy: np.ndarray
    diseased_sizes: np.ndarray
    healthy_sizes: np.ndarray
    ungrouped: tuple[float, float]

    @property
    def groups(self) -> int:
        return len(self.by_diseased)

    @property
    def perfect(self) -> bool:
        """True where no pair is ranked wrong, or none right: AUROC 1 or 0, whose variance cannot be measured."""
        return not 1e-12 < self.auroc < 1 - 1e-12

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
        return sum(sum_variance(part) for part in self._parts) + 2 * common

    @property
    def freedom(self) -> float:
        """Degrees of freedom of that variance: 2 variance² / (variance of the variance), Satterthwaite (1946).

        Near AUROC = 1 most placement values are 1 and a few decide everything, so the variance is itself poorly known.
        """
        return satterthwaite(*self._parts)

    @property
    def effective_numbers(self) -> tuple[float, float]:
        """How many independent diseased and healthy samples would tell as much: samples / design effect.

        The design effect of a class is its variance over that without groups. It lies between 1 and the mean size of
        the groups; that worst case is assumed where the variance cannot be measured (all placement values equal).
        """
        numbers = []
        sizes = (self.diseased_sizes, self.healthy_sizes)
        for part, size, ungrouped in zip(self._parts, sizes, self.ungrouped, strict=True):
            largest = float(size.sum()) / effective_groups(size)
            grouped = sum_variance(part)
            measured = grouped / ungrouped if ungrouped > 1e-15 and np.isfinite(grouped) else largest
            numbers.append(float(size.sum()) / min(max(measured, 1.0), largest))
        return numbers[0], numbers[1]

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
        ungrouped=(
            sum_variance((of_diseased - auroc) / positives),
            sum_variance((of_healthy - auroc) / negatives),
        ),
    )
