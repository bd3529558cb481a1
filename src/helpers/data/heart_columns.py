"""The 13 measurements of the UCI heart disease table: names, units, codes, and which of them are categories.

The codes are those of ``heart-disease.names`` (Aha 1988). The phantom of :mod:`helpers.data.phantoms.hospitals` has the
same columns, so everything that reads one reads the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from helpers.data.dataset import Dataset
from helpers.runtime import InputError


@dataclass(frozen=True)
class Column:
    """One measurement.

    Attributes:
        key: its name in the source.
        label: its name for people, with the unit.
        lowest, highest: what a person can have; a number outside is a mistake in the file.
        codes: meaning of each code where the column is a category, in the order of the codes; empty for a number.
        zero_is_missing: 0 stands for "not measured": nobody lives with it.
    """

    key: str
    label: str
    lowest: float
    highest: float
    codes: Mapping[int, str] = field(default_factory=dict)
    zero_is_missing: bool = False


YES_NO = {0: "no", 1: "yes"}
COLUMNS = (
    Column("age", "age (years)", 0, 120),
    Column("sex", "male", 0, 1, YES_NO),
    Column(
        "cp",
        "chest pain (1 typical ... 4 none)",
        1,
        4,
        {1: "typical angina", 2: "atypical angina", 3: "other pain", 4: "none (asymptomatic)"},
    ),
    Column("trestbps", "blood pressure at rest (mmHg)", 40, 300, zero_is_missing=True),
    Column("chol", "cholesterol (mg/dl)", 40, 1000, zero_is_missing=True),
    Column("fbs", "fasting sugar above 120 mg/dl", 0, 1, YES_NO),
    Column("restecg", "ECG at rest", 0, 2, {0: "normal", 1: "abnormal ST or T", 2: "hypertrophy"}),
    Column("thalach", "highest heart rate on exertion (per minute)", 30, 260),
    Column("exang", "angina on exertion", 0, 1, YES_NO),
    Column("oldpeak", "ST depression on exertion (mm)", -10, 20),
    Column("slope", "slope of ST on exertion", 1, 3, {1: "up", 2: "flat", 3: "down"}),
    Column("ca", "vessels seen on fluoroscopy", 0, 3, {0: "0", 1: "1", 2: "2", 3: "3"}),
    Column("thal", "thallium scan", 3, 7, {3: "normal", 6: "fixed defect", 7: "reversible defect"}),
)
KEYS = tuple(column.key for column in COLUMNS)
LABELS = tuple(column.label for column in COLUMNS)
CATEGORIES = tuple(place for place, column in enumerate(COLUMNS) if column.codes)
NUMBERS = tuple(place for place, column in enumerate(COLUMNS) if not column.codes)
CLASS_NAMES = ("no disease", "heart disease")
MOST_SEVERE = 4


def severity_ladder(severity: np.ndarray, graded: np.ndarray) -> np.ndarray:
    """What a network that learns severity is asked: is it at least 1, at least 2, at least 3, at least 4?

    Args:
        severity: (n,) 0 (no disease) to 4.
        graded: (n,) booleans; False where the hospital only says whether there is disease.

    Returns:
        (n, 4) float64 of 0 and 1, NaN where the answer is not known. The first column is the diagnosis. Where severity is
        not graded, the further answers of the healthy are left out as well: they would all be no, so a network could read
        off them that nobody is severely ill at that hospital.
    """
    severity = np.asarray(severity)
    ladder = (severity[:, None] >= np.arange(1, MOST_SEVERE + 1)).astype(float)
    ladder[~np.asarray(graded, dtype=bool), 1:] = np.nan
    return ladder


def require_heart_table(dataset: Dataset) -> Dataset:
    """This dataset, if it is a table of these columns from several hospitals, each with both classes.

    Raises:
        InputError: it has other columns, no hospitals, or a hospital without one of the classes.
    """
    if dataset.feature_names != LABELS or dataset.sites is None or "severity" not in dataset.truth:
        raise InputError(
            f"{dataset.name}: not a heart disease table of several hospitals: take heart-phantom or uci-heart"
        )
    for site, name in enumerate(dataset.site_names):
        found = np.unique(dataset.targets[dataset.sites == site])
        if len(found) < 2:
            raise InputError(f"{dataset.name}: {name} needs patients with and without disease: take more patients")
    return dataset
