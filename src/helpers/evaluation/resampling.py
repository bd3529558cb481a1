"""The bootstrap that draws whole groups: for statistics without a formula for their variance.

A resample is a vector of weights, how often each sample was drawn, so a thousand of them are one matrix and the sorting
is done once. Source: Efron & Tibshirani (1993); drawing whole groups: Davison & Hinkley (1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

from helpers.evaluation.metrics import decide
from helpers.evaluation.proportions import LEVEL, Interval, effective_groups, undefined, wilson
from helpers.evaluation.samples import checked_groups, checked_score_rows
from helpers.runtime import InputError

# statistic(targets (n,), scores (n,), weights (resamples, n)) -> (resamples,), nan where undefined
Statistic = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
SCALES = ("logit", "percentile")
CELLS = 2_000_000  # weights held at once: 16 MB, which stays near the processor


def weighted_auroc(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """AUROC of each resample: area under its ROC curve by trapezoids, so that ties count one half."""
    found, alarms = _cumulated(targets, scores, weights)
    previous = np.pad(found[:, :-1], ((0, 0), (1, 0)))
    steps = np.diff(alarms, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sum((found + previous) * steps, axis=1) / (2 * found[:, -1] * alarms[:, -1])


def weighted_auprc(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Average precision of each resample: precision, averaged over the steps in recall (as in scikit-learn)."""
    found, alarms = _cumulated(targets, scores, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(found / (found + alarms))
        return np.sum(np.diff(found, axis=1, prepend=0) * share, axis=1) / found[:, -1]


def weighted_brier(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean squared distance between probability and outcome in each resample."""
    return weights @ (scores - targets) ** 2 / weights.sum(axis=1)


def weighted_f1(threshold: float) -> Statistic:
    """The F1 statistic of decisions at a threshold."""

    def statistic(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
        called = decide(scores, threshold)
        found = weights @ (called & (targets == 1)).astype(np.float64)
        with np.errstate(invalid="ignore"):
            return 2 * found / (weights @ called.astype(np.float64) + weights @ targets.astype(np.float64))

    return statistic


def weighted_accuracy(threshold: float) -> Statistic:
    """The accuracy statistic of decisions at a threshold."""

    def statistic(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
        right = decide(scores, threshold) == (targets == 1)
        return weights @ right.astype(np.float64) / weights.sum(axis=1)

    return statistic


def weighted_specificity_at(minimum: float) -> Statistic:
    """The statistic "specificity at the highest threshold that finds at least this share of the diseased"."""
    if not 0 < minimum <= 1:
        raise InputError(f"minimum sensitivity is {minimum}: it lies above 0 and is at most 1")

    def statistic(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
        found, alarms = _cumulated(targets, scores, weights)
        reached = np.argmax(found >= (minimum - 1e-12) * found[:, -1:], axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return 1 - alarms[np.arange(len(alarms)), reached] / np.where(found[:, -1] > 0, alarms[:, -1], np.nan)

    return statistic


def per_resample(function: Callable[..., float]) -> Statistic:
    """Make a statistic of a scikit-learn metric ``function(targets, scores, sample_weight=...)``: general, but slow."""

    def statistic(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return np.array([function(targets, scores, sample_weight=row) for row in weights])

    return statistic


def group_bootstrap(
    statistic: Statistic,
    targets: np.ndarray,
    probability: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
    scale: str = "logit",
) -> Interval:
    """Interval of a statistic between 0 and 1, by drawing whole groups with replacement.

    Groups are drawn within each class when every group has one label, so that no resample loses a class.

    Args:
        statistic: one of the weighted statistics here, or :func:`per_resample` of a scikit-learn metric.
        targets: (n,) of 0 and 1.
        probability: (n,) or (seeds, n): the value, and each resample's, is the mean over the seeds.
        groups: (n,) group of each sample; None: each its own.
        resamples: at least 100.
        seed: of the drawing; the same seed gives the same interval.
        level: confidence level.
        scale: ``logit`` takes the standard error from the resamples on the logit scale, with a t quantile for the
            number of groups; ``percentile`` takes their quantiles, which is too narrow near 0 and 1.

    When the resamples do not vary (a perfect or a constant score), Wilson's interval for the effective number of groups
    in the smaller class takes over: it has a width.
    """
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for an interval: take at least 100, usually 1000")
    if scale not in SCALES:
        raise InputError(f"unknown scale {scale!r}: choose one of {', '.join(SCALES)}")
    targets, rows = checked_score_rows(targets, probability)
    group = checked_groups(groups, len(targets))
    value = float(np.mean([statistic(targets, row, np.ones((1, len(targets)))) for row in rows]))
    if not np.isfinite(value):
        return undefined(level)
    drawn = bootstrap_statistics(statistic, targets, rows, group, resamples, seed)
    drawn = drawn[np.isfinite(drawn)]
    informative = len(drawn) >= resamples / 2 and np.ptp(drawn) > 1e-9
    if not informative or (scale == "logit" and not 1e-9 < value < 1 - 1e-9):
        number = smaller_class_groups(targets, group)
        bound = wilson(min(max(value, 0.0), 1.0) * number, number, level)
        return Interval(value, bound.low, bound.high, "Wilson, groups", level)
    if scale == "percentile":
        low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2])
    else:
        # Resamples of G groups vary by (G - 1) / G less than samples of G groups do; the spread is taken on the
        # original scale, where no resample is at infinity, and carried over by the slope of the logit.
        number = smaller_class_groups(targets, group)
        error = drawn.std(ddof=1) * np.sqrt(number / max(number - 1, 1)) / (value * (1 - value))
        factor = student.ppf(0.5 + level / 2, max(number - 1, 1))
        low, high = expit(logit(value) + np.array([-factor, factor]) * error)
    return Interval(value, float(low), float(high), f"group bootstrap, {scale}", level)


def bootstrap_statistics(
    statistic: Statistic, targets: np.ndarray, rows: np.ndarray, groups: np.ndarray, resamples: int, seed: int
) -> np.ndarray:
    """(resamples,) the statistic of each resample, averaged over the rows (seeds, n) of scores."""
    parts = []
    for weights in group_weights(targets, groups, resamples, seed):
        parts.append(np.mean([statistic(targets, row, weights) for row in rows], axis=0))
    return np.concatenate(parts)


def group_weights(targets: np.ndarray, groups: np.ndarray, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Weights (some resamples, n) of resamples of whole groups, in pieces that fit into memory."""
    generator = np.random.default_rng(seed)
    count = int(groups.max()) + 1
    labels = np.bincount(groups, targets) / np.bincount(groups)
    pure = np.isin(labels, (0, 1)).all()
    strata = [np.flatnonzero(labels == label) for label in (0, 1)] if pure else [np.arange(count)]
    piece = max(1, CELLS // len(targets))
    for start in range(0, resamples, piece):
        size = min(piece, resamples - start)
        drawn = np.zeros((size, count))
        for members in strata:
            if len(members):
                drawn[:, members] = generator.multinomial(len(members), np.full(len(members), 1 / len(members)), size)
        yield drawn[:, groups]


def smaller_class_groups(targets: np.ndarray, groups: np.ndarray) -> float:
    """Kish's effective number of groups in the class that has fewer of them."""
    sizes = [np.bincount(groups[targets == label]) for label in (0, 1) if (targets == label).any()]
    return min(effective_groups(size) for size in sizes)


def _cumulated(targets: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weight of diseased and of healthy samples with at least each distinct score, (resamples, distinct scores)."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    sorted_weights, sorted_targets = weights[:, order], targets[order]
    found = np.cumsum(sorted_weights * sorted_targets, axis=1)[:, last]
    alarms = np.cumsum(sorted_weights * (1 - sorted_targets), axis=1)[:, last]
    return found, alarms
