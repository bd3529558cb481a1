"""What share of one model's AUROC another model reaches, both having scored the same samples."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.evaluation.resampling import bootstrap_statistics, smaller_class_groups, weighted_auroc
from helpers.evaluation.samples import checked_groups, checked_score_rows
from helpers.runtime import InputError


def auroc_ratio(
    targets: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """AUROC of the first scores over that of the second; whole groups are drawn, the same ones for both.

    Args:
        targets: (n,) of 0 and 1.
        first, second: (n,) or (seeds, n) scores.
        groups: (n,) group of each sample, or None.
        resamples: at least 100.
        seed: of the drawing.
        level: confidence level.

    Returns:
        The ratio with an interval that is symmetric on the logarithmic scale: standard error of the resampled
        logarithms, t quantile for the number of groups. Where these samples cannot tell how much the ratio varies (one
        ranking perfect, or both the same), the two intervals are combined on that scale as if the models were
        independent (Zou & Donner 2008, Stat Med 27:1693): wide, and never of zero width.

    Raises:
        InputError: too few resamples, or an AUROC of 0 to divide by.
    """
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for an interval: take at least 100, usually 1000")
    targets, top = checked_score_rows(targets, first)
    _, bottom = checked_score_rows(targets, second)
    group = checked_groups(groups, len(targets))
    everything = np.ones((1, len(targets)))
    over, under = (float(np.mean([weighted_auroc(targets, row, everything) for row in rows])) for rows in (top, bottom))
    if min(over, under) <= 0:
        raise InputError(
            f"AUROC {over:g} over {under:g}: a ratio needs both above 0; look whether the labels are swapped"
        )
    # The same seed and groups draw the same resamples: that is what makes the ratio paired.
    drawn = [bootstrap_statistics(weighted_auroc, targets, rows, group, resamples, seed) for rows in (top, bottom)]
    ratio = over / under
    with np.errstate(invalid="ignore", divide="ignore"):
        logarithms = np.log(drawn[0] / drawn[1])
    logarithms = logarithms[np.isfinite(logarithms)]
    if max(over, under) >= 1 - 1e-12 or len(logarithms) < resamples / 2 or np.ptp(logarithms) <= 1e-9:
        return _from_separate_intervals(targets, top, bottom, group, level)
    number = smaller_class_groups(targets, group)
    error = logarithms.std(ddof=1) * np.sqrt(number / max(number - 1, 1))
    half = float(student.ppf(0.5 + level / 2, max(number - 1, 1))) * error
    return Interval(ratio, float(ratio * np.exp(-half)), float(ratio * np.exp(half)), "group bootstrap, log", level)


def _from_separate_intervals(targets, top, bottom, group, level) -> Interval:
    """Ends of the ratio from those of both AUROCs, on the logarithmic scale."""
    one, other = (auroc_delong(targets, rows, group, level) for rows in (top, bottom))
    with np.errstate(divide="ignore"):
        first, second = (np.log([found.low, found.value, found.high]) for found in (one, other))
    middle = first[1] - second[1]
    low = middle - np.hypot(first[1] - first[0], second[2] - second[1])
    high = middle + np.hypot(first[2] - first[1], second[1] - second[0])
    return Interval(float(np.exp(middle)), float(np.exp(low)), float(np.exp(high)), "separate intervals", level)
