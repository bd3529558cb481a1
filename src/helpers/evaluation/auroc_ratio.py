"""What share of one model's AUROC another model reaches, both having scored the same samples."""

from __future__ import annotations

import numpy as np

from helpers.evaluation.proportions import LEVEL, Interval
from helpers.evaluation.resampling import bootstrap_statistics, weighted_auroc
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
        The ratio with the central quantiles of the resampled ratios. Where both rankings are perfect these do not vary,
        and the interval has no width.

    Raises:
        InputError: too few resamples.
    """
    if resamples < 100:
        raise InputError(f"{resamples} resamples are too few for an interval: take at least 100, usually 1000")
    targets, top = checked_score_rows(targets, first)
    _, bottom = checked_score_rows(targets, second)
    group = checked_groups(groups, len(targets))
    everything = np.ones((1, len(targets)))
    over, under = (np.mean([weighted_auroc(targets, row, everything) for row in rows]) for rows in (top, bottom))
    # The same seed and groups draw the same resamples: that is what makes the ratio paired.
    drawn = [bootstrap_statistics(weighted_auroc, targets, rows, group, resamples, seed) for rows in (top, bottom)]
    ratios = drawn[0] / drawn[1]
    low, high = np.quantile(ratios[np.isfinite(ratios)], [0.5 - level / 2, 0.5 + level / 2])
    return Interval(float(over / under), float(low), float(high), "group bootstrap, paired", level)
