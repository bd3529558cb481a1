"""The Brier score: its interval, and its parts. Is it lost by the wrong level, or by not telling the cases apart?

With forecasts in bins (Murphy 1973, J Appl Meteor 12:595), mean forecast f̄ₖ and observed share ōₖ in bin k:

    Brier = reliability - resolution + uncertainty + spread within bins - covariance within bins

The last two vanish when every bin holds one forecast value (Stephenson, Coelho & Jolliffe 2008, Weather Forecast
23:752); with wider bins they are what makes the parts add up to the Brier score exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

from helpers.evaluation.calibration import probability_bins
from helpers.evaluation.contributions import satterthwaite, sum_variance
from helpers.evaluation.proportions import LEVEL, Interval, effective_groups, wilson
from helpers.evaluation.samples import checked_groups, checked_score_rows, checked_scores
from helpers.runtime import InputError

PRIOR_FREEDOM = 3.0  # degrees of freedom that the variance of a calibrated model is worth


@dataclass(frozen=True)
class BrierParts:
    """Parts of the Brier score; ``brier`` is their sum, with the signs of the module's formula.

    Attributes:
        brier: mean squared distance between probability and outcome, 0 is best.
        reliability: mean of (f̄ₖ - ōₖ)²: what recalibration could repair; 0 is best.
        resolution: mean of (ōₖ - ō)²: how far the bins differ in what came true; large is good.
        uncertainty: ō (1 - ō): the score of always saying the observed share; belongs to the samples, not the model.
        spread_within: mean of (f - f̄ₖ)².
        covariance_within: twice the mean of (o - ōₖ)(f - f̄ₖ): positive when the model also ranks within bins.
        bins: how many.
    """

    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    spread_within: float
    covariance_within: float
    bins: int

    @property
    def total(self) -> float:
        """The parts put together again: equal to ``brier`` up to rounding."""
        within = self.spread_within - self.covariance_within
        return self.reliability - self.resolution + self.uncertainty + within

    @property
    def generalized_resolution(self) -> float:
        """Resolution with what happens within the bins, so that Brier = reliability - this + uncertainty."""
        return self.resolution - self.spread_within + self.covariance_within

    @property
    def skill(self) -> float:
        """Brier skill score, 1 - Brier / uncertainty: 1 is perfect, 0 is no better than the share; ``nan`` with one class."""
        return 1 - self.brier / self.uncertainty if self.uncertainty else float("nan")


def brier_decomposition(targets: np.ndarray, probability: np.ndarray, bins: int | None = 10) -> BrierParts:
    """Take the Brier score apart.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) between 0 and 1.
        bins: of about equally many samples, as in the reliability curve; None: one per distinct probability, which
            leaves nothing within bins but makes reliability and resolution large by chance alone.
    """
    targets, probability = checked_scores(targets, probability, probabilities=True)
    own = np.unique(probability, return_inverse=True)[1]
    place = own if bins is None else probability_bins(probability, bins)
    sizes = np.bincount(place)
    forecast = (np.bincount(place, probability) / sizes)[place]
    observed = (np.bincount(place, targets) / sizes)[place]
    share = float(targets.mean())
    return BrierParts(
        brier=float(np.mean((probability - targets) ** 2)),
        reliability=float(np.mean((forecast - observed) ** 2)),
        resolution=float(np.mean((observed - share) ** 2)),
        uncertainty=share * (1 - share),
        spread_within=float(np.mean((probability - forecast) ** 2)),
        covariance_within=float(2 * np.mean((targets - observed) * (probability - forecast))),
        bins=len(sizes),
    )


def brier_interval(
    targets: np.ndarray, probability: np.ndarray, groups: np.ndarray | None = None, level: float = LEVEL
) -> Interval:
    """Brier score with an interval on the logit scale.

    A nearly perfect model loses on a few samples only, and where those happen to be missing the observed variance is
    far too small. So it is drawn toward the variance that a *calibrated* model with these probabilities would have,
    Σ p (1 - p) (1 - 2 p)² / n² times the observed design effect, as if that were worth :data:`PRIOR_FREEDOM` degrees of
    freedom beside those of the observed variance; the t quantile has the sum. Coverage, 600 to 800 simulated studies
    per cell, AUROC .80 to .99, 22 to 150 groups of 1 or 5 samples: .94 to .98 for calibrated models, .93 to .98 for
    overconfident and .93 to .99 for timid ones; the group bootstrap falls to .79 there.

    Args:
        targets: (n,) of 0 and 1.
        probability: (n,) or (seeds, n) between 0 and 1: losses are averaged over the seeds.
        groups: (n,) group of each sample, or None.
        level: confidence level.
    """
    targets, rows = checked_score_rows(targets, probability)
    if rows.min() < 0 or rows.max() > 1:
        raise InputError(f"probabilities run from {rows.min():g} to {rows.max():g}: they lie between 0 and 1")
    group = checked_groups(groups, len(targets))
    losses = ((rows - targets) ** 2).mean(axis=0)
    value, samples = float(losses.mean()), len(losses)
    contributions = np.bincount(group, (losses - value) / samples)
    said = rows.mean(axis=0)
    expected = float(np.sum(said * (1 - said) * (1 - 2 * said) ** 2)) / samples**2
    independent = effective_groups(np.bincount(group))
    observed = sum_variance(contributions)
    known = len(contributions) > 1 and observed > 1e-18
    if not known or not 1e-12 < value < 1 - 1e-12:
        bound = wilson(value * independent, independent, level)
        return Interval(value, bound.low, bound.high, "Wilson, groups", level)
    effect = observed / sum_variance((losses - value) / samples)
    expected *= min(max(effect, 1.0), samples / independent)
    freedom = satterthwaite(contributions)
    variance = (freedom * observed + PRIOR_FREEDOM * expected) / (freedom + PRIOR_FREEDOM)
    factor = float(student.ppf(0.5 + level / 2, freedom + PRIOR_FREEDOM))
    error = factor * np.sqrt(variance) / (value * (1 - value))
    low, high = expit(logit(value) + np.array([-error, error]))
    return Interval(value, float(low), float(high), "t, logit", level)
