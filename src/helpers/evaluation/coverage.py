"""Does a 95 % interval hold the truth 95 times in 100? Simulated studies where the truth is known.

Scores are binormal: healthy samples are drawn from N(0, 1), diseased ones from N(separation, 1), and the samples of a
group share a part of their noise. The population values follow from the separation, so the share of simulated studies
whose interval holds them can be counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from helpers.evaluation.intervals import Interval, auroc_delong, metric_interval, weighted_auroc
from helpers.evaluation.metrics import METRICS
from helpers.evaluation.placements import placements
from helpers.evaluation.proportions import normal_quantile
from helpers.evaluation.resampling import bootstrap_statistics
from helpers.runtime import InputError

# method(targets, scores, groups) -> Interval of the AUROC
Method = Callable[[np.ndarray, np.ndarray, np.ndarray], Interval]


@dataclass(frozen=True)
class Study:
    """A simulated study: half of the groups are diseased, every sample of a group has its group's label.

    Attributes:
        auroc: of the population, between 0.5 and 1.
        groups: number of groups (patients, tiles), even.
        samples: samples per group.
        correlation: share of the noise's variance that a group's samples have in common, 0 to 1.
    """

    auroc: float
    groups: int
    samples: int = 1
    correlation: float = 0.5

    def __post_init__(self) -> None:
        if not 0.5 <= self.auroc < 1:
            raise InputError(f"AUROC of a simulated study is {self.auroc}: it is at least 0.5 and below 1")
        if self.groups < 4 or self.groups % 2 or self.samples < 1 or not 0 <= self.correlation <= 1:
            raise InputError("a simulated study needs an even number of groups (4 or more), samples and a correlation")

    @property
    def separation(self) -> float:
        """Distance of the class means in standard deviations: AUROC = Phi(separation / sqrt 2)."""
        return float(np.sqrt(2) * norm.ppf(self.auroc))

    def draw(self, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Targets, scores and groups of one study; each (groups * samples,)."""
        group = np.repeat(np.arange(self.groups), self.samples)
        targets = (group < self.groups // 2).astype(np.int64)
        shared = generator.standard_normal(self.groups)[group]
        own = generator.standard_normal(len(group))
        noise = np.sqrt(self.correlation) * shared + np.sqrt(1 - self.correlation) * own
        return targets, self.separation * targets + noise, group

    def probability(self, scores: np.ndarray) -> np.ndarray:
        """The true probability of disease given the score (half of the population is diseased)."""
        return expit(self.separation * scores - self.separation**2 / 2)

    def truth(self, metric: str) -> float:
        """Population value of a metric at the threshold one half of the probability."""
        if metric == "auroc":
            return self.auroc
        if metric in ("accuracy", "sensitivity", "specificity", "precision", "f1"):
            # The threshold lies halfway between the means and the classes are equally common: all of them agree.
            return float(norm.cdf(self.separation / 2))
        scores = np.linspace(-9, 9 + self.separation, 40001)
        if metric == "auprc":
            found, alarms = norm.sf(scores - self.separation), norm.sf(scores)
            return float(-np.trapezoid(found / (found + alarms), found))
        if metric == "brier":
            density = (norm.pdf(scores) + norm.pdf(scores - self.separation)) / 2
            probability = self.probability(scores)
            return float(np.trapezoid(probability * (1 - probability) * density, scores))
        raise InputError(f"unknown metric {metric!r}: choose one of {', '.join(METRICS)}")


def auroc_wald(targets: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> Interval:
    """AUROC ± 1.96 standard errors, cut off at 0 and 1: the textbook interval, here to be compared with."""
    parts = placements(targets, scores, groups)
    half = normal_quantile(0.95) * np.sqrt(parts.variance)
    return Interval(parts.auroc, max(0.0, parts.auroc - half), min(1.0, parts.auroc + half), "Wald")


def auroc_percentile(targets: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> Interval:
    """AUROC with the plain percentile bootstrap of whole groups, of zero width at 1; here to be compared with."""
    drawn = bootstrap_statistics(weighted_auroc, targets, scores[None], groups, resamples=300, seed=0)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(placements(targets, scores, groups).auroc, float(low), float(high), "percentile bootstrap")


def auroc_ungrouped(targets: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> Interval:
    """AUROC with DeLong's interval as if every sample were its own group: what forgetting the groups costs."""
    return auroc_delong(targets, scores)


METHODS: dict[str, Method] = {
    "DeLong, logit, t": auroc_delong,
    "DeLong, logit, 1.96": lambda targets, scores, groups: auroc_delong(targets, scores, groups, quantile="normal"),
    "Wald": auroc_wald,
    "percentile bootstrap": auroc_percentile,
    "groups forgotten": auroc_ungrouped,
}


def coverage(
    method: str | Method, study: Study, repetitions: int = 300, seed: int = 0, truth: float | None = None
) -> dict[str, float]:
    """Share of simulated studies whose interval holds the truth.

    Args:
        method: a name in :data:`METHODS` (intervals of the AUROC), a metric of :data:`METRICS` (the interval that
            ``metric_intervals`` gives it), or a function of targets, scores and groups.
        study: what is simulated.
        repetitions: simulated studies; 300 of them know a coverage of 0.95 to about ± 0.025.
        seed: of the simulation.
        truth: the true value; by default that of the metric, or the AUROC.

    Returns:
        ``covered``, ``too_high`` (the whole interval lies above the truth), ``too_low``: shares; ``width``: mean width.
    """
    if truth is None:
        truth = study.truth(method) if method in METRICS else study.auroc
    function = _resolve(method, study)
    generator = np.random.default_rng(seed)
    intervals = [function(*study.draw(generator)) for _ in range(repetitions)]
    low = np.array([interval.low for interval in intervals])
    high = np.array([interval.high for interval in intervals])
    return {
        "covered": float(np.mean((low <= truth) & (truth <= high))),
        "too_high": float(np.mean(low > truth)),
        "too_low": float(np.mean(high < truth)),
        "width": float(np.mean(high - low)),
    }


def coverage_table(methods: list[str], studies: list[Study], repetitions: int = 300, seed: int = 0) -> pd.DataFrame:
    """Coverage of several methods in several studies: one row per study, one column per method."""
    rows = []
    for study in studies:
        row = {"AUROC": study.auroc, "groups": study.groups, "samples per group": study.samples}
        row |= {str(method): coverage(method, study, repetitions, seed)["covered"] for method in methods}
        rows.append(row)
    return pd.DataFrame(rows).set_index(["AUROC", "groups", "samples per group"])


def _resolve(method: str | Method, study: Study) -> Method:
    if callable(method):
        return method
    if method in METHODS:
        return METHODS[method]
    if method in METRICS:
        return lambda targets, scores, groups: metric_interval(
            method, targets, study.probability(scores), groups, 0.5, resamples=300
        )
    raise InputError(f"unknown method {method!r}: choose one of {', '.join((*METHODS, *METRICS))}")
