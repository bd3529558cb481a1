"""How many patients? The width of an interval at a number of patients, and the number for a wanted width.

To be asked before a study, when there is a guess of the score and of how alike the images of a patient are; or after
one, when the interval at hand says how wide it was with the patients at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri

from helpers.evaluation.auroc_intervals import auroc_newcombe
from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import LEVEL, Interval, normal_quantile, wilson
from helpers.runtime import InputError

LARGEST = 10_000_000  # groups; beyond it nobody plans a study
NUMBERS = np.unique(np.geomspace(10, 20_000, 60).astype(int))  # of groups: from a pilot to a national study


def design_effect(samples_per_group: float, correlation: float) -> float:
    """1 + (m - 1) ρ: how many images of a patient tell as much as one of another patient (Kish 1965).

    Args:
        samples_per_group: m, at least 1.
        correlation: ρ between the images of a group, 0 (as good as strangers) to 1 (copies).
    """
    if samples_per_group < 1 or not 0 <= correlation <= 1:
        raise InputError("a design effect needs at least one sample per group and a correlation between 0 and 1")
    return 1 + (samples_per_group - 1) * correlation


def proportion_at(
    groups: float, share: float, samples_per_group: float = 1.0, correlation: float = 0.0, level: float = LEVEL
) -> Interval:
    """Wilson's interval that a share (accuracy; sensitivity among the diseased) would get with so many groups."""
    _check(groups, share)
    effective = groups * samples_per_group / design_effect(samples_per_group, correlation)
    return wilson(share * effective, effective, level)


def auroc_at(
    groups: float,
    auroc: float,
    prevalence: float = 0.5,
    samples_per_group: float = 1.0,
    correlation: float = 0.0,
    level: float = LEVEL,
) -> Interval:
    """Newcombe's interval (variance of Hanley & McNeil 1982, Radiology 143:29) that an AUROC would get.

    ``prevalence`` is the share of diseased groups. The variance is that of exponential scores, a cautious guess near 1.
    """
    _check(groups, auroc)
    if not 0 < prevalence < 1:
        raise InputError(f"prevalence is {prevalence}: AUROC needs both classes, so it lies between 0 and 1")
    effective = groups * samples_per_group / design_effect(samples_per_group, correlation)
    return auroc_newcombe(auroc, effective * prevalence, effective * (1 - prevalence), level)


def half_width(interval: Interval) -> float:
    """Half of the width of an interval: the 2 of "± 2 points"; the two sides may differ near 0 and 1."""
    return interval.width / 2


def rescaled_half_width(interval: Interval, groups: float, wanted_groups: float) -> float:
    """Half width that a measured interval would have with another number of groups like these: it goes with 1 / √n.

    Args:
        interval: of any metric, measured on ``groups`` groups.
        groups: behind it.
        wanted_groups: to be judged.
    """
    if groups <= 0 or wanted_groups <= 0:
        raise InputError("an interval rests on at least one group")
    return half_width(interval) * float(np.sqrt(groups / wanted_groups))


def measured_curves(
    measured: Mapping[str, Interval], groups: int, numbers: np.ndarray = NUMBERS
) -> tuple[dict[str, pd.Series], dict[str, tuple[int, float]]]:
    """Measured half widths, carried over to other numbers of groups like these.

    Args:
        measured: name of a metric to its interval.
        groups: behind all of them.
        numbers: of groups to carry over to.

    Returns:
        Name to half widths indexed by the number of groups, and name to (groups, half width) as measured: what
        :func:`helpers.report.rigor_plots.sample_size_plot` draws.
    """
    curves = {
        name: pd.Series([rescaled_half_width(interval, groups, number) for number in numbers], numbers)
        for name, interval in measured.items()
    }
    return curves, {name: (groups, half_width(interval)) for name, interval in measured.items()}


def groups_for_half_width(wanted: float, interval_at: Callable[[float], Interval]) -> int:
    """The smallest number of groups whose interval is at most ± ``wanted``.

    Args:
        wanted: half width, on the scale of the metric (0.02: two points).
        interval_at: number of groups to the interval, as ``lambda n: proportion_at(n, 0.9)``; it shrinks with n.
    """
    if not 0 < wanted < 0.5:
        raise InputError(f"wanted half width is {wanted}: it lies between 0 and 0.5 (0.02 is two points)")
    low, high = 2, 2
    while half_width(interval_at(high)) > wanted:
        low, high = high, high * 2
        if high > LARGEST:
            raise InputError(f"no number of groups up to {LARGEST:,} makes the interval ± {wanted:g}: ask for less")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if half_width(interval_at(middle)) <= wanted else (middle, high)
    return low if half_width(interval_at(low)) <= wanted else high


def groups_for_measured(wanted: float, interval: Interval, groups: float) -> int:
    """Groups like the measured ones for a half width of ``wanted``: groups × (half width / wanted)², rounded up."""
    if not 0 < wanted < 0.5:
        raise InputError(f"wanted half width is {wanted}: it lies between 0 and 0.5 (0.02 is two points)")
    return int(np.ceil(groups * (half_width(interval) / wanted) ** 2 - 1e-9))


def precision_table(
    numbers: list[int],
    share: float,
    auroc: float,
    prevalence: float = 0.5,
    samples_per_group: float = 1.0,
    correlation: float = 0.0,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Half widths over a range of group numbers: index groups; columns share, auroc.

    Args:
        numbers: of groups, each at least 4.
        share, auroc: the guessed values.
        prevalence: share of diseased groups.
        samples_per_group, correlation: see :func:`design_effect`.
        level: confidence level.
    """
    rows = [
        {
            "groups": number,
            "share": half_width(proportion_at(number, share, samples_per_group, correlation, level)),
            "auroc": half_width(auroc_at(number, auroc, prevalence, samples_per_group, correlation, level)),
        }
        for number in numbers
    ]
    return pd.DataFrame(rows).set_index("groups")


def groups_to_detect(
    difference: float, comparison: PairedComparison, groups: int, power: float = 0.8, level: float = LEVEL
) -> int:
    """Groups that a paired comparison like the measured one needs to find a difference: (z + z_power)² σ² / δ².

    Args:
        difference: δ, the smallest difference worth finding, on the scale of the metric.
        comparison: of two models on ``groups`` groups; its interval gives the variance σ² of one group's contribution.
            Other models agree more or less with each other, so this is an order of magnitude.
        groups: behind the comparison.
        power: share of studies that shall find it.
        level: confidence level of the test.
    """
    if not difference or not 0.5 <= power < 1:
        raise InputError("give a difference other than 0 and a power of at least 0.5 and below 1")
    error = (comparison.high - comparison.low) / 2 / normal_quantile(comparison.level)
    return int(np.ceil(groups * ((normal_quantile(level) + ndtri(power)) * error / difference) ** 2 - 1e-9))


def _check(groups: float, value: float) -> None:
    if groups <= 0 or not 0 <= value <= 1:
        raise InputError(f"{groups} groups and a score of {value}: give at least one group and a score from 0 to 1")
