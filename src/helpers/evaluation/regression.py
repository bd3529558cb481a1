"""How far predicted numbers lie from true ones, with intervals over groups.

Ten tiles of one patient err together, so whole groups are drawn with replacement (Davison & Hinkley 1997, section 3.8).
Everything here is a function of sums over groups; a thousand resamples are one product of matrices.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.evaluation.samples import checked_groups
from helpers.runtime import InputError

METHOD = "group bootstrap, t"
CONSTANT = "not defined: the groups do not differ"


def mean_absolute_error(
    targets: np.ndarray,
    predictions: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """Mean distance between prediction and truth, in the units of the targets.

    Args:
        targets, predictions: (n,) numbers.
        groups: (n,) group of each sample; None: each its own.
        resamples: of whole groups, at least 100.
        seed: of the drawing; the same seed gives the same interval.
        level: confidence level.

    Returns:
        The bounds are taken on the log scale, so that none lies below 0. Where no resample differs from another they are
        ``nan``: nothing is known about other groups.

    Raises:
        InputError: shapes differ, a number is not finite, or there are fewer than two groups.
    """
    targets, predictions = _checked(targets, predictions)
    error = np.abs(predictions - targets)
    value = float(error.mean())
    spread, factor = _spread(np.stack([error, np.ones_like(error)]), groups, _ratio, resamples, seed, level)
    if not spread > 0:
        return Interval(value, np.nan, np.nan, CONSTANT, level)
    half = factor * spread / value
    return Interval(value, float(value * np.exp(-half)), float(value * np.exp(half)), METHOD, level)


def root_mean_squared_error(
    targets: np.ndarray,
    predictions: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """Root of the mean squared distance, in the units of the targets; arguments and bounds as for the mean absolute error.

    It weighs one large error like many small ones: chemists compare models of solubility by it.
    """
    targets, predictions = _checked(targets, predictions)
    square = (predictions - targets) ** 2
    value = float(np.sqrt(square.mean()))
    spread, factor = _spread(np.stack([square, np.ones_like(square)]), groups, _root_ratio, resamples, seed, level)
    if not spread > 0:
        return Interval(value, np.nan, np.nan, CONSTANT, level)
    half = factor * spread / value
    return Interval(value, float(value * np.exp(-half)), float(value * np.exp(half)), METHOD, level)


def correlation(
    targets: np.ndarray,
    predictions: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """Pearson's correlation of prediction and truth; bounds by Fisher's z. Arguments as for the mean absolute error.

    It says whether predictions rise with the truth, not whether they are near it: always twice the truth correlates
    perfectly. Predictions that do not vary have no correlation: value ``nan``, interval -1 to 1.
    """
    targets, predictions = _checked(targets, predictions)
    if not (np.ptp(targets) > 0 and np.ptp(predictions) > 0):
        return Interval(np.nan, -1.0, 1.0, "not defined: no variation", level)
    first, second = targets - targets.mean(), predictions - predictions.mean()
    moments = np.stack([first * second, first**2, second**2, first, second, np.ones_like(first)])
    value = float(np.clip(_pearson(moments.sum(axis=1)), -1 + 1e-12, 1 - 1e-12))
    spread, factor = _spread(moments, groups, _fisher, resamples, seed, level)
    low, high = np.tanh(np.arctanh(value) + np.array([-factor, factor]) * spread)
    return Interval(value, float(low), float(high), f"{METHOD}, Fisher's z", level)


def absolute_error_difference(
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> PairedComparison:
    """Mean absolute error of the first model minus that of the second on the same samples; below 0 the first is better.

    Args:
        targets, first, second: (n,) truth and the predictions of two models.
        groups, resamples, seed, level: as for :func:`mean_absolute_error`.

    Returns:
        Bounds and p value are ``nan`` where the difference is the same in every resample.
    """
    targets, first = _checked(targets, first)
    _, second = _checked(targets, second)
    errors = np.abs(first - targets), np.abs(second - targets)
    means = float(errors[0].mean()), float(errors[1].mean())
    sums = np.stack([errors[0] - errors[1], np.ones_like(targets)])
    return _paired(means, sums, _ratio, groups, resamples, seed, level)


def root_mean_squared_error_difference(
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> PairedComparison:
    """Root mean squared error of the first model minus that of the second; as :func:`absolute_error_difference`."""
    targets, first = _checked(targets, first)
    _, second = _checked(targets, second)
    squares = (first - targets) ** 2, (second - targets) ** 2
    roots = [float(np.sqrt(square.mean())) for square in squares]
    sums = np.stack([*squares, np.ones_like(targets)])
    return _paired(roots, sums, _difference_of_roots, groups, resamples, seed, level)


def _paired(values, samples, statistic, groups, resamples, seed, level) -> PairedComparison:
    """Two models' values, and the interval of the difference that ``statistic`` makes of the sums of the samples."""
    spread, factor = _spread(samples, groups, statistic, resamples, seed, level)
    difference = values[0] - values[1]
    if not spread > 0:
        return PairedComparison(*values, difference, np.nan, np.nan, np.nan, CONSTANT, level)
    degrees = len(np.unique(checked_groups(groups, samples.shape[1]))) - 1
    p_value = float(2 * student.sf(abs(difference) / spread, degrees))
    low, high = difference - factor * spread, difference + factor * spread
    return PairedComparison(*values, difference, low, high, p_value, f"{METHOD}, paired", level)


