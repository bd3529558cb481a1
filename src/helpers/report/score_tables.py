"""Score several models on one held-out part: every score goes into the results with its interval, and into a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation import intervals, regression
from helpers.report.plots import METRIC_LABELS
from helpers.report.writing import Run


def classification_scores(
    run: Run,
    part: Dataset,
    scores: Mapping[str, np.ndarray],
    metrics: Sequence[str] = ("auroc", "accuracy"),
    threshold: float = 0.5,
) -> pd.DataFrame:
    """One row per model, one column per metric, each as ``0.912 (0.874 to 0.941)``.

    Args:
        run: gets an estimate ``<metric>_<model>`` for each.
        part: one part of a binary dataset.
        scores: name of the model to (n,) probabilities.
        metrics: names of :data:`helpers.evaluation.metrics.METRICS`.
        threshold: of the metrics that need decisions.
    """
    rows: dict[str, dict[str, str]] = {}
    for name, score in scores.items():
        for metric in metrics:
            found = intervals.metric_interval(metric, part.targets, score, part.groups, threshold)
            _keep(run, part, metric, METRIC_LABELS[metric], name, found)
            rows.setdefault(name, {})[METRIC_LABELS[metric]] = found.text()
    return pd.DataFrame(rows).T


def regression_scores(
    run: Run, part: Dataset, predictions: Mapping[str, np.ndarray], unit: str, resamples: int
) -> pd.DataFrame:
    """One row per model: mean absolute error and correlation, each with its interval.

    Args:
        run: gets estimates ``absolute_error_<model>`` and, where predictions vary, ``correlation_<model>``.
        part: one part of a dataset of regression.
        predictions: name of the model to (n,) numbers.
        unit: of the targets.
        resamples: of whole groups.
    """
    rows: dict[str, dict[str, str]] = {}
    for name, predicted in predictions.items():
        error = regression.mean_absolute_error(part.targets, predicted, part.groups, resamples)
        along = regression.correlation(part.targets, predicted, part.groups, resamples)
        _keep(run, part, "absolute_error", "Mean absolute error", name, error, unit)
        rows[name] = {f"mean absolute error ({unit})": error.text(2), "correlation": "not defined"}
        if np.isfinite(along.value):
            _keep(run, part, "correlation", "Correlation", name, along)
            rows[name]["correlation"] = along.text(2)
    return pd.DataFrame(rows).T


def _keep(run: Run, part: Dataset, metric: str, label: str, model: str, found, unit: str = "") -> None:
    where = part.split[0]
    run.add_estimate(
        f"{metric}_{model.replace(' ', '_')}",
        f"{label}, {where}",
        found.value,
        found.low,
        found.high,
        method=found.method,
        n=len(part),
        groups=len(np.unique(part.groups)),
        split=where,
        model=model,
        unit=unit,
    )
