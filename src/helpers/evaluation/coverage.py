"""Does a 95 % interval hold the truth 95 times in 100? Simulated studies where the truth is known.

Scores are binormal: healthy samples are drawn from N(0, 1), diseased ones from N(separation, 1), and the samples of a
group share a part of their noise. The population values follow from the separation, so the share of simulated studies
whose interval holds them can be counted. ``python -m helpers.evaluation.coverage`` prints the whole grid.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from helpers.evaluation.auroc_intervals import auroc_delong, auroc_logit
from helpers.evaluation.calibration import recalibration
from helpers.evaluation.comparison import delong_paired
from helpers.evaluation.intervals import Interval, metric_interval, weighted_auroc
from helpers.evaluation.metrics import METRICS
from helpers.evaluation.placements import placements
from helpers.evaluation.proportions import normal_quantile, wilson
from helpers.evaluation.resampling import bootstrap_statistics
from helpers.runtime import InputError

# method(targets, scores, groups) -> Interval of the AUROC
Method = Callable[[np.ndarray, np.ndarray, np.ndarray], Interval]
# What else has an interval, beside METRICS: 1 and 0 are its true values, and the difference follows from RIVAL_NOISE.
OTHERS = ("calibration_slope", "calibration_intercept", "auroc_difference")
RIVAL_NOISE = 0.7  # standard deviation that the scores of the second model of a comparison have on top


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
        if metric in ("calibration_slope", "calibration_intercept"):
            return float(metric == "calibration_slope")
        if metric == "auroc_difference":
            rival = norm.cdf(self.separation / np.sqrt(2 * (1 + RIVAL_NOISE**2)))
            return self.auroc - float(rival)
        raise InputError(f"unknown metric {metric!r}: choose one of {', '.join((*METRICS, *OTHERS))}")


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
    "default": auroc_delong,
    "logit, t": auroc_logit,
    "logit, 1.96": lambda targets, scores, groups: auroc_logit(targets, scores, groups, quantile="normal"),
    "Wald": auroc_wald,
    "percentile bootstrap": auroc_percentile,
    "groups forgotten": auroc_ungrouped,
}
FORMULAS = ("default", "logit, t", "logit, 1.96", "Wald")  # quick: no resampling


def grid(
    aurocs: Sequence[float] = (0.80, 0.90, 0.95, 0.99),
    groups: Sequence[int] = (22, 50, 150),
    samples: Sequence[int] = (1, 5),
) -> list[Study]:
    """Studies of every combination; samples of a group share half of their variance."""
    return [Study(auroc, number, size) for auroc in aurocs for number in groups for size in samples]


def coverage(
    method: str | Method, study: Study, repetitions: int = 300, seed: int = 0, truth: float | None = None
) -> dict[str, float]:
    """Share of simulated studies whose interval holds the truth.

    Args:
        method: a name in :data:`METHODS` (intervals of the AUROC), a metric of :data:`METRICS` (the interval that
            ``metric_intervals`` gives it), one of :data:`OTHERS`, or a function of targets, scores and groups.
        study: what is simulated.
        repetitions: simulated studies; 300 of them know a coverage of 0.95 to about ± 0.025.
        seed: of the simulation; the same seed gives every method the same studies.
        truth: the true value; by default that of the metric, or the AUROC.

    Returns:
        ``covered``, and ``covered_low``, ``covered_high``: its own 95 % interval (Wilson), as the number of simulated
        studies is limited; ``too_high`` (the whole interval lies above the truth), ``too_low``: shares; ``width``: mean
        width, infinite where one of the intervals is.
    """
    if truth is None:
        truth = study.truth(method) if method in (*METRICS, *OTHERS) else study.auroc
    function = _resolve(method, study)
    generator = np.random.default_rng(seed)
    intervals = [function(*study.draw(generator)) for _ in range(repetitions)]
    low = np.array([interval.low for interval in intervals])
    high = np.array([interval.high for interval in intervals])
    held = int(np.sum((low <= truth) & (truth <= high)))
    known = wilson(held, repetitions)
    return {
        "covered": known.value,
        "covered_low": known.low,
        "covered_high": known.high,
        "too_high": float(np.mean(low > truth)),
        "too_low": float(np.mean(high < truth)),
        "width": float(np.mean(high - low)),
    }


def coverage_table(
    methods: Sequence[str] = FORMULAS, studies: Sequence[Study] | None = None, repetitions: int = 300, seed: int = 0
) -> pd.DataFrame:
    """Coverage of several methods in several studies (all of :func:`grid` by default).

    Returns:
        Index (AUROC, groups, samples per group, method); columns as in :func:`coverage`.
    """
    rows = []
    for study in grid() if studies is None else studies:
        for method in methods:
            place = {"AUROC": study.auroc, "groups": study.groups, "samples per group": study.samples}
            rows.append(place | {"method": str(method)} | coverage(method, study, repetitions, seed))
    return pd.DataFrame(rows).set_index(["AUROC", "groups", "samples per group", "method"])


def coverage_text(table: pd.DataFrame) -> pd.DataFrame:
    """For reading: one row per study, one column per method, ``0.953 ± 0.012`` with the half width of its interval."""
    half = (table["covered_high"] - table["covered_low"]) / 2
    words = [f"{covered:.3f} ± {error:.3f}" for covered, error in zip(table["covered"], half, strict=True)]
    wide = pd.Series(words, index=table.index).unstack("method")
    return wide[list(dict.fromkeys(table.index.get_level_values("method")))].rename_axis(columns=None)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print coverages over the whole grid."""
    parser = argparse.ArgumentParser(prog="python -m helpers.evaluation.coverage", description=main.__doc__)
    parser.add_argument("--repetitions", type=int, default=1000, help="simulated studies per cell")
    parser.add_argument("--seed", type=int, default=0)
    choices = (*METHODS, *METRICS, *OTHERS)
    parser.add_argument("methods", nargs="*", metavar="METHOD", help=f"of: {', '.join(choices)}")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.methods) - set(choices))
    if unknown:
        parser.error(f"unknown method {', '.join(unknown)}: choose from {', '.join(choices)}")
    table = coverage_table(chosen.methods or FORMULAS, repetitions=chosen.repetitions, seed=chosen.seed)
    print(coverage_text(table).to_string())


def _resolve(method: str | Method, study: Study) -> Method:
    if callable(method):
        return method
    if method in METHODS:
        return METHODS[method]
    if method in METRICS:
        return lambda targets, scores, groups: metric_interval(
            method, targets, study.probability(scores), groups, 0.5, resamples=300
        )
    if method in ("calibration_slope", "calibration_intercept"):
        part = method.removeprefix("calibration_")
        return lambda targets, scores, groups: getattr(recalibration(targets, study.probability(scores), groups), part)
    if method == "auroc_difference":
        generator = np.random.default_rng(1)
        return lambda targets, scores, groups: delong_paired(
            targets, scores, scores + RIVAL_NOISE * generator.standard_normal(len(scores)), groups
        )
    raise InputError(f"unknown method {method!r}: choose one of {', '.join((*METHODS, *METRICS, *OTHERS))}")


if __name__ == "__main__":
    main()