def _checked(targets: np.ndarray, predictions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pair = np.asarray(targets, dtype=np.float64), np.asarray(predictions, dtype=np.float64)
    if pair[0].ndim != 1 or pair[0].shape != pair[1].shape or not len(pair[0]):
        raise InputError(f"targets have shape {pair[0].shape}, predictions {pair[1].shape}: give one number per sample")
    if not (np.isfinite(pair[0]).all() and np.isfinite(pair[1]).all()):
        raise InputError("some targets or predictions are not finite: look at the training, it may have diverged")
    return pair


def _spread(samples: np.ndarray, groups, statistic, resamples: int, seed: int, level: float) -> tuple[float, float]:
    """Standard error of ``statistic`` over resampled groups, and the factor that makes an interval of it.

    Args:
        samples: (sums, n) what each sample adds to each sum.
        statistic: maps sums (sums, resamples) to (resamples,).
    """
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for an interval: take at least 100, usually 1000")
    group = checked_groups(groups, samples.shape[1])
    count = int(group.max()) + 1
    if count < 2:
        raise InputError("all samples are of one group: an interval over groups needs at least two")
    of_group = np.stack([np.bincount(group, row, minlength=count) for row in samples])
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), resamples)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = statistic(of_group @ drawn.T)
    values = values[np.isfinite(values)]
    if len(values) < 2 or np.ptp(values) <= 1e-12:
        return 0.0, 0.0
    # Resamples of G groups vary by (G - 1) / G less than samples of G groups do, and few groups know their own spread
    # badly: that is what Student's t is for.
    return float(values.std(ddof=1) * np.sqrt(count / (count - 1))), float(student.ppf(0.5 + level / 2, count - 1))


def _ratio(sums: np.ndarray) -> np.ndarray:
    return sums[0] / sums[1]


def _root_ratio(sums: np.ndarray) -> np.ndarray:
    return np.sqrt(_ratio(sums))


def _difference_of_roots(sums: np.ndarray) -> np.ndarray:
    return np.sqrt(sums[0] / sums[2]) - np.sqrt(sums[1] / sums[2])


def _pearson(sums: np.ndarray) -> np.ndarray:
    product, first_square, second_square, first, second, count = sums
    covariance = product / count - first * second / count**2
    variances = (first_square / count - (first / count) ** 2) * (second_square / count - (second / count) ** 2)
    return covariance / np.sqrt(variances)


def _fisher(sums: np.ndarray) -> np.ndarray:
    return np.arctanh(np.clip(_pearson(sums), -1 + 1e-12, 1 - 1e-12))
