"""What was not measured, where, and whether that tells the diagnosis: missing values are data about hospitals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.runtime import InputError


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
    """Share of the healthy and of the ill without a measurement: one row per hospital, columns ``healthy`` and ``ill``.

    Args:
        dataset: as for :func:`missing_shares`, binary, both classes at every hospital.
        measurement: one of its feature names.
    """
    _require_sites(dataset)
    if measurement not in dataset.feature_names:
        raise InputError(
            f"{dataset.name} has no measurement {measurement!r}: it has {', '.join(dataset.feature_names)}"
        )
    gaps = np.isnan(dataset.inputs[:, dataset.feature_names.index(measurement)])
    rows = {}
    for site, name in enumerate(dataset.site_names):
        here = dataset.sites == site
        rows[name] = {
            word: float(gaps[here & (dataset.targets == label)].mean()) for label, word in enumerate(("healthy", "ill"))
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _require_sites(dataset: Dataset) -> None:
    if dataset.sites is None or not dataset.site_names or not dataset.feature_names:
        raise InputError(f"{dataset.name}: not a table of several hospitals with names")
