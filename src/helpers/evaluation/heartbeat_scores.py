"""Scores of heartbeat classifiers between patients: agreement beyond chance, and the two rare classes that matter.

A record of half an hour holds two thousand beats of *one* heart, so records are what intervals count. Everything here
is a function of one table of counts per record (rows: true class, columns: class named); a thousand resamples of whole
records are one product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.multiclass import multiclass_accuracy
from helpers.evaluation.proportions import LEVEL, Interval, effective_groups, undefined, wilson
from helpers.evaluation.samples import checked_groups
from helpers.runtime import InputError

SUPRAVENTRICULAR, VENTRICULAR = 1, 2  # AAMI classes S and V in the order N, S, V, F
KAPPA_WEIGHT, J_WEIGHT = 1 / 2, 1 / 8
BY_DEFINITION = "by definition"  # method of a score that a rule has on any data: nothing was estimated

Measure = Callable[[np.ndarray], np.ndarray]


def record_counts(targets: np.ndarray, decisions: np.ndarray, groups: np.ndarray | None, classes: int) -> np.ndarray:
    """How often each class was called each class, record by record.

    Args:
        targets, decisions: (n,) classes from 0 to ``classes - 1``.
        groups: (n,) record of each beat; None: each beat its own.
        classes: number of classes, at least three: normal, supraventricular, ventricular, and what follows.

    Returns:
        (records, classes, classes) counts; rows are true classes, columns those named; records in ascending order.

    Raises:
        InputError: shapes differ, or a number is no class.
    """
    pair = np.asarray(targets), np.asarray(decisions)
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape or not len(pair[0]):
        raise InputError(f"targets have shape {pair[0].shape}, decisions {pair[1].shape}: give one class per beat")
    if classes <= VENTRICULAR or not all(np.isin(values, np.arange(classes)).all() for values in pair):
        raise InputError(
            f"classes of beats are 0 to {classes - 1} (normal, supraventricular, ventricular, ...): "
            "leave out beats of other classes first"
        )
    group = checked_groups(groups, len(pair[0]))
    counts = np.zeros((group.max() + 1, classes, classes))
    np.add.at(counts, (group, *pair), 1)
    return counts


def accuracy(counts: np.ndarray) -> np.ndarray:
    """Share of beats on the diagonal of each table of counts (..., classes, classes)."""
    return np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))


def cohen_kappa(counts: np.ndarray) -> np.ndarray:
    """Agreement beyond what the margins of the table would give by chance (Cohen 1960, Educ Psychol Meas 20:37).

    ``nan`` where a table holds one class alone: then chance agrees perfectly too.
    """
    total = counts.sum(axis=(-2, -1))
    by_chance = (counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1) / total**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(by_chance < 1 - 1e-12, (accuracy(counts) - by_chance) / (1 - by_chance), np.nan)


def j_index(counts: np.ndarray) -> np.ndarray:
    """Sensitivity plus positive predictive value, of S and of V beats: from 0 to 4 (Mar et al. 2011).

    ``nan`` without beats of either class. A class that has beats but is never called adds 0 for its predictive value.
    """
    total = np.zeros(counts.shape[:-2])
    for label in (SUPRAVENTRICULAR, VENTRICULAR):
        right = counts[..., label, label]
        present, called = counts[..., label, :].sum(axis=-1), counts[..., :, label].sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            total = total + np.where(present > 0, right / present, np.nan) + right / np.maximum(called, 1)
    return total


def jk_index(counts: np.ndarray) -> np.ndarray:
    """Half of Cohen's kappa plus an eighth of the j index: 1 is perfect.

    Mar, Zaunseder, Martínez, Llamedo and Poll (2011, IEEE Trans Biomed Eng 58:2168) made it to choose features under
    imbalance: kappa is about all beats, j about the rare classes, and the weights give both the same range.
    Mondéjar-Guerra et al. (2019, Biomed Signal Process Control 47:41) compare heartbeat classifiers by it. The standard
    AAMI EC57 does not count a fusion beat called ventricular as a false alarm; here it counts, which is the stricter
    reading.
    """
    return KAPPA_WEIGHT * cohen_kappa(counts) + J_WEIGHT * j_index(counts)


# Name, function and the range in which an interval can lie.
_COUNTED: dict[str, tuple[Measure, float, float]] = {
    "kappa": (cohen_kappa, -1.0, 1.0),
    "j index": (j_index, 0.0, 4.0),
    "jk index": (jk_index, -0.5, 1.0),
}


def agreement_intervals(
    targets: np.ndarray,
    decisions: np.ndarray,
    groups: np.ndarray | None,
    classes: int,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Accuracy, kappa, j index and jk index, each with its interval over records.

    Accuracy is a share and gets :func:`helpers.evaluation.multiclass.multiclass_accuracy`. The others have no formula
    for their variance: whole records are drawn with replacement. The spread of the resamples is carried over to the
    logit of the place within the range (for kappa that is Fisher's z), with a t quantile for the number of records.

    Args:
        targets, decisions, groups, classes: as for :func:`record_counts`.
        resamples: of whole records, at least 100.
        seed: of the drawing; the same seed gives the same interval.
        level: confidence level.

    Returns:
        Name of the measure to its interval. A rule that calls every beat the same has kappa 0 whatever the beats are, and
        j and jk index 0 unless it calls them S or V: these have the method :data:`BY_DEFINITION` and no width. Where
        resamples do not vary for another reason (perfect, or one record), Wilson's interval for the effective number of
        records takes over. What is not defined (a class without beats) has value ``nan`` and an interval over the whole
        range.
    """
    counts = record_counts(targets, decisions, groups, classes)
    found = {"accuracy": multiclass_accuracy(targets, decisions, groups, level)}
    drawn = _resampled(counts, resamples, seed)
    fixed = _zero_by_definition(np.unique(decisions))
    for name, (measure, lowest, highest) in _COUNTED.items():
        found_value = float(measure(counts.sum(axis=0)))
        if name in fixed and np.isfinite(found_value):
            found[name] = Interval(0.0, 0.0, 0.0, BY_DEFINITION, level)
            continue
        value = (found_value - lowest) / (highest - lowest)
        place = _place_interval(value, (measure(drawn) - lowest) / (highest - lowest), counts.sum(axis=(1, 2)), level)
        ends = (lowest + (highest - lowest) * end for end in (place.value, place.low, place.high))
        found[name] = Interval(*ends, place.method, level)
    return found


