"""The heart table as several hospitals hold it that share no patients: sums may travel, rows may not.

A network wants numbers without gaps on one scale. Where the tables cannot be put together, every hospital counts and adds up
what it has measured, the sums of all are added, and from them each hospital scales its own rows: mean and deviation are those
of the pooled table. Taught in ``10_privacy``.
"""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import train_test_split

from helpers.data.dataset import Dataset
from helpers.data.heart_columns import CATEGORIES, COLUMNS, NUMBERS
from helpers.runtime import InputError

CODES = tuple((column, code) for column in CATEGORIES for code in COLUMNS[column].codes)
FEATURES = len(NUMBERS) + len(CODES)
FEWEST_MEASURED = 5  # the sum over one patient is that patient's value
TEST_SHARE = 0.3
SPLIT_SEED = 0  # of a hospital's own patients; a constant, never a run's seed


def patients_of(patients: Dataset, hospital: str) -> Dataset:
    """The patients of one hospital.

    Raises:
        InputError: no hospital of this name.
    """
    if hospital not in patients.site_names:
        raise InputError(f"{patients.name} has no hospital {hospital!r}: there are {', '.join(patients.site_names)}")
    return patients.select(patients.sites == patients.site_names.index(hospital))


def for_testing(targets: np.ndarray) -> np.ndarray:
    """Mask (n,) of the patients that a hospital keeps out of training: 30 % of the ill and of the healthy, always the same.

    Raises:
        InputError: a class is missing or has one patient.
    """
    counts = np.bincount(np.asarray(targets, dtype=np.int64), minlength=2)
    if counts.min() < 2:
        raise InputError(
            f"{counts[1]} ill and {counts[0]} healthy patients: a hospital needs at least two of each to train and test"
        )
    rows = np.arange(len(targets))
    _, kept = train_test_split(rows, test_size=TEST_SHARE, stratify=targets, random_state=SPLIT_SEED)
    return np.isin(rows, kept)


def column_sums(inputs: np.ndarray) -> np.ndarray:
    """What a hospital may tell of its numbers: how many were measured, their sum, and the sum of their squares.

    A column that was measured in fewer than :data:`FEWEST_MEASURED` patients is told as not measured.

    Args:
        inputs: (n, 13) with NaN where nothing was measured.

    Returns:
        (3, numbers) float64. Those of several hospitals are added up.
    """
    numbers = np.asarray(inputs, dtype=np.float64)[:, NUMBERS]
    sums = np.stack([np.isfinite(numbers).sum(axis=0), np.nansum(numbers, axis=0), np.nansum(numbers**2, axis=0)])
    return np.where(sums[0] < FEWEST_MEASURED, 0.0, sums)


def mean_and_deviation(total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of all patients, (numbers,) each, from the (3, numbers) sums of all hospitals.

    The deviation of a column that nobody measured, or that is the same everywhere, is infinite, so that scaling it gives 0.
    """
    measured, sums, squares = total
    mean = sums / np.maximum(measured, 1)
    variance = squares / np.maximum(measured, 1) - mean**2
    constant = variance <= 1e-12 * np.maximum(mean**2, 1)  # nothing is left of it but rounding
    return mean, np.sqrt(np.where(constant, np.inf, variance))


def prepare(inputs: np.ndarray, total: np.ndarray) -> np.ndarray:
    """A hospital's rows for the network: scaled numbers, 0 where nothing was measured, and a column for each code.

    Args:
        inputs: (n, 13) with NaN where nothing was measured.
        total: (3, numbers), the :func:`column_sums` of all hospitals added up.

    Returns:
        (n, :data:`FEATURES`) float32.
    """
    inputs = np.asarray(inputs, dtype=np.float64)
    mean, deviation = mean_and_deviation(total)
    scaled = np.nan_to_num((inputs[:, NUMBERS] - mean) / deviation)
    unfolded = np.stack([inputs[:, column] == code for column, code in CODES], axis=1)
    return np.hstack([scaled, unfolded]).astype(np.float32)
