"""Columns and rows of tables: constant, doubled, numbering the rows, repeated."""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset
from helpers.evaluation.audit.findings import Finding, case_numbers, counted, enumerated, not_applicable
from helpers.evaluation.audit.missing import column_names, is_table
from helpers.evaluation.audit.predictability import labels_of

LEAST_ROWS = 30  # below, chance separates classes and sorts rows
CHANCE_PAIRS = 0.5  # equal pairs of rows that chance may make before equal rows stop meaning anything


def check_columns(dataset: Dataset) -> list[Finding]:
    """Constant columns, columns that say the same, and row numbers among the features."""
    check = "constant, doubled and numbering columns"
    if not is_table(dataset):
        return [not_applicable(check, "this is no table")]
    values, names = np.asarray(dataset.inputs, dtype=np.float64), column_names(dataset)
    constant = [column for column in range(values.shape[1]) if is_constant(values[:, column])]
    findings = []
    if constant:
        findings.append(
            Finding(
                check,
                "warning",
                f"{counted(len(constant), 'column')} never {'varies' if len(constant) == 1 else 'vary'}: "
                f"{enumerated([names[column] for column in constant])}.",
                "Leave it out; and ask whether it was lost on the way here.",
                {"constant": len(constant)},
            )
        )
    doubled = _doubled_columns(values, skip=constant)
    if doubled:
        pairs = enumerated([f"{names[column]} repeats {names[first]}" for first, column in doubled])
        findings.append(
            Finding(
                check,
                "warning",
                f"{counted(len(doubled), 'column')} {'says' if len(doubled) == 1 else 'say'} the same as another one, up to "
                f"scale and sign: {pairs}.",
                "Keep one of each: coefficients and importances of the two cannot be told apart.",
                {"doubled": len(doubled)},
            )
        )
    numbering = [column for column in range(values.shape[1]) if _numbers_the_rows(values[:, column])]
    if numbering:
        findings.append(
            Finding(
                check,
                "warning",
                f"{enumerated([names[column] for column in numbering])} numbers the rows: whole, all different, in the "
                "order of the table.",
                "Leave it out: it carries the order of acquisition into the model.",
                {"numbering": len(numbering)},
            )
        )
    if findings:
        return findings
    sentence = f"All {counted(len(names), 'column')} vary, differ from each other, and none numbers the rows."
    return [Finding(check, "passed", sentence)]


def check_rows(dataset: Dataset) -> list[Finding]:
    """Rows that repeat another one: across parts, and with other labels."""
    check = "rows that repeat another row"
    if not is_table(dataset):
        return [not_applicable(check, "this is no table")]
    values = np.nan_to_num(np.asarray(dataset.inputs, dtype=np.float64), nan=-1.234567e300)
    if not len(values) or not values.shape[1]:
        return [not_applicable(check, "the table is empty")]
    by_chance = _expected_equal_pairs(values)
    if by_chance > CHANCE_PAIRS:
        return [not_applicable(check, f"the columns are so coarse that about {by_chance:,.0f} pairs agree by chance")]
    _, family, sizes = np.unique(values, axis=0, return_inverse=True, return_counts=True)
    family = family.ravel()
    repeated = sizes[family] > 1
    if not repeated.any():
        return [Finding(check, "passed", f"All {len(values):,} rows differ.")]
    across = repeated & (_distinct_per(family, dataset.split) > 1)
    findings = []
    if across.any():
        findings.append(
            Finding(
                check,
                "severe",
                f"{counted(int(across.sum()), 'row')} {'stands' if across.sum() == 1 else 'stand'} with the same values "
                "in more than one part of the split.",
                "Give equal rows one group and split again, or remove the repetitions: a model is tested on what it has seen.",
                {"rows": int(across.sum())},
                case_numbers(np.flatnonzero(across)),
            )
        )
    labels = labels_of(dataset)
    if labels is not None:
        conflict = repeated & (_distinct_per(family, labels) > 1)
        if conflict.any():
            findings.append(
                Finding(
                    check,
                    "severe",
                    f"{counted(int(conflict.sum()), 'row')} with equal values have different labels.",
                    "One of the labels is wrong, or a column that matters is missing: look at the cases.",
                    {"rows": int(conflict.sum())},
                    case_numbers(np.flatnonzero(conflict)),
                )
            )
    inside = repeated & ~across
    if inside.any() and not findings:
        extra = int(inside.sum()) - len(np.unique(family[inside]))
        findings.append(
            Finding(
                check,
                "warning",
                f"{counted(int(inside.sum()), 'row')} of one part have equal values ({extra:,} more than different ones).",
                "Keep one of each, unless they are different patients: counted twice they make intervals too narrow.",
                {"rows": int(inside.sum()), "extra": extra},
                case_numbers(np.flatnonzero(inside)),
            )
        )
    return findings


def is_constant(column: np.ndarray) -> bool:
    """Whether a column (n,) holds one value only, or none."""
    finite = column[np.isfinite(column)]
    return not len(finite) or (np.ptp(finite) == 0 and len(finite) == len(column))


def _doubled_columns(values: np.ndarray, skip: list[int]) -> list[tuple[int, int]]:
    """(first, repetition) for columns that are equal after centering and scaling, up to sign."""
    seen: dict[bytes, int] = {}
    doubled = []
    for column in range(values.shape[1]):
        if column in skip:
            continue
        raw = values[:, column]
        finite = np.isfinite(raw)
        centered = np.where(finite, raw, 0.0) - raw[finite].mean()
        scale = np.sqrt(np.mean(centered[finite] ** 2))
        if not scale > 0:
            continue
        scaled = centered / scale
        first = np.flatnonzero(finite & (np.abs(scaled) > 1e-3))
        scaled = np.where(finite, np.round(scaled * np.sign(scaled[first[0]]), 6) + 0.0, 1e9)
        key = scaled.tobytes()
        if key in seen:
            doubled.append((seen[key], column))
        else:
            seen[key] = column
    return doubled


def _numbers_the_rows(column: np.ndarray) -> bool:
    if len(column) < LEAST_ROWS or not np.isfinite(column).all() or np.any(column != np.round(column)):
        return False
    steps = np.diff(column)
    return bool((steps > 0).all() or (steps < 0).all())


def _expected_equal_pairs(values: np.ndarray) -> float:
    """Equal pairs of rows if the columns were independent: pairs times the product of each column's chance to agree."""
    logarithm = 0.0
    for column in values.T:
        counts = np.unique(column, return_counts=True)[1] / len(column)
        logarithm += np.log(np.sum(counts**2))
    return float(np.exp(np.log(max(len(values) * (len(values) - 1) / 2, 1)) + logarithm))


def _distinct_per(family: np.ndarray, words: np.ndarray) -> np.ndarray:
    """(n,) how many different ``words`` the family of each row has."""
    codes = np.unique(words, return_inverse=True)[1]
    pairs = np.unique(np.column_stack([family, codes]), axis=0)
    return np.bincount(pairs[:, 0], minlength=int(family.max()) + 1)[family]