def jk_difference(
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray | None,
    classes: int,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> PairedComparison:
    """The jk index of the first model minus that of the second, the same records drawn for both; above 0 the first is better.

    Args:
        targets, first, second: (n,) true classes, and those that two models named.
        groups, classes, resamples, seed, level: as for :func:`agreement_intervals`.

    Returns:
        Bounds and p value are ``nan`` where the difference is the same in every resample: these records cannot tell.
    """
    tables = [record_counts(targets, decisions, groups, classes) for decisions in (first, second)]
    values = [float(jk_index(table.sum(axis=0))) for table in tables]
    # The same seed draws the same records: that is what makes the comparison paired.
    drawn = [jk_index(_resampled(table, resamples, seed)) for table in tables]
    gaps = drawn[0] - drawn[1]
    spread, records = _spread(gaps, len(tables[0])), len(tables[0])
    difference = values[0] - values[1]
    if not spread > 1e-9:
        unknown = (float("nan"),) * 3
        return PairedComparison(*values, difference, *unknown, "not defined: the records do not differ", level)
    half = float(student.ppf(0.5 + level / 2, records - 1)) * spread
    p_value = float(2 * student.sf(abs(difference) / spread, records - 1))
    method = "group bootstrap, t, paired"
    return PairedComparison(*values, difference, difference - half, difference + half, p_value, method, level)


def _resampled(counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """(resamples, classes, classes): sums over as many records as there are, drawn with replacement."""
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for an interval: take at least 100, usually 1000")
    records = len(counts)
    weights = np.random.default_rng(seed).multinomial(records, np.full(records, 1 / records), resamples)
    return np.tensordot(weights.astype(np.float64), counts, axes=1)


def _zero_by_definition(called: np.ndarray) -> tuple[str, ...]:
    """Measures that are 0 on any beats, from the different classes that were named."""
    if len(called) != 1:
        return ()
    return ("kappa",) if called[0] in (SUPRAVENTRICULAR, VENTRICULAR) else ("kappa", "j index", "jk index")


def _spread(drawn: np.ndarray, records: int) -> float:
    """Standard error from resamples; those of G records vary by (G - 1) / G less than samples of G records do."""
    known = drawn[np.isfinite(drawn)]
    if records < 2 or len(known) < len(drawn) / 2:
        return 0.0
    return float(known.std(ddof=1) * np.sqrt(records / (records - 1)))


def _place_interval(value: float, drawn: np.ndarray, sizes: np.ndarray, level: float) -> Interval:
    """Interval of a number between 0 and 1 from its resamples."""
    if not np.isfinite(value):
        return undefined(level)
    spread = _spread(drawn, len(sizes))
    if not (spread > 1e-9 and 1e-9 < value < 1 - 1e-9):
        number = effective_groups(sizes)
        bound = wilson(min(max(value, 0.0), 1.0) * number, number, level)
        return Interval(value, bound.low, bound.high, "Wilson, groups", level)
    half = float(student.ppf(0.5 + level / 2, len(sizes) - 1)) * spread / (value * (1 - value))
    low, high = expit(logit(value) + np.array([-half, half]))
    return Interval(value, float(low), float(high), "group bootstrap, logit", level)
