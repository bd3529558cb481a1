"""Tables about laboratory values in 12_standardization: what the healthy have, in both units, and what a mix-up does to a model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.data.dataset import Dataset
from helpers.data.units import MASS_UNIT, Analyte, ReferenceRange, analytes
from helpers.evaluation.auroc_intervals import auroc_delong
from helpers.evaluation.calibration import recalibration
from helpers.evaluation.comparison import delong_paired
from helpers.report.heart_tables import slug
from helpers.report.writing import Run


def reference_table() -> pd.DataFrame:
    """Reference ranges of everything that :mod:`helpers.data.units` knows, in both units.

    Returns:
        Index (analyte, for whom); columns ``mg/dL``, ``other unit`` (texts with the unit of the second), ``source``.
    """
    rows = {
        (measured.name, one.whom): {
            MASS_UNIT: _ends(one, measured, MASS_UNIT),
            "other unit": f"{_ends(one, measured, measured.mole_unit)} {measured.mole_unit}",
            "source": one.source,
        }
        for measured in analytes().values()
        for one in measured.references
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["analyte", "whom"])


def mixup_table(run: Run, probability: Mapping[str, np.ndarray], patients: Dataset, split: str) -> pd.DataFrame:
    """Ranking and level of one model under several states of a column.

    Args:
        run: gets estimates ``unit_auroc_<state>``, ``unit_intercept_<state>``; and ``unit_auroc_drop_<state>``, paired, for all
            but the first state.
        probability: state to (n,) probabilities; the first state is the right one.
        patients: n patients that the model has not seen.
        split: what they are called.

    Returns:
        Index: states; columns auroc, low, high, drop, drop_low, drop_high, level, level_low, level_high (calibration intercept),
        mean (probability) and ill (share).
    """
    right, rows = next(iter(probability.values())), {}
    for state, chance in probability.items():
        found = auroc_delong(patients.targets, chance, patients.groups)
        gap = delong_paired(patients.targets, right, chance, patients.groups)
        level = recalibration(patients.targets, chance, patients.groups).intercept
        add = {"groups": patients.groups, "split": split, "model": "logistic regression"}
        run.add_interval(f"unit_auroc_{slug(state)}", f"AUROC, cholesterol {state}", found, **add)
        run.add_interval(f"unit_intercept_{slug(state)}", f"Calibration intercept, cholesterol {state}", level, **add)
        if chance is not right:
            run.add_interval(f"unit_auroc_drop_{slug(state)}", f"AUROC lost, cholesterol {state}", gap, **add)
        rows[state] = {
            "auroc": found.value,
            "low": found.low,
            "high": found.high,
            "drop": gap.difference,
            "drop_low": gap.low,
            "drop_high": gap.high,
            "level": level.value,
            "level_low": level.low,
            "level_high": level.high,
            "mean": float(np.mean(chance)),
            "ill": float(np.mean(patients.targets)),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _ends(one: ReferenceRange, measured: Analyte, unit: str) -> str:
    low, high = (
        None if end is None else f"{measured.convert(end, MASS_UNIT, unit):.3g}" for end in (one.low, one.high)
    )
    if low is None:
        return f"below {high}"
    return f"{low} or more" if high is None else f"{low} to {high}"
