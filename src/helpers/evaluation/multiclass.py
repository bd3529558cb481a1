"""Sensitivity and positive predictive value of each of several classes, with intervals over groups.

One class against all others: of the beats that *are* ventricular, the share called so (sensitivity); of the beats that
are *called* ventricular, the share that are (positive predictive value, precision). ANSI/AAMI EC57 asks for these two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import LEVEL, Interval, cluster_proportion
from helpers.evaluation.regression import absolute_error_difference
from helpers.runtime import InputError

SENSITIVITY, PREDICTIVE_VALUE = "sensitivity", "positive predictive value"


def class_rates(
    targets: np.ndarray,
    decisions: np.ndarray,
    class_names: Sequence[str],
    groups: np.ndarray | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Both rates of every class that occurs among the targets.

    Args:
        targets, decisions: (n,) numbers of classes.
        class_names: in the order of the numbers.
        groups: (n,) group of each sample; None: each its own.
        level: confidence level.

    Returns:
        Index (class, measure); columns value, low, high, method, samples (in the denominator) and groups (that they
        come from). A class that was never called has no predictive value: ``nan``, between 0 and 1.

    Raises:
        InputError: lengths differ or a number has no name.
    """
    targets, decisions = _checked(targets, decisions, len(class_names))
    group = np.arange(len(targets)) if groups is None else np.asarray(groups)
    rows = {}
    for label, name in enumerate(class_names):
        if not (targets == label).any():
            continue
        right = (targets == label) & (decisions == label)
        for measure, counted in ((SENSITIVITY, targets == label), (PREDICTIVE_VALUE, decisions == label)):
            found = cluster_proportion(right, group, counted, level)
            rows[name, measure] = {
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "method": found.method,
                "samples": int(counted.sum()),
                "groups": len(np.unique(group[counted])),
            }
    table = pd.DataFrame(rows).T
    table.index.names = ["class", "measure"]
    return table


def multiclass_accuracy(
    targets: np.ndarray, decisions: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> Interval:
    """Share of all samples whose class was named, with its interval over groups."""
    targets, decisions = _checked(targets, decisions)
    return cluster_proportion(targets == decisions, groups, level=level)


def error_difference(
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    level: float = LEVEL,
) -> PairedComparison:
    """Share of errors of the first model minus that of the second on the same samples; below 0 the first is better.

    An error is a distance of 1, so this is a difference of mean absolute errors: whole groups are drawn.

    Args:
        targets, first, second: (n,) true classes, and those that two models named.
        groups, resamples, level: as for :func:`helpers.evaluation.regression.absolute_error_difference`.
    """
    targets, first = _checked(targets, first)
    targets, second = _checked(targets, second)
    wrong = ((decisions != targets).astype(np.float64) for decisions in (first, second))
    return absolute_error_difference(np.zeros(len(targets)), *wrong, groups, resamples, level=level)


def _checked(targets: np.ndarray, decisions: np.ndarray, classes: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    pair = np.asarray(targets), np.asarray(decisions)
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape or not len(pair[0]):
        raise InputError(f"targets have shape {pair[0].shape}, decisions {pair[1].shape}: give one class per sample")
    if classes is not None and not all(np.isin(values, np.arange(classes)).all() for values in pair):
        raise InputError(f"some targets or decisions have no name: classes are 0 to {classes - 1}")
    return pair
