"""Where to act: thresholds for a wanted sensitivity or specificity, chosen on validation and read on test.

The plain rule takes the threshold that finds 95 % of the diseased *in the validation samples*; on new patients it finds
less in about half of the cases. The cautious rule asks for the lower confidence bound to reach 95 %. That is a promise
one can make, and it costs specificity.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluation.metrics import choose_threshold, decide
from helpers.evaluation.proportions import LEVEL, Interval, cluster_proportion, lower_bound
from helpers.evaluation.resampling import group_bootstrap, weighted_specificity_at
from helpers.evaluation.samples import checked_groups, checked_scores
from helpers.runtime import InputError


@dataclass(frozen=True)
class CautiousThreshold:
    """A threshold with a promise.

    Attributes:
        threshold: call diseased from here on; 0 (everybody is called) when the promise cannot be made.
        sensitivity: what was asked for.
        bound: lower confidence bound of the sensitivity at that threshold, on the validation samples.
        reached: whether the bound reaches what was asked for.
        needed: diseased groups without a single miss that could just make the promise.
    """

    threshold: float
    sensitivity: float
    bound: float
    reached: bool
    needed: int


def cautious_threshold(
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    sensitivity: float = 0.95,
    level: float = LEVEL,
) -> CautiousThreshold:
    """The highest threshold whose lower confidence bound of sensitivity reaches the target on validation samples.

    Thresholds are tried from the lowest up, and the first whose bound falls short ends the search. As sensitivity only
    falls on the way, testing in this fixed order needs no correction for trying many thresholds (Angelopoulos et al.
    2021, "Learn then test", arXiv:2110.01052): in the share ``level`` of studies the sensitivity on new patients of the
    same kind is at least the target. Before the epoch and the calibration were chosen on the same samples, that is.

    Args:
        targets: (n,) of 0 and 1, both present.
        probability: (n,) between 0 and 1.
        groups: (n,) group of each sample, or None.
        sensitivity: the target, above 0 and below 1.
        level: one-sided confidence level.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    group = checked_groups(groups, len(targets))
    if not 0 < sensitivity < 1:
        raise InputError(f"sensitivity to promise is {sensitivity}: it lies between 0 and 1; nobody can promise 1")
    if not 0.5 < level < 1:
        raise InputError(f"confidence level is {level}: it lies between 0.5 and 1, usually 0.95")
    if targets.min() == targets.max():
        raise InputError("a threshold needs both classes in the validation samples; only one is there")
    needed = math.ceil(math.log(1 - level) / math.log(sensitivity) - 1e-9)
    diseased, members = probability[targets == 1], group[targets == 1]
    kept, bound = None, 0.0
    for score in np.unique(diseased):
        found = diseased >= score
        candidate = lower_bound(found, members, level=level)
        if candidate < sensitivity:
            bound = candidate if kept is None else bound
            break
        kept, bound = float(found.mean()), candidate
    if kept is None:
        return CautiousThreshold(0.0, sensitivity, bound, False, needed)
    threshold = choose_threshold(targets, probability, "sensitivity", kept)
    return CautiousThreshold(threshold, sensitivity, bound, True, needed)


def operating_table(
    rules: Mapping[str, float],
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """What each threshold gives on these samples.

    Args:
        rules: name of the rule to its threshold, fixed before these samples were seen.
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        groups: (n,) group of each sample, for the intervals.
        level: confidence level.

    Returns:
        Index rule; columns threshold, sensitivity, sensitivity_low, sensitivity_high, the same for specificity,
        missed, false_alarms (counts).
    """
    targets, probability = checked_scores(targets, probability)
    if not rules:
        raise InputError("no rule given: name at least one threshold")
    rows = {}
    for name, threshold in rules.items():
        called = decide(probability, threshold)
        row: dict[str, float] = {"threshold": float(threshold)}
        for measure, label in (("sensitivity", 1), ("specificity", 0)):
            share = cluster_proportion(called == (targets == 1), groups, targets == label, level)
            row |= {measure: share.value, f"{measure}_low": share.low, f"{measure}_high": share.high}
        row["missed"] = int(np.sum(~called & (targets == 1)))
        row["false_alarms"] = int(np.sum(called & (targets == 0)))
        rows[name] = row
    return pd.DataFrame.from_dict(rows, orient="index").astype({"missed": int, "false_alarms": int})


def operating_text(table: pd.DataFrame, digits: int = 2) -> pd.DataFrame:
    """:func:`operating_table` for reading: ``0.86 (0.78 to 0.92)`` in place of three columns."""
    words = pd.DataFrame({"threshold": table["threshold"].round(3)})
    for measure in ("sensitivity", "specificity"):
        ends = zip(table[measure], table[f"{measure}_low"], table[f"{measure}_high"], strict=True)
        words[measure] = [f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})" for value, low, high in ends]
    words["missed"], words["false alarms"] = table["missed"], table["false_alarms"]
    return words


def cost_of_caution(
    targets: np.ndarray,
    probability: np.ndarray,
    plain: float,
    cautious: float,
    groups: np.ndarray | None = None,
    level: float = LEVEL,
) -> Interval:
    """Specificity given up for the promise: the share of the healthy that lie between the two thresholds.

    Args:
        targets, probability, groups: of the test samples.
        plain, cautious: the two thresholds, the cautious one not above the plain one.
        level: confidence level.
    """
    targets, probability = checked_scores(targets, probability)
    if cautious > plain:
        raise InputError(f"the cautious threshold {cautious:g} lies above the plain one {plain:g}: exchange them")
    between = decide(probability, cautious) & ~decide(probability, plain)
    return cluster_proportion(between, groups, targets == 0, level)


def specificity_at_sensitivity(
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    sensitivity: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """Specificity where the ROC curve of these samples reaches a sensitivity: compares models without a threshold.

    Two models are compared with :func:`helpers.evaluation.comparison.paired_group_bootstrap` and
    :func:`helpers.evaluation.resampling.weighted_specificity_at`. The point on the curve is found on the very samples
    it is judged on, and again in each resample: it describes a ranking, and promises nothing.
    """
    statistic = weighted_specificity_at(sensitivity)
    return group_bootstrap(statistic, targets, probability, groups, resamples, seed, level)
