"""Intervals of every metric: the door to the methods, and the table that a report shows.

What is used where, and why (coverage measured in :mod:`helpers.evaluation.coverage`): shares and F1 get Wilson's
interval with a design effect for groups, AUROC a score interval with DeLong's variance, the Brier score a t interval on
the logit scale, AUPRC the group bootstrap. None of them has zero width.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evaluation.auroc_intervals import auroc_delong, auroc_newcombe
from helpers.evaluation.brier import brier_interval
from helpers.evaluation.metrics import METRICS, binary_metrics, decide
from helpers.evaluation.proportions import LEVEL, Interval, cluster_proportion, f1_interval, undefined, wilson
from helpers.evaluation.resampling import group_bootstrap, per_resample, weighted_auprc, weighted_auroc, weighted_brier
from helpers.evaluation.samples import checked_groups, checked_score_rows, checked_targets
from helpers.runtime import InputError

__all__ = [
    "Interval",
    "auroc_delong",
    "auroc_newcombe",
    "brier_interval",
    "cluster_proportion",
    "f1_interval",
    "group_bootstrap",
    "metric_interval",
    "metric_intervals",
    "per_resample",
    "weighted_auprc",
    "weighted_auroc",
    "weighted_brier",
    "wilson",
]


def metric_intervals(
    targets: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray | None,
    thresholds: float | np.ndarray,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Every metric with its interval, for one model trained with one or several seeds.

    The value is the mean over the seeds. The interval says how far it would move with other *groups* (patients, tiles):
    each group's contribution is averaged over the seeds first. What other *seeds* would do stands apart in ``seed_sd``.

    Args:
        targets: (n,) of 0 and 1.
        probabilities: (n,) or (seeds, n).
        groups: (n,) group of each sample; None: each its own.
        thresholds: one, or one per seed; chosen on validation samples.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        level: confidence level.

    Returns:
        Index ``metric`` in the order of :data:`METRICS`; columns value, low, high, method, seed_sd (``nan`` for one
        seed). A metric that is undefined here (no alarms, one class) has value ``nan`` and the interval 0 to 1.
    """
    targets, rows = checked_score_rows(targets, probabilities)
    cuts = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    if len(cuts) not in (1, len(rows)):
        raise InputError(f"{len(cuts)} thresholds for {len(rows)} seeds: give one, or one per seed")
    cuts = np.broadcast_to(cuts, len(rows))
    by_seed = pd.DataFrame([binary_metrics(targets, row, cut) for row, cut in zip(rows, cuts, strict=True)])
    spread = by_seed.std(ddof=1) if len(rows) > 1 else by_seed.iloc[0] * np.nan
    table = []
    for name in METRICS:
        interval = metric_interval(name, targets, rows, groups, cuts, resamples, seed, level)
        table.append(
            {
                "metric": name,
                "value": interval.value,
                "low": interval.low,
                "high": interval.high,
                "method": interval.method,
                "seed_sd": float(spread[name]),
            }
        )
    return pd.DataFrame(table).set_index("metric")


def metric_interval(
    metric: str,
    targets: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray | None,
    thresholds: float | np.ndarray,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """One metric of :data:`METRICS` with the interval that :func:`metric_intervals` gives it; arguments as there."""
    if metric not in METRICS:
        raise InputError(f"unknown metric {metric!r}: choose one of {', '.join(METRICS)}")
    targets, rows = checked_score_rows(targets, probabilities)
    group = checked_groups(groups, len(targets))
    cuts = np.broadcast_to(np.atleast_1d(np.asarray(thresholds, dtype=np.float64)), len(rows))
    called = np.stack([decide(row, cut) for row, cut in zip(rows, cuts, strict=True)])
    right = called == (targets == 1)
    denominators = {
        "accuracy": np.ones(called.shape, dtype=bool),
        "sensitivity": np.broadcast_to(targets == 1, called.shape),
        "specificity": np.broadcast_to(targets == 0, called.shape),
        "precision": called,
    }
    if metric in denominators:
        return cluster_proportion(right, group, denominators[metric], level)
    if metric == "f1":
        return f1_interval(targets, called, group, level)
    if metric == "brier":
        return brier_interval(targets, rows, group, level)
    if len(np.unique(checked_targets(targets))) < 2:
        return undefined(level)
    if metric == "auroc":
        return auroc_delong(targets, rows, group, level)
    return group_bootstrap(weighted_auprc, targets, rows, group, resamples, seed, level)
