"""Does a probability of 0.8 mean 8 of 10? Reliability curve, slope and intercept, and a repair by temperature.

The Brier score taken apart is in :mod:`helpers.evaluation.brier`, the choice among several repairs in
:mod:`helpers.evaluation.recalibrators`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from scipy.stats import t as student

from helpers.evaluation.contributions import satterthwaite
from helpers.evaluation.proportions import LEVEL, Interval, cluster_proportion
from helpers.evaluation.samples import checked_groups, checked_scores
from helpers.runtime import InputError

# Probabilities of exactly 0 and 1 have an infinite logit; networks in single precision produce them.
CLIP = 1e-6
TEMPERATURES = (0.01, 100.0)


@dataclass(frozen=True)
class Recalibration:
    """Slope and intercept of a logistic regression of the outcome on the logit of the probability (Cox 1958).

    Attributes:
        slope: 1 is calibrated; below 1 the probabilities are too extreme (overconfident), above 1 too timid.
        intercept: with the slope held at 1 (calibration in the large; Van Calster et al. 2019, BMC Med 17:230):
            0 is calibrated; below 0 the disease is overestimated on average, above 0 underestimated.
    """

    slope: Interval
    intercept: Interval


def reliability_curve(
    targets: np.ndarray, probability: np.ndarray, groups: np.ndarray | None = None, bins: int = 10, level: float = LEVEL
) -> pd.DataFrame:
    """Observed share of diseased against predicted probability, in bins of about equally many samples.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        groups: (n,) group of each sample, or None; widens the intervals.
        bins: wanted; equal probabilities are never torn apart, so there may be fewer.
        level: confidence level.

    Returns:
        One row per bin: probability (mean), observed (share of diseased), low, high (Wilson), samples.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    group = checked_groups(groups, len(targets))
    place = probability_bins(probability, bins)
    rows = []
    for number in range(place.max() + 1):
        inside = place == number
        observed = cluster_proportion(targets[inside], group[inside], level=level)
        rows.append(
            {
                "probability": float(probability[inside].mean()),
                "observed": observed.value,
                "low": observed.low,
                "high": observed.high,
                "samples": int(inside.sum()),
            }
        )
    return pd.DataFrame(rows)


def probability_bins(probability: np.ndarray, bins: int = 10) -> np.ndarray:
    """(n,) number of the bin of each probability: bins of about equally many samples, equal values never torn apart."""
    if bins < 1:
        raise InputError(f"{bins} bins: probabilities need at least one, usually 10")
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)))
    place = (
        np.searchsorted(edges[1:-1], probability, side="right") if len(edges) > 2 else np.zeros(len(probability), int)
    )
    return np.unique(place, return_inverse=True)[1]


def recalibration(
    targets: np.ndarray, probability: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> Recalibration:
    """Calibration slope and intercept with intervals that respect groups (sandwich variance, Liang & Zeger 1986).

    The quantile is Student's, with the degrees of freedom of that variance (Satterthwaite): simulated coverage of the
    slope is .94 to .98 for AUROC .80 to .99 and 22 to 150 groups, where 1.96 covers .88 to .96.

    Where the regression has no finite solution (one class, a constant probability, or classes that a threshold
    separates perfectly) the slope is ``nan`` with an infinite interval: these samples say nothing about it.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    group = checked_groups(groups, len(targets))
    scores = logit(np.clip(probability, CLIP, 1 - CLIP))
    slope = _regression(np.column_stack([scores, np.ones(len(scores))]), np.zeros(len(scores)), targets, group, level)
    intercept = _regression(np.ones((len(scores), 1)), scores, targets, group, level)
    return Recalibration(slope=slope, intercept=intercept)


def fit_temperature(targets: np.ndarray, probability: np.ndarray) -> float:
    """The temperature that makes the probabilities most likely (Guo et al. 2017): fitted on validation samples.

    Above 1 it softens overconfident probabilities, below 1 it sharpens timid ones; the order of the samples, and with
    it the AUROC, stays. Searched between 0.01 and 100: perfectly separated samples push it to the lower end.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    scores = logit(np.clip(probability, CLIP, 1 - CLIP))
    sign = 2 * targets - 1

    def loss(log_temperature: float) -> float:
        return float(np.mean(np.logaddexp(0, -sign * scores / np.exp(log_temperature))))

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded", options={"xatol": 1e-8})
    return float(np.exp(found.x))


def apply_temperature(probability: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities whose logits are divided by the temperature; same shape, float64."""
    if not temperature > 0:
        raise InputError(f"temperature is {temperature}: it is above 0, and 1 changes nothing")
    probability = np.asarray(probability, dtype=np.float64)
    return expit(logit(np.clip(probability, CLIP, 1 - CLIP)) / temperature)


def _regression(
    design: np.ndarray, offset: np.ndarray, targets: np.ndarray, group: np.ndarray, level: float
) -> Interval:
    """First coefficient of a logistic regression by Newton's method, with a group sandwich interval."""
    unknown = Interval(float("nan"), -np.inf, np.inf, "undefined", level)
    coefficients = np.zeros(design.shape[1])
    if design.shape[1] > 1:
        scores = design[:, 0]
        positive, negative = scores[targets == 1], scores[targets == 0]
        # The likelihood has no maximum when a threshold separates the classes, in either direction.
        if not len(positive) or not len(negative) or np.ptp(scores) < 1e-9:
            return unknown
        if positive.min() >= negative.max() or positive.max() <= negative.min():
            return unknown
    elif targets.min() == targets.max():
        return unknown

    def loss(candidate: np.ndarray) -> float:
        return float(np.sum(np.logaddexp(0, -(2 * targets - 1) * (offset + design @ candidate))))

    for _ in range(100):
        predicted = expit(offset + design @ coefficients)
        gradient = design.T @ (targets - predicted)
        curvature = (design * (predicted * (1 - predicted))[:, None]).T @ design
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        # Newton overshoots far from the optimum; halving the step until the loss falls keeps it on the way.
        while loss(coefficients + step) > loss(coefficients) + 1e-9 and np.abs(step).max() > 1e-12:
            step = step / 2
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            break
    predicted = expit(offset + design @ coefficients)
    bread = np.linalg.pinv((design * (predicted * (1 - predicted))[:, None]).T @ design)
    residuals = design * (targets - predicted)[:, None]
    by_group = np.stack([np.bincount(group, column) for column in residuals.T], axis=1)
    groups = len(by_group)
    meat = by_group.T @ by_group * groups / max(groups - 1, 1)
    # Few groups decide the slope of a good model: the t quantile has the degrees of freedom of the variance.
    freedom = satterthwaite(by_group @ bread[0]) if groups > 1 else 1.0
    half = float(student.ppf(0.5 + level / 2, freedom)) * float(np.sqrt((bread @ meat @ bread)[0, 0]))
    value = float(coefficients[0])
    return Interval(value, value - half, value + half, "logistic recalibration", level)
