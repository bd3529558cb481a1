"""Sentences about the spread of a score and what repeats, which depend on numbers: every outcome is worded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluation.proportions import Interval
from helpers.report import readings


def same_twice(same: bool, nudged: bool, moved: float) -> str:
    """Whether one training made twice is one network, and what one bit at the start does.

    Args:
        same: the weights of both are equal bit by bit.
        nudged: they are still equal after a nudge in the last bit.
        moved: largest change of a probability through the nudge.
    """
    first = (
        "Twice the same bits." if same else "The same training gave other bits: this machine does not repeat itself."
    )
    if nudged:
        return f"{first} The nudge was rounded away."
    return f"{first} After the nudge no hash agrees any more; the largest change of a probability is {moved:.1g}."


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


def spread(parts: Mapping[str, Interval | float]) -> str:
    """Which part of the spread is largest, and how far below it the arithmetic lies.

    Args:
        parts: of :func:`helpers.report.standardization_tables.spread_parts`.
    """
    drawn = {name: part for name, part in parts.items() if isinstance(part, Interval)}
    arithmetic = {name: part for name, part in parts.items() if name not in drawn}
    order = sorted(drawn, key=lambda name: drawn[name].value, reverse=True)
    said = "; ".join(f"{name} {_ends(drawn[name])}" for name in order)
    first = f"Standard deviations of AUROC: {said}. The largest is that of {order[0]}."
    most = max(arithmetic.values())
    if most <= 0:
        return f"{first} Another order of additions and another precision changed no score at all: no two cases swapped places."
    share = drawn[order[0]].value / most
    return f"{first} The arithmetic ({readings.listed(list(arithmetic))}) moves AUROC by {most:.1g} (root mean square over the splits), 1 / {share:,.0f} of that."


def seeds(needed: Mapping[float, int], deviation: float, spent: int) -> str:
    """How many seeds a claim needs, and what the usual number can show.

    Args:
        needed: difference of AUROC to seeds of each recipe.
        deviation: between seeds on one split.
        spent: seeds of the usual study.
    """
    said = readings.listed([f"{count:,} for a difference of {gap:g}" for gap, count in needed.items()])
    found = [gap for gap, count in needed.items() if count <= spent]
    can = (
        f"With {spent} seeds a difference of {min(found):g} or more is found four times out of five"
        if found
        else f"With {spent} seeds none of these is found four times out of five"
    )
    return f"Seeds differ by {deviation:.4f} on one split, so each recipe needs {said}. {can}. That is about luck in training only: more seeds make no test set larger."


def missing(table: pd.DataFrame) -> str:
    """What this repository's documents do not hold."""
    nowhere = list(table.index[table["stands in"] == "nowhere"])
    if not nowhere:
        return "Everything on the list stands in results.json or manifest.json."
    return f"Not written down anywhere: {readings.listed(nowhere)}. Two machines that differ in this may differ in the last bits."


def _ends(found: Interval) -> str:
    return f"{found.value:.4f} ({found.low:.4f} to {found.high:.4f})"
