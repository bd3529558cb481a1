"""What was not measured, where, and whether that tells the diagnosis: missing values are data about hospitals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.evaluation.comparison import from_separate_intervals
from helpers.evaluation.proportions import wilson
from helpers.runtime import InputError

DIAGNOSES = ("healthy", "ill")  # in the order of the targets


def missing_shares(dataset: Dataset) -> pd.DataFrame:
    """Share of patients without each measurement at each hospital: one row per measurement, one column per hospital.

    Args:
        dataset: a table with NaN where nothing was measured, sites and their names.
    """
    _require_sites(dataset)
    gaps = np.isnan(dataset.inputs)
    shares = {name: gaps[dataset.sites == site].mean(axis=0) for site, name in enumerate(dataset.site_names)}
    return pd.DataFrame(shares, index=list(dataset.feature_names))


def missing_by_diagnosis(dataset: Dataset, measurement: str) -> pd.DataFrame:
    """Whether the ill lack a measurement more often than the healthy, one row per hospital.

    Args:
        dataset: as for :func:`missing_shares`, binary, both classes at every hospital.
        measurement: one of its feature names.

    Returns:
        Columns ``healthy`` and ``ill`` (share without the measurement), ``healthy_patients`` and ``ill_patients``, ``gap``
        (ill minus healthy) and its 95 % interval ``low`` to ``high``: Newcombe's (1998, Stat Med 17:873, method 10), which
        keeps a width where eight patients have no gap at all.
    """
    _require_sites(dataset)
    if measurement not in dataset.feature_names:
        raise InputError(
            f"{dataset.name} has no measurement {measurement!r}: it has {', '.join(dataset.feature_names)}"
        )
    gaps = np.isnan(dataset.inputs[:, dataset.feature_names.index(measurement)])
    rows = {}
    for site, name in enumerate(dataset.site_names):
        lacking = [gaps[(dataset.sites == site) & (dataset.targets == label)] for label in range(len(DIAGNOSES))]
        healthy, ill = (wilson(int(values.sum()), len(values)) for values in lacking)
        gap = from_separate_intervals(ill, healthy)
        rows[name] = {
            "healthy": healthy.value,
            "ill": ill.value,
            "healthy_patients": len(lacking[0]),
            "ill_patients": len(lacking[1]),
            "gap": gap.difference,
            "low": gap.low,
            "high": gap.high,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _require_sites(dataset: Dataset) -> None:
    if dataset.sites is None or not dataset.site_names or not dataset.feature_names:
        raise InputError(f"{dataset.name}: not a table of several hospitals with names")
