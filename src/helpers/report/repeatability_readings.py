"""Sentences about the spread of a score and what repeats, which depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluation.comparison import PairedComparison
from helpers.evaluation.proportions import Interval
from helpers.report import readings
from helpers.report.repeatability_tables import ONE_BIT, SPREADS


def same_twice(same: bool, nudged: bool, moved: float, scores: PairedComparison, passes: int) -> str:
    """Whether one training made twice is one network, and what one bit at the start has grown to at its end.

    Args:
        same: the weights of both are equal bit by bit.
        nudged: they are still equal after a nudge in the last bit.
        moved: largest change of a probability through the nudge.
        scores: AUROC with the nudge minus that without, paired.
        passes: of the training.
    """
    first = (
        "Twice the same bits." if same else "The same training gave other bits: this machine does not repeat itself."
    )
    if nudged:
        return f"{first} The nudge was rounded away."
    return (
        f"{first} One bit at the start has grown through {passes} passes: no hash agrees any more, the largest change of a "
        f"probability is {moved:.1g}, and AUROC {scores.second:.3f} has become {scores.first:.3f} ({scores.difference:+.3f}, "
        f"{scores.low:+.3f} to {scores.high:+.3f}). A changed order of additions nudges at every step."
    )


def crossed(scores: np.ndarray) -> str:
    """How far the means of splits lie apart, and the seeds within a split.

    Args:
        scores: (splits, seeds).
    """
    between, within = np.ptp(scores.mean(axis=1)), np.ptp(scores, axis=1).mean()
    wider = "rows differ more than" if between > within else "rows do not differ more than"
    return (
        f"The means of the splits range over {between:.3f} of AUROC, the seeds of one split over {within:.3f} on average: "
        f"the {wider} the points within a row. A range grows with the number of points, so variances are needed."
    )


def crossed_title(scores: np.ndarray) -> str:
    """What the figure of a crossed design shows, in its title.

    Args:
        scores: (splits, seeds).
    """
    between, within = np.ptp(scores.mean(axis=1)), np.ptp(scores, axis=1).mean()
    if between > within:
        return "Means of splits lie further apart than the seeds of a split"
    return "The seeds of a split lie at least as far apart as means of splits"


def spread(parts: Mapping[str, Interval | float]) -> str:
    """Which part of the spread is larger, and what the arithmetic moves, in the small network and in the convolutional one.

    Args:
        parts: of :func:`helpers.report.repeatability_tables.spread_parts`.
    """
    drawn = {name: part for name, part in parts.items() if isinstance(part, Interval)}
    arithmetic = {name: part for name, part in parts.items() if name not in drawn and name != ONE_BIT}
    said = "; ".join(f"{name} {_ends(part)}" for name, part in drawn.items())
    split, seed = (drawn[SPREADS[key]] for key in ("split", "seed_on_one_split"))
    larger = (
        "split moves AUROC more than the seed"
        if split.value > seed.value
        else "seed moves AUROC as much as the split, or more"
    )
    first = f"Standard deviations of AUROC: {said}. By these estimates the {larger}."
    most = max(arithmetic.values())
    if most <= 0:
        second = "Another order of additions and another precision changed no score of this small network: no two cases swapped places."
    else:
        second = (
            f"The arithmetic ({readings.listed(list(arithmetic))}) moves AUROC of this small network by {most:.1g} (root mean "
            f"square over the splits), 1 / {max(split.value, seed.value) / most:,.0f} of the larger of the two."
        )
    bit = parts[ONE_BIT]
    share = "more than" if bit > seed.value else "less than"
    third = (
        f"That does not carry over to the convolutional network, where every step magnifies it: there one bit at the start moved "
        f"AUROC by {bit:.4f} in this run, {share} the small network's deviation by seed ({seed.value:.4f})."
    )
    return f"{first} {second} {third}"


def spread_title(parts: Mapping[str, Interval | float]) -> str:
    """What the figure of the budget shows, in its title.

    Args:
        parts: of :func:`helpers.report.repeatability_tables.spread_parts`.
    """
    split, seed = (parts[SPREADS[key]].value for key in ("split", "seed_on_one_split"))
    return (
        "The split moves a score more than the seed"
        if split > seed
        else "The seed moves a score at least as much as the split"
    )


def seeds(table: pd.DataFrame, deviation: Interval, spent: int, found: Interval) -> str:
    """How many seeds a claim needs, and what the usual number can show.

    Args:
        table: of :func:`helpers.report.repeatability_tables.seed_table`.
        deviation: between seeds on one split.
        spent: seeds of the usual study.
        found: difference that they find with power 0.8.
    """
    said = readings.listed(
        [
            f"{row.needed:,.0f} ({row.low:,.0f} to {row.high:,.0f}) for a difference of {gap:g}"
            for gap, row in table.iterrows()
        ]
    )
    return (
        f"Seeds differ by {_ends(deviation)} on one split, so each recipe needs {said}. What {spent} seeds find four times out of "
        f"five is a difference of {_ends(found)}; a smaller one is missed more often. That is about luck in training only: more "
        "seeds make no test set larger."
    )


def missing(table: pd.DataFrame) -> str:
    """What this repository's documents do not hold."""
    nowhere = list(table.index[table["stands in"] == "nowhere"])
    if not nowhere:
        return "Everything on the list is written down in one of the three documents."
    return f"Not written down anywhere: {readings.listed(nowhere)}. Two machines that differ in this may differ in the last bits."


def _ends(found: Interval) -> str:
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"
