"""A feature that is the answer: known only after the diagnosis, or the outcome in other units."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from helpers.data.dataset import Dataset
from helpers.evaluation.audit.findings import Finding, counted, enumerated, not_applicable
from helpers.evaluation.audit.missing import column_names, is_table
from helpers.evaluation.audit.predictability import class_groups, labels_of
from helpers.evaluation.audit.tables import LEAST_ROWS, is_constant
from helpers.evaluation.intervals import auroc_delong
from helpers.evaluation.proportions import LEVEL

LEAKING_FROM = 0.99  # AUROC of a single column; the best measurement of a good diagnostic table reaches .98
LEAKING_LOW = 0.95  # and the lower bound of its interval: perfect in thirty rows may be chance
LEAKING_RANK = 0.9999  # Spearman correlation with a continuous target
FEW_VALUES = 20  # a column of no more distinct values is read as categories


def check_leaking_columns(dataset: Dataset) -> list[Finding]:
    """A single column that is the answer."""
    check = "the answer among the features"
    if not is_table(dataset):
        return [not_applicable(check, "this is no table")]
    if len(dataset) < LEAST_ROWS:
        return [not_applicable(check, f"there are fewer than {LEAST_ROWS} rows")]
    values, names = np.asarray(dataset.inputs, dtype=np.float64), column_names(dataset)
    if dataset.task == "regression":
        return [_leaking_regression(values, np.asarray(dataset.targets, dtype=np.float64), names, check)]
    labels = labels_of(dataset)
    if labels is None:
        return [not_applicable(check, f"the task is {dataset.task}, without one class per sample")]
    held = class_groups(labels, dataset.groups)
    chosen = [1] if dataset.task == "binary" else [label for label, count in held.items() if count >= 10]
    if len(held) < 2 or not chosen:
        return [not_applicable(check, "there are not two classes with enough samples")]
    level = 1 - (1 - LEVEL) / max(1, len(chosen) * values.shape[1])
    leaking, strongest = [], (0.5, "")
    for column, name in enumerate(names):
        score = _filled(values[:, column])
        for label in chosen:
            positive = (labels == label).astype(np.int64)
            graded = _target_means(score, positive)
            value = _auroc(positive, graded)
            if value < 0.5:
                graded, value = -graded, 1 - value
            strongest = max(strongest, (value, name))
            if value >= LEAKING_FROM and auroc_delong(positive, graded, dataset.groups, level).low >= LEAKING_LOW:
                leaking.append((value, name))
                break
    if not leaking:
        sentence = f"No single column is the answer; the strongest one, {strongest[1]}, has AUROC {strongest[0]:.2f}."
        return [Finding(check, "passed", sentence, numbers={"auroc": strongest[0]})]
    leaking.sort(reverse=True)
    words = enumerated([f"{name} (AUROC {value:.3f})" for value, name in leaking])
    return [
        Finding(
            check,
            "severe",
            f"{counted(len(leaking), 'column')} alone {'gives' if len(leaking) == 1 else 'give'} the class away: {words}.",
            "Ask whether it is known before the diagnosis; a result of the disease, or its code, must not be a feature.",
            {"columns": len(leaking), "auroc": leaking[0][0]},
        )
    ]


def _leaking_regression(values: np.ndarray, targets: np.ndarray, names: list[str], check: str) -> Finding:
    ranks = rankdata(_filled(targets))
    correlations = [
        0.0
        if is_constant(values[:, column])
        else abs(float(np.corrcoef(rankdata(_filled(values[:, column])), ranks)[0, 1]))
        for column in range(values.shape[1])
    ]
    leaking = [name for name, correlation in zip(names, correlations, strict=True) if correlation >= LEAKING_RANK]
    if not leaking:
        return Finding(check, "passed", "No single column orders the samples as the target does.")
    return Finding(
        check,
        "severe",
        f"{counted(len(leaking), 'column')} {'orders' if len(leaking) == 1 else 'order'} the samples exactly as the target "
        f"does: {enumerated(leaking)}.",
        "Ask whether it is known before the outcome; the outcome in other units must not be a feature.",
        {"columns": len(leaking)},
    )


def _filled(column: np.ndarray) -> np.ndarray:
    finite = np.isfinite(column)
    return np.where(finite, column, np.median(column[finite]) if finite.any() else 0.0)


def _target_means(column: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """The column itself, or for few distinct values the share of positives at each: categories have no order."""
    distinct, place = np.unique(column, return_inverse=True)
    if len(distinct) > FEW_VALUES:
        return column
    return (np.bincount(place, positive) / np.bincount(place))[place]


def _auroc(positive: np.ndarray, scores: np.ndarray) -> float:
    count = int(positive.sum())
    ranks = rankdata(scores)[positive == 1]
    return float((ranks.sum() - count * (count + 1) / 2) / (count * (len(positive) - count)))
