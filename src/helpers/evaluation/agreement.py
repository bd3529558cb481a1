"""Does the copy on the device decide as the original does? Their agreement, and the cases where it does not.

An AUROC that has not moved can hide patients who are now told something else; regulators therefore ask for the agreement
of decisions (as for comparing tests without a gold standard: FDA 2007, "Statistical guidance on reporting results from
studies evaluating diagnostic tests").
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evaluation.metrics import decide
from helpers.evaluation.proportions import LEVEL, Interval, cluster_proportion
from helpers.evaluation.samples import checked_scores


def decision_agreement(
    original: np.ndarray, copy: np.ndarray, threshold: float, groups: np.ndarray | None = None, level: float = LEVEL
) -> Interval:
    """Share of the cases that both call alike at the same threshold, with Wilson's interval (groups adjusted).

    Args:
        original, copy: (n,) probabilities.
        threshold: of both; a device has no validation data to choose its own.
        groups: (n,) group of each case, or None.
        level: confidence level.
    """
    _, first = checked_scores(np.zeros(len(original)), original)
    _, second = checked_scores(np.zeros(len(original)), copy)
    return cluster_proportion(decide(first, threshold) == decide(second, threshold), groups, level=level)


def disagreements(targets: np.ndarray, original: np.ndarray, copy: np.ndarray, threshold: float) -> pd.DataFrame:
    """The cases that are called differently, those with the largest change first.

    Args:
        targets: (n,) of 0 and 1.
        original, copy: (n,) probabilities.
        threshold: of both.

    Returns:
        Index: row of the case. Columns target, original, copy (probabilities), distance (of the original from the
        threshold), copy_right (whether the copy is the one that is right).
    """
    truth, first = checked_scores(targets, original)
    _, second = checked_scores(targets, copy)
    called = decide(first, threshold), decide(second, threshold)
    rows = np.flatnonzero(called[0] != called[1])
    rows = rows[np.argsort(-np.abs(second - first)[rows], kind="stable")]
    return pd.DataFrame(
        {
            "target": truth[rows],
            "original": first[rows],
            "copy": second[rows],
            "distance": np.abs(first[rows] - threshold),
            "copy_right": called[1][rows] == (truth[rows] == 1),
        },
        index=rows,
    )
