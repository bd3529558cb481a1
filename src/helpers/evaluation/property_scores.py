"""How good are foretold properties of molecules? One measure per kind of task, with intervals over scaffolds.

Regression: root mean squared error, smaller is better. Binary: AUROC. Multilabel: AUROC of each property on the molecules
on which it was measured, averaged over the properties.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.comparison import PairedComparison, delong_paired
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.evaluation.regression import correlation, root_mean_squared_error, root_mean_squared_error_difference
from helpers.evaluation.resampling import weighted_auroc
from helpers.evaluation.samples import checked_groups
from helpers.runtime import InputError

MEASURES = {"regression": "RMSE", "binary": "AUROC", "multilabel": "mean AUROC"}
SMALLER_IS_BETTER = {"regression": True, "binary": False, "multilabel": False}


def score(
    task: str, targets: np.ndarray, answers: np.ndarray, groups: np.ndarray, resamples: int = 1000, seed: int = 0
) -> Interval:
    """The measure of the task with its 95 % interval.

    Args:
        task: one of :data:`MEASURES`.
        targets: (n,) or (n, properties), NaN where not measured.
        answers: (n, properties) foretold numbers or probabilities.
        groups: (n,) scaffolds; whole ones are resampled.
        resamples, seed: of the bootstrap where there is one.

    Raises:
        InputError: the task has no measure, or no property has both classes.
    """
    if task == "regression":
        return root_mean_squared_error(targets, _single(answers), groups, resamples, seed)
    if task == "binary":
        return auroc_delong(targets, _single(answers), groups)
    values = _resampled(task, targets, answers, groups, resamples, seed)
    value, low, high = values[0], *np.quantile(values[1:], [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Interval(float(value), float(low), float(high), "group bootstrap, percentile")


def difference(
    task: str,
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray,
    resamples: int = 1000,
    seed: int = 0,
) -> PairedComparison:
    """The measure of the first model minus that of the second on the same molecules; arguments as for :func:`score`."""
    if task == "regression":
        return root_mean_squared_error_difference(targets, _single(first), _single(second), groups, resamples, seed)
    if task == "binary":
        return delong_paired(targets, _single(first), _single(second), groups)
    one, other = (_resampled(task, targets, answers, groups, resamples, seed) for answers in (first, second))
    gaps = one[1:] - other[1:]
    low, high = np.quantile(gaps, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    tail = min(np.sum(gaps <= 0), np.sum(gaps >= 0))
    p_value = min(1.0, 2 * float(tail + 1) / (len(gaps) + 1))
    values = float(one[0]), float(other[0])
    return PairedComparison(*values, values[0] - values[1], float(low), float(high), p_value, "group bootstrap, paired")


def absolute_errors(targets: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """Distance of the answer from what was measured, (n,), the mean over the measured properties of a molecule.

    For a class it is the probability that the wrong answer was given.
    """
    columns = np.asarray(targets, dtype=np.float64).reshape(len(targets), -1)
    return np.nanmean(np.abs(answers - columns), axis=1)


def indecision(targets: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """How near a probability is to one half, (n,) from 0 (certain) to 0.5, the mean over the measured properties.

    The distance of a probability near one half from 0 and from 1 is one half, whatever is true; and of a probability p that
    keeps its promise the expected error is 2 p (1 - p). So errors grow with indecision by arithmetic.
    """
    columns = np.asarray(targets, dtype=np.float64).reshape(len(targets), -1)
    return np.nanmean(np.where(np.isnan(columns), np.nan, 0.5 - np.abs(answers - 0.5)), axis=1)


def rank_correlation(
    errors: np.ndarray, signal: np.ndarray, groups: np.ndarray, given: np.ndarray | None = None
) -> Interval:
    """Spearman's correlation (1904) of errors and a warning signal, with its interval over groups.

    Args:
        errors, signal: (n,).
        groups: (n,) scaffolds; whole ones are resampled.
        given: (n,) what is held fixed, or None. Then it is the partial correlation: both ranks without what a straight line
            through the ranks of ``given`` explains of them. The line is fitted once; that it is fitted does not show in
            the interval to first order, because what is left over does not correlate with what was taken away.
    """
    ranks = rankdata(errors), rankdata(signal)
    if given is not None:
        ranks = tuple(_without(one, rankdata(given)) for one in ranks)
    return correlation(*ranks, groups)


def _without(values: np.ndarray, given: np.ndarray) -> np.ndarray:
    given = given - given.mean()
    return values - values.mean() - given * (given @ values) / max(given @ given, 1e-12)


def _single(answers: np.ndarray) -> np.ndarray:
    if answers.ndim != 2 or answers.shape[1] != 1:
        raise InputError(f"answers have shape {answers.shape}: give (molecules, 1) for a single property")
    return answers[:, 0]


def _resampled(task: str, targets, answers, groups, resamples: int, seed: int) -> np.ndarray:
    """Mean AUROC on the molecules as they are, then on each resample of whole groups, (1 + resamples,)."""
    if task != "multilabel":
        raise InputError(f"task {task!r} has no measure: properties are {', '.join(MEASURES)}")
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for an interval: take at least 100, usually 1000")
    group = checked_groups(groups, len(targets))
    count = int(group.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), resamples)
    weights = np.concatenate([np.ones((1, count)), drawn])[:, group].astype(np.float64)
    measured = ~np.isnan(targets)
    usable = [k for k in range(targets.shape[1]) if len(np.unique(targets[measured[:, k], k])) == 2]
    if not usable:
        raise InputError("no property was measured on molecules of both classes: AUROC is not defined")
    rows = [
        weighted_auroc(targets[measured[:, k], k], answers[measured[:, k], k], weights[:, measured[:, k]])
        for k in usable
    ]
    return np.nanmean(np.stack(rows), axis=0)
