"""Record by record: where the errors of a heartbeat classifier lie, and how much of a pooled share is one person's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.heartbeat_scores import record_counts
from helpers.evaluation.proportions import LEVEL, cluster_proportion
from helpers.runtime import InputError


def record_table(
    targets: np.ndarray, decisions: np.ndarray, groups: np.ndarray, class_names: Sequence[str]
) -> pd.DataFrame:
    """One row per record: beats, errors, and for each class but the first what was found of it and what falsely called so.

    Args:
        targets, decisions: (n,) classes.
        groups: (n,) record of each beat.
        class_names: in the order of the numbers.

    Returns:
        Index: record, those with the most errors first. Columns: beats, errors, accuracy; and for
        each class after the first ``<class>`` (beats of it), ``<class> found`` and ``<class> false``.
    """
    counts = record_counts(targets, decisions, groups, len(class_names))
    right = np.trace(counts, axis1=1, axis2=2)
    columns = {"beats": counts.sum(axis=(1, 2)), "errors": counts.sum(axis=(1, 2)) - right}
    for label, name in enumerate(class_names[1:], start=1):
        columns[name] = counts[:, label].sum(axis=1)
        columns[f"{name} found"] = counts[:, label, label]
        columns[f"{name} false"] = counts[:, :, label].sum(axis=1) - counts[:, label, label]
    table = pd.DataFrame(columns, index=np.unique(groups)).astype(int)
    table.insert(2, "accuracy", right / table["beats"])
    return table.sort_values("errors", ascending=False, kind="stable")


def sensitivity_without_largest(
    targets: np.ndarray, decisions: np.ndarray, groups: np.ndarray, label: int, level: float = LEVEL
) -> pd.DataFrame:
    """Sensitivity of one class over all records, and without the record that holds the most beats of it.

    A pooled share belongs to whoever gives the most beats: in the usual test part of MIT-BIH three of four S beats come
    from one person.

    Args:
        targets, decisions, groups: (n,) as for :func:`record_counts`.
        label: of the class.

    Returns:
        Rows ``all records`` and ``without the largest``; columns value, low, high, method, samples, groups, and
        ``largest_share``: share of the beats of the class that the largest record holds.

    Raises:
        InputError: there is no beat of the class.
    """
    of_class = np.asarray(targets) == label
    if not of_class.any():
        raise InputError(f"no beat is of class {label}: ask for the sensitivity of a class that occurs")
    records, sizes = np.unique(np.asarray(groups)[of_class], return_counts=True)
    others = of_class & (np.asarray(groups) != records[sizes.argmax()])
    rows = {}
    for name, counted in (("all records", of_class), ("without the largest", others)):
        found = cluster_proportion(np.asarray(decisions) == label, groups, counted, level)
        rows[name] = {
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "method": found.method,
            "samples": int(counted.sum()),
            "groups": len(np.unique(np.asarray(groups)[counted])),
            "largest_share": float(sizes.max() / sizes.sum()),
        }
    return pd.DataFrame(rows).T
