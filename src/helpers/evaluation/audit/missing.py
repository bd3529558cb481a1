"""Missing values in tables: those that are marked, and those that hide behind a number such as 0, -9 or 999.

Codes are found from the shape of a column, without knowing what it measures: the code lies outside of all other values,
by more than these differ among themselves; or it is the only negative number; or it towers above its neighbors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.audit.findings import Finding, case_numbers, counted, enumerated, not_applicable
from helpers.evaluation.audit.predictability import predict_from, reason_against
from helpers.evaluation.audit.shortcuts import WARNING_FROM

# The usual ones in clinical tables; 0 only where nothing else is near it.
CODES = (0, -1, -7, -8, -9, -88, -99, -999, -9999, 9, 88, 99, 888, 999, 9999, 99999)
CONTINUOUS = 10  # distinct values from which a column counts as measured rather than coded
LEAST_OTHERS = 10  # rows that are needed to know what the rest of a column looks like
APART = 0.75  # interquartile ranges between a code and the rest
FAR = 3.0  # the same, where nobody can doubt
SPACINGS = 3.0  # widest steps among the neighbors that a code has to keep away
TOWER = 5.0  # times the largest count among its ten neighbors
SEVERE_SHARE = 0.01  # of the rows


@dataclass(frozen=True)
class Code:
    """A number that probably stands for *not measured* in one column.

    Attributes:
        value: the number.
        rows: (m,) where it stands.
        low, high: range of the other values.
        far: whether it lies so far outside that it cannot be a measurement.
    """

    value: float
    rows: np.ndarray
    low: float
    high: float
    far: bool


def is_table(dataset: Dataset) -> bool:
    """Whether the inputs are (n, features) numbers."""
    return dataset.inputs.ndim == 2 and dataset.inputs.dtype.kind in "fiub"


def column_names(dataset: Dataset) -> list[str]:
    """Names of the columns, or ``column 3`` where there are none."""
    width = dataset.inputs.shape[1]
    names = dataset.feature_names
    return [str(names[column]) if column < len(names) else f"column {column + 1}" for column in range(width)]


def missing_codes(values: np.ndarray) -> list[Code]:
    """Numbers of :data:`CODES` that look like missing values.

    Args:
        values: (n,) one column; NaN is skipped.
    """
    values = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(values)
    coded = np.isin(values, CODES)
    found = []
    for code in CODES:
        hits = values == code
        # Other codes must not count as the rest: with 999 and 9999 in one column each would vouch for the other.
        rest = values[finite & ~hits & ~(coded & _outside(values, values[finite & ~coded]))]
        if not hits.any() or len(rest) < LEAST_OTHERS:
            continue
        verdict = _judge(float(code), int(hits.sum()), rest)
        if verdict:
            found.append(
                Code(float(code), np.flatnonzero(hits), float(rest.min()), float(rest.max()), verdict == "far")
            )
    return found


def _outside(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    if not len(others):
        return np.zeros(len(values), dtype=bool)
    return (values < others.min()) | (values > others.max())


def _judge(code: float, count: int, rest: np.ndarray) -> str:
    """``far``, ``apart`` or nothing."""
    distinct, counts = np.unique(rest, return_counts=True)
    if len(distinct) < 2 or (code == 0 and len(distinct) < CONTINUOUS):
        return ""
    if distinct[0] < code < distinct[-1]:
        # Inside the range only a tower of a number that nobody measures so often gives itself away.
        near = np.argsort(np.abs(distinct - code))[:10]
        towers = abs(code) >= 88 and count >= 5 and count >= TOWER * counts[near].max()
        return "apart" if towers and len(distinct) >= CONTINUOUS else ""
    gap = distinct[0] - code if code < distinct[0] else code - distinct[-1]
    quarter = np.quantile(rest, [0.25, 0.75])
    spread = float(quarter[1] - quarter[0]) or float(np.ptp(distinct))
    half = max(2, len(distinct) // 2)
    neighbors = distinct[:half] if code < distinct[0] else distinct[-half:]
    step = float(np.diff(neighbors).max())
    if len(distinct) < CONTINUOUS:
        # Coded columns: 9 among 1, 2, 3.
        return "far" if gap >= SPACINGS * step and gap >= np.ptp(distinct) else ""
    if gap >= FAR * spread and gap >= SPACINGS * step:
        return "far"
    if gap >= APART * spread and gap >= SPACINGS / 2 * step:
        return "apart"
    if code < 0 <= distinct[0] and count >= 3:
        return "apart"
    towers = abs(code) >= 88 and count >= 5 and count >= TOWER * counts[np.argsort(np.abs(distinct - code))[:10]].max()
    return "apart" if towers else ""


def check_missing_codes(dataset: Dataset) -> list[Finding]:
    """One finding per column in which a number stands for *not measured*."""
    check = "missing values coded as numbers"
    if not is_table(dataset):
        return [not_applicable(check, "this is no table")]
    findings = []
    for column, name in enumerate(column_names(dataset)):
        for code in missing_codes(dataset.inputs[:, column]):
            count = len(code.rows)
            severe = code.far and count >= SEVERE_SHARE * len(dataset)
            findings.append(
                Finding(
                    check,
                    "severe" if severe else "warning",
                    f"Column {name}: {counted(count, 'row')} ({count / len(dataset):.1%}) {'holds' if count == 1 else 'hold'} "
                    f"exactly {code.value:g}, while all other values lie between {code.low:g} and {code.high:g}: probably "
                    "not measured.",
                    f"Ask what {code.value:g} means there; if it means not measured, make it missing (NaN) before scaling, "
                    "imputing or training.",
                    {"column": column, "code": code.value, "rows": count, "low": code.low, "high": code.high},
                    case_numbers(code.rows),
                )
            )
    if findings:
        return findings
    width = dataset.inputs.shape[1]
    return [Finding(check, "passed", f"No number looks like a code for missing in {counted(width, 'column')}.")]


def check_missing_values(dataset: Dataset) -> list[Finding]:
    """Infinite values, and whether it tells the class that something is missing."""
    check = "missing values"
    if not is_table(dataset):
        return [not_applicable(check, "this is no table")]
    values = np.asarray(dataset.inputs, dtype=np.float64)
    infinite = np.isinf(values)
    findings = []
    if infinite.any():
        rows = np.flatnonzero(infinite.any(axis=1))
        findings.append(
            Finding(
                check,
                "severe",
                f"{counted(len(rows), 'row')} {'holds' if len(rows) == 1 else 'hold'} infinite values.",
                "Find the division or logarithm behind them, and make them missing or finite.",
                {"rows": len(rows)},
                case_numbers(rows),
            )
        )
    missing = np.isnan(values)
    shares = missing.mean(axis=0)
    if not missing.any():
        return findings or [Finding(check, "passed", "Nothing is missing.")]
    names = column_names(dataset)
    order = [column for column in np.argsort(-shares, kind="stable") if shares[column] > 0]
    words = enumerated([f"{names[column]} {shares[column]:.1%}" for column in order], most=5)
    numbers = {"columns": len(order), "largest_share": float(shares.max())}
    if reason_against(dataset):
        return [*findings, Finding(check, "note", f"Values are missing: {words}.", _IMPUTE, numbers)]
    result = predict_from(missing[:, order].astype(np.float64), dataset)
    numbers |= result.numbers()
    told = result.words(dataset.class_names)
    if result.interval.low < WARNING_FROM:
        sentence = f"Values are missing: {words}. What is missing does not tell the class ({told})."
        return [*findings, Finding(check, "note", sentence, _IMPUTE, numbers)]
    return [
        *findings,
        Finding(
            check,
            "warning",
            f"Values are missing ({words}), and what is missing tells the class ({told}).",
            "A test is ordered when somebody suspects something, or a hospital does not do it: a model may learn that "
            "instead of the value. " + _IMPUTE,
            numbers,
        ),
    ]


_IMPUTE = "Impute with numbers from the training part only, and say how many were missing."
