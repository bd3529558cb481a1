"""A split as a pipeline has used it: plain arrays in, an audit out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.data.dataset import PARTS
from helpers.evaluation.audit.findings import Audit, Finding, case_numbers, counted, enumerated, not_applicable
from helpers.runtime import InputError

Rows = np.ndarray | Sequence[int] | Sequence[bool]
STEPS = ("scaling", "selection", "threshold")
# Where each step may look. Scaling learns from the training part; features, models and thresholds are chosen on
# training or validation samples.
ALLOWED = {"scaling": ("train",), "selection": ("train", "validation"), "threshold": ("train", "validation")}
WORDS = {
    "scaling": "scaling (means, imputation, vocabulary)",
    "selection": "selection (of features, models, early stopping)",
    "threshold": "choice of the threshold",
}


def audit_split(
    samples: int,
    train: Rows,
    test: Rows,
    validation: Rows = (),
    *,
    groups: np.ndarray | None = None,
    times: np.ndarray | None = None,
    scaling: Rows | None = None,
    selection: Rows | None = None,
    threshold: Rows | None = None,
    name: str = "pipeline",
) -> Audit:
    """Did anything of the test part leak into the model? For the rows that a pipeline has really used.

    Args:
        samples: how many rows the data have.
        train, test, validation: rows of each part, as indices or as a mask (samples,) bool.
        groups: (samples,) patients, tiles, records; None: not known.
        times: (samples,) numbers or dates; give them when the model is meant to predict the future.
        scaling: rows that means, standard deviations, imputations or a vocabulary were computed from.
        selection: rows that features, hyperparameters or the best epoch were chosen on.
        threshold: rows that the threshold was chosen on.
        name: of the audit.

    Returns:
        Findings about rows in several parts, rows that appear twice, groups on both sides, times out of order, and each of the
        three steps; a step that is not given is reported as not applicable.

    Raises:
        InputError: rows outside 0 to samples - 1, or arrays of another length.
    """
    parts = {part: _rows(rows, samples, part) for part, rows in zip(PARTS, (train, validation, test), strict=True)}
    for label, values in (("groups", groups), ("times", times)):
        if values is not None and np.shape(values) != (samples,):
            raise InputError(f"{label} have shape {np.shape(values)} for {samples} samples: give one per sample")
    steps = {"scaling": scaling, "selection": selection, "threshold": threshold}
    findings = [
        _parts_present(parts),
        _rows_in_several(parts),
        _rows_twice(parts),
        _groups_across(parts, groups),
        _times_in_order(parts, times),
        *(_step(step, None if rows is None else _rows(rows, samples, step), parts) for step, rows in steps.items()),
    ]
    count = samples if groups is None else len(np.unique(groups))
    return Audit(name, tuple(findings), samples, count, "sample" if groups is None else "group")


def _rows(rows: Rows, samples: int, what: str) -> np.ndarray:
    """Row numbers, repetitions kept, or InputError."""
    values = np.asarray(rows)
    if values.dtype == bool:
        if values.shape != (samples,):
            raise InputError(f"the mask of {what} has shape {values.shape}: give ({samples},), or row numbers")
        return np.flatnonzero(values)
    if values.size == 0:
        return np.zeros(0, dtype=np.int64)
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise InputError(f"rows of {what}: give whole numbers from 0 to {samples - 1}, or a mask of True and False")
    if values.min() < 0 or values.max() >= samples:
        raise InputError(f"rows of {what} run from {values.min()} to {values.max()}: they lie in 0 to {samples - 1}")
    return values.astype(np.int64)


def _parts_present(parts: Mapping[str, np.ndarray]) -> Finding:
    check = "the three parts"
    absent = [part for part in ("train", "test") if not len(parts[part])]
    if absent:
        sentence = f"There are no rows in {enumerated(absent)}."
        return Finding(check, "severe", sentence, "A model needs rows to learn from and other rows to be tested on.")
    sizes = ", ".join(f"{part} {len(np.unique(rows)):,}" for part, rows in parts.items())
    if not len(parts["validation"]):
        return Finding(
            check,
            "note",
            f"There is no validation part ({sizes}).",
            "Choose models and thresholds by cross-validation inside the training part, never on the test part.",
        )
    return Finding(check, "passed", f"All parts are there ({sizes}).")


def _rows_in_several(parts: Mapping[str, np.ndarray]) -> Finding:
    check = "rows in several parts"
    rows = np.concatenate([np.unique(rows) for rows in parts.values()])
    distinct, counts = np.unique(rows, return_counts=True)
    twice = distinct[counts > 1]
    if not len(twice):
        return Finding(check, "passed", "No row stands in two parts.")
    return Finding(
        check,
        "severe",
        f"{counted(len(twice), 'row')} {'stands' if len(twice) == 1 else 'stand'} in more than one part.",
        "Draw the split once, before anything else, and take rows out of one part only.",
        {"rows": len(twice)},
        case_numbers(twice),
    )


def _rows_twice(parts: Mapping[str, np.ndarray]) -> Finding:
    check = "rows more than once in a part"
    repeated = {}
    for part, rows in parts.items():
        distinct, counts = np.unique(rows, return_counts=True)
        if (counts > 1).any():
            repeated[part] = distinct[counts > 1]
    if not repeated:
        return Finding(check, "passed", "No row stands twice in its part.")
    words = enumerated([f"{len(rows):,} in {part}" for part, rows in repeated.items()])
    held_out = "test" in repeated or "validation" in repeated
    return Finding(
        check,
        "warning" if held_out else "note",
        f"Rows are repeated: {words}.",
        "Oversample the training part only, after the split; a repeated row in test makes intervals too narrow."
        if held_out
        else "Fine for oversampling, as long as it is done after the split.",
        {part: len(rows) for part, rows in repeated.items()},
        case_numbers(np.concatenate(list(repeated.values()))),
    )


def _groups_across(parts: Mapping[str, np.ndarray], groups: np.ndarray | None) -> Finding:
    check = "groups on both sides of the split"
    if groups is None:
        return not_applicable(check, "the groups are not given")
    groups = np.asarray(groups)
    unknown = pd.isna(groups)
    if unknown.any():
        return Finding(
            check,
            "warning",
            f"The group of {counted(int(unknown.sum()), 'row')} is not known, so nobody can say whether it stands in two parts.",
            "Give every row its group; a row of a group of its own gets a number of its own.",
            {"rows": int(unknown.sum())},
            case_numbers(np.flatnonzero(unknown)),
        )
    held = {part: np.unique(groups[rows]) for part, rows in parts.items()}
    both = [
        np.intersect1d(held[first], held[second])
        for first, second in (("train", "test"), ("validation", "test"), ("train", "validation"))
    ]
    shared = np.unique(np.concatenate(both))
    if not len(shared):
        return Finding(check, "passed", "No group stands in two parts.")
    used = np.unique(np.concatenate(list(parts.values())))
    rows = used[np.isin(groups[used], shared)]
    return Finding(
        check,
        "severe",
        f"{counted(len(shared), 'group')} {'stands' if len(shared) == 1 else 'stand'} in more than one part "
        f"({len(both[0]):,} in train and test), with {counted(len(rows), 'row')}.",
        "Split by group: a model recognizes the patients it has trained on.",
        {"groups": len(shared), "train_and_test": len(both[0]), "rows": len(rows)},
        case_numbers(rows),
    )


def _times_in_order(parts: Mapping[str, np.ndarray], times: np.ndarray | None) -> Finding:
    check = "times in order"
    if times is None:
        return not_applicable(check, "the times are not given")
    times = np.asarray(times)
    learned, tested = np.concatenate([parts["train"], parts["validation"]]), parts["test"]
    if not len(learned) or not len(tested):
        return not_applicable(check, "a part is empty")
    unknown = np.intersect1d(np.concatenate([learned, tested]), np.flatnonzero(pd.isna(times)))
    if len(unknown):
        return Finding(
            check,
            "warning",
            f"The time of {counted(len(unknown), 'row')} is not known, so nobody can say whether training came first.",
            "Give every row its time, or leave those rows out of the claim.",
            {"rows": len(unknown)},
            case_numbers(unknown),
        )
    first_test = times[tested].min()
    later = np.unique(learned[times[learned] > first_test])
    if not len(later):
        return Finding(check, "passed", "Everything that was learned from is no later than the first test sample.")
    return Finding(
        check,
        "severe",
        f"{counted(len(later), 'row')} of {len(np.unique(learned)):,} that the model has learned from "
        f"{'is' if len(later) == 1 else 'are'} later than the first test sample.",
        "To claim that a model predicts the future, train on the past: cut at one date, all later rows test.",
        {"rows": len(later)},
        case_numbers(later),
    )


def _step(step: str, rows: np.ndarray | None, parts: Mapping[str, np.ndarray]) -> Finding:
    check = f"rows used for {step}"
    if rows is None:
        return not_applicable(check, f"the rows used for {step} are not given")
    rows = np.unique(rows)
    tested = rows[np.isin(rows, parts["test"])]
    if len(tested):
        return Finding(
            check,
            "severe",
            f"The {WORDS[step]} has seen {counted(len(tested), 'row')} of the test part.",
            f"Repeat it with {enumerated(ALLOWED[step])} rows only: the test part stays closed until the end.",
            {"rows": len(tested)},
            case_numbers(tested),
        )
    allowed = np.concatenate([parts[part] for part in ALLOWED[step]])
    outside = rows[~np.isin(rows, allowed)]
    if len(outside):
        return Finding(
            check,
            "warning",
            f"The {WORDS[step]} has used {counted(len(outside), 'row')} outside of {enumerated(ALLOWED[step])}.",
            f"Use {enumerated(ALLOWED[step])} rows only, so that validation measures what a new sample will see.",
            {"rows": len(outside)},
            case_numbers(outside),
        )
    if step == "threshold" and len(parts["validation"]) and np.isin(rows, parts["train"]).all():
        return Finding(
            check,
            "warning",
            f"The threshold was chosen on {counted(len(rows), 'row')} of the training part.",
            "Choose it on validation rows: on training rows a model is too sure of itself.",
            {"rows": len(rows)},
        )
    return Finding(check, "passed", f"The {WORDS[step]} has used no row of the test part.")
