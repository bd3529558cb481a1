"""Errors of reconstruction on held-out pictures: each goes into the results with its interval, and into a table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluation import intervals, regression
from helpers.evaluation.comparison import PairedComparison
from helpers.report.writing import Run

LABEL = "Mean squared error"


def error_scores(
    run: Run, part: str, groups: np.ndarray, errors: Mapping[str, np.ndarray], resamples: int, name: str
) -> pd.DataFrame:
    """One row per model: mean squared error with its interval over groups.

    Args:
        run: gets an estimate ``<name>_<model>`` for each.
        part: of the split.
        groups: (n,) group of each picture.
        errors: name of the model to (n,) errors.
        resamples: of whole groups.
        name: of the measure.
    """
    rows = {}
    for model, error in errors.items():
        found = regression.mean_absolute_error(np.zeros(len(error)), error, groups, resamples)
        run.add_interval(f"{name}_{_slug(model)}", f"{LABEL}, {part}", found, groups, part, model)
        rows[model] = {"mean squared error": found.text(3)}
    return pd.DataFrame(rows).T


def error_difference(first: np.ndarray, second: np.ndarray, groups: np.ndarray, resamples: int) -> PairedComparison:
    """Mean error of the first model minus that of the second on the same pictures; below 0 the first is better."""
    return regression.absolute_error_difference(np.zeros(len(first)), first, second, groups, resamples)


def compression_table(
    run: Run,
    part: str,
    groups: np.ndarray,
    errors: Mapping[int, tuple[np.ndarray, np.ndarray]],
    trivial: np.ndarray,
    resamples: int,
) -> tuple[pd.DataFrame, dict[int, PairedComparison]]:
    """Network against PCA at equal numbers kept.

    Args:
        run: gets both errors, their paired difference, and one finding per size of the code.
        part, groups, resamples: as for :func:`error_scores`.
        errors: numbers kept to the (n,) errors of the network and of PCA.
        trivial: (n,) errors of always the mean picture.

    Returns:
        A table with one row per size (network, PCA, difference), and the paired comparisons.
    """
    everything = {"mean picture": trivial}
    for size, (network, linear) in errors.items():
        everything |= {f"network {size}": network, f"PCA {size}": linear}
    scores = error_scores(run, part, groups, everything, resamples, "error")
    rows, gaps = {}, {}
    for size, (network, linear) in errors.items():
        gap = gaps[size] = error_difference(network, linear, groups, resamples)
        sentence = f"Keeping {size} numbers, the convolutional autoencoder makes the smaller error than PCA."
        run.add_claim(f"beats_pca_{size}", sentence, gap.high < 0)
        run.add_interval(f"error_difference_{size}", f"Error, network minus PCA, {size} numbers", gap, groups, part)
        rows[size] = {
            "network": scores.loc[f"network {size}", "mean squared error"],
            "PCA": scores.loc[f"PCA {size}", "mean squared error"],
            "difference": f"{gap.difference:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})",
        }
    table = pd.DataFrame(rows).T
    table.index.name = "numbers kept"
    return table, gaps


def bottleneck_table(
    run: Run, part: str, targets: np.ndarray, groups: np.ndarray, errors: Mapping[int, np.ndarray]
) -> pd.DataFrame:
    """Errors of both classes and the AUROC of the error as a score, by the numbers kept.

    Args:
        run: gets one AUROC per size of the code.
        part: of the split.
        targets: (n,) of 0 and 1.
        groups: (n,) group of each picture.
        errors: numbers kept to (n,) errors.

    Returns:
        Index ``numbers kept``; columns ``normal``, ``disease``, ``auroc``, ``low``, ``high``.
    """
    rows = {}
    for size, error in errors.items():
        found = intervals.auroc_delong(targets, error, groups)
        run.add_interval(f"auroc_{size}_numbers", f"AUROC of the error, {size} numbers kept", found, groups, part)
        means = {"normal": error[targets == 0].mean(), "disease": error[targets == 1].mean()}
        rows[size] = means | {"auroc": found.value, "low": found.low, "high": found.high}
    table = pd.DataFrame(rows).T
    table.index.name = "numbers kept"
    return table


def _slug(name: str) -> str:
    return name.lower().replace(",", "").replace(".", "_").replace(" ", "_")
