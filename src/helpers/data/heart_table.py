"""The UCI heart disease table: 920 patients of four hospitals (Detrano et al. 1989, Am J Cardiol 64:304).

Comma-separated lines without a header, 13 measurements and ``num``; ``?`` is a value that was not measured, and so is a
cholesterol or a blood pressure of 0.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from helpers.data.catalog.entries import Entry
from helpers.data.dataset import Dataset
from helpers.data.heart_columns import COLUMNS, KEYS, LABELS, MOST_SEVERE
from helpers.runtime import InputError

# File of each hospital, in the order of the sites; Cleveland is where the others' model came from.
HOSPITALS = {
    "processed.cleveland.data": "Cleveland",
    "processed.hungarian.data": "Budapest",
    "processed.switzerland.data": "Switzerland",
    "processed.va.data": "Long Beach",
}
UNGRADED = "Budapest"  # says whether a narrowing was found, not how severe: num is 0 or 1
MISSING = "?"


def read_hospitals(entry: Entry, checksum: str, maximum: int | None = None) -> Dataset:
    """All patients of the four hospitals.

    Args:
        entry: the catalog entry; its files must lie in the data folder.
        checksum: identifies the bytes of all files.
        maximum: at most about so many patients, the same share of every part and class.

    Returns:
        ``inputs`` (n, 13) float64, NaN where nothing was measured; ``targets`` 1 where a vessel is narrowed by more than
        half (num > 0). ``sites`` are the hospitals in the order of :data:`HOSPITALS`. ``truth`` holds ``severity`` (num, 0
        to 4) and ``graded`` (False where num only says 0 or 1). As in the paper, the patients of Cleveland train and those
        of the other three test.

    Raises:
        InputError: a line has another number of columns, or a value that nobody can have; a file without patients.
    """
    for file in entry.files:
        if file.name not in HOSPITALS:
            raise InputError(f"catalog entry {entry.name}: {file.name} is no file of a hospital")
    paths = {path.name: path for path in entry.paths()}
    names = [name for name in HOSPITALS if name in paths]
    tables = [read_table(paths[name]) for name in names]
    values = np.concatenate(tables)
    sites = np.repeat(np.arange(len(names)), [len(table) for table in tables])
    site_names = tuple(HOSPITALS[name] for name in names)
    severity = values[:, -1].astype(np.int64)
    dataset = Dataset(
        name=entry.name,
        inputs=values[:, :-1],
        targets=(severity > 0).astype(np.int64),
        task=entry.task,
        groups=np.arange(len(values)),
        groups_known=entry.groups_known,
        split=np.where(sites == 0, "train", "test"),
        source=entry.source(checksum),
        class_names=entry.class_names,
        feature_names=LABELS,
        sites=sites,
        site_names=site_names,
        truth={"severity": severity, "graded": np.array(site_names)[sites] != UNGRADED},
    )
    return dataset if maximum is None else dataset.limit(maximum)


def read_table(path: Path) -> np.ndarray:
    """One hospital's patients, (n, 14) float64: the 13 measurements, NaN where missing, and num.

    Raises:
        InputError: see :func:`read_hospitals`; the message names file and line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path.name} is not a table of text: get it again with `medlab fetch`") from error
    if not lines:
        raise InputError(f"{path.name} holds no patients: get it again with `medlab fetch`")
    return np.array([_patient(path.name, number, row) for number, row in lines])


def _patient(file: str, number: int, row: list[str]) -> list[float]:
    place = f"{file}, line {number}"
    if len(row) != len(COLUMNS) + 1:
        raise InputError(f"{place}: {len(row)} columns, but a patient has {len(COLUMNS) + 1} ({', '.join(KEYS)}, num)")
    values = []
    for column, text in zip(COLUMNS, row, strict=False):
        value = _number(place, column.key, text)
        if column.zero_is_missing and value == 0:
            value = np.nan
        allowed = value in column.codes if column.codes else column.lowest <= value <= column.highest
        if not np.isnan(value) and not allowed:
            wanted = ", ".join(map(str, column.codes)) or f"{column.lowest:g} to {column.highest:g}"
            raise InputError(
                f"{place}: {column.key} is {text.strip()}, but it takes {wanted}, or {MISSING} where missing"
            )
        values.append(value)
    severity = _number(place, "num", row[-1])
    if severity not in range(MOST_SEVERE + 1):
        raise InputError(f"{place}: num is {row[-1].strip()}, but a diagnosis is 0 to {MOST_SEVERE}")
    return [*values, severity]


def _number(place: str, key: str, text: str) -> float:
    text = text.strip()
    if text == MISSING:
        return np.nan
    try:
        value = np.inf if "_" in text else float(text)  # Python reads 6_3 as 63
    except ValueError:
        value = np.inf
    if not np.isfinite(value):
        raise InputError(f"{place}: {key} is {text[:20]!r}, which is no number; what is missing is written {MISSING}")
    return value
