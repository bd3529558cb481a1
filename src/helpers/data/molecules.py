"""Read molecules: tables of SMILES with what was measured on them, and lists of SMILES without labels.

Every SMILES is read by RDKit and written in its canonical form; what cannot be read and what stands there more than once
is counted, and the counts travel with the dataset as caveats.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data.canonical_smiles import UNREADABLE, canonical_smiles
from helpers.data.catalog.entries import Entry
from helpers.data.dataset import PARTS, Dataset
from helpers.data.scaffolds import scaffold_smiles, scaffold_split, split_hash
from helpers.runtime import InputError

ONE_IN = 10  # of a list that trains, every tenth molecule validates


@dataclass(frozen=True)
class Cleaning:
    """What cleaning found: lines read, without a readable molecule, repeating one, and molecules without one answer."""

    lines: int
    unreadable: int
    repeated: int
    contradictory: int = 0

    def sentence(self) -> str:
        """The counts as one caveat."""
        contradiction = (
            f"; of those, {self.contradictory} measurements contradict each other and count as not made"
            if self.contradictory
            else ""
        )
        return (
            f"Of {self.lines:,} lines, {self.unreadable:,} hold no molecule that RDKit can read and {self.repeated:,} repeat "
            f"an earlier molecule (the same canonical SMILES){contradiction}."
        )


def read_table_of_molecules(entry: Entry, checksum: str, maximum: int | None = None) -> Dataset:
    """A CSV table: one column of SMILES, one or more of measurements (``entry.columns``), empty where not tested.

    The scaffold split is computed on all readable lines, as DeepChem does, and its hash compared with the catalog's; then
    repeated molecules become one: the mean of what was measured, or the class they agree on. Where they do not agree the
    cell is empty, and a molecule of a binary task without a class is left out.

    Returns:
        ``inputs`` (n,) canonical SMILES; ``targets`` (n,) int64 (binary) or float (regression), (n, tasks) float, NaN where
        not tested (multilabel); ``groups`` are scaffolds, numbered in the order of the file.

    Raises:
        InputError: no text, a missing column, a value that is no number or no class, no readable molecule, or a split that
            is not the catalog's.
    """
    (path,) = entry.paths()
    texts, values = _read_columns(entry, path)
    smiles = canonical_smiles(texts)
    readable = smiles != UNREADABLE
    if not readable.any():
        raise InputError(
            f"{entry.name}: RDKit can read no molecule of {path.name}: get it again with `medlab fetch {entry.name}`"
        )
    smiles, values = smiles[readable], values[readable]
    scaffolds = scaffold_smiles(smiles)
    split = scaffold_split(scaffolds)
    if entry.split_sha256 and split_hash(split) != entry.split_sha256:
        raise InputError(
            f"{entry.name}: the scaffold split differs from the catalog's: install the RDKit of requirements.lock, so that "
            "results stay comparable"
        )
    first, merged, contradictory = _merge_repeats(smiles, values, entry.task)
    answered = ~np.isnan(merged).all(axis=1)
    kept = first[answered]
    cleaning = Cleaning(len(texts), int((~readable).sum()), len(smiles) - len(first), contradictory)
    targets = merged[answered] if entry.task == "multilabel" else merged[answered, 0]
    source = entry.source(checksum)
    dataset = Dataset(
        name=entry.name,
        inputs=smiles[kept],
        targets=targets.astype(np.int64) if entry.task == "binary" else targets,
        task=entry.task,
        groups=pd.factorize(scaffolds[kept])[0].astype(np.int64),
        groups_known=entry.groups_known,
        split=split[kept],
        source=replace(source, caveats=(*source.caveats, cleaning.sentence())),
        class_names=entry.class_names,
        target_names=entry.target_names,
    )
    return dataset if maximum is None else dataset.limit(maximum)


def read_lists_of_molecules(entry: Entry, checksum: str, maximum: int | None = None) -> Dataset:
    """Files with one SMILES a line and no labels; the last one tests, every tenth molecule of the others validates.

    Returns:
        ``inputs`` (n,) canonical SMILES, each its own group; ``targets`` (n,) NaN.

    Raises:
        InputError: a file is no text, or RDKit can read no molecule of it.
    """
    smiles, of_test = [], []
    for path in entry.paths():
        texts = _read_text(entry, path).split()
        canonical = canonical_smiles(texts)
        if not (canonical != UNREADABLE).any():
            raise InputError(
                f"{entry.name}: RDKit can read no molecule of {path.name}: get it again with `medlab fetch {entry.name}`"
            )
        smiles.append(canonical)
        of_test.append(np.full(len(texts), path == entry.paths()[-1]))
    smiles, of_test = np.concatenate(smiles), np.concatenate(of_test)
    readable = np.flatnonzero(smiles != UNREADABLE)
    first = readable[~pd.Series(smiles[readable]).duplicated().to_numpy()]
    cleaning = Cleaning(len(smiles), len(smiles) - len(readable), len(readable) - len(first))
    split = np.where(np.arange(len(first)) % ONE_IN == ONE_IN - 1, PARTS[1], PARTS[0]).astype("<U10")
    split[of_test[first]] = PARTS[2]
    source = entry.source(checksum)
    dataset = Dataset(
        name=entry.name,
        inputs=smiles[first],
        targets=np.full(len(first), np.nan),
        task=entry.task,
        groups=np.arange(len(first)),
        groups_known=entry.groups_known,
        split=split,
        source=replace(source, caveats=(*source.caveats, cleaning.sentence())),
    )
    return dataset if maximum is None else dataset.limit(maximum)


def _read_text(entry: Entry, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(
            f"{entry.name}: {path.name} is not text: get it again with `medlab fetch {entry.name}`"
        ) from error


def _read_columns(entry: Entry, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """SMILES as written (n,) and measurements (n, targets) float64, NaN where the cell is empty."""
    lines = list(csv.reader(_read_text(entry, path).splitlines()))
    header = [name.strip().lower() for name in lines[0]] if lines else []
    wanted = [entry.columns["smiles"], *entry.columns["targets"]]
    missing = [name for name in wanted if name.lower() not in header]
    if missing:
        raise InputError(
            f"{entry.name}: {path.name} has no column {missing[0]!r}; its first line names {', '.join(wanted)}"
        )
    places = [header.index(name.lower()) for name in wanted]
    texts, values = [], []
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:
            continue
        if len(cells) != len(header):
            raise InputError(
                f"{entry.name}: {path.name}, line {number}: {len(cells)} columns, but the first line names {len(header)}"
            )
        texts.append(cells[places[0]].strip())
        values.append([_number(entry, path, number, cells[place]) for place in places[1:]])
    return np.array(texts, dtype=object), np.array(values, dtype=float).reshape(len(texts), len(places) - 1)


def _number(entry: Entry, path: Path, line: int, text: str) -> float:
    if not text.strip():
        return np.nan
    try:
        value = np.inf if "_" in text else float(text)  # Python reads 6_3 as 63
    except ValueError:
        value = np.inf
    classes = entry.task in ("binary", "multilabel")
    if not np.isfinite(value) or (classes and value not in (0, 1)):
        wanted = "0 or 1" if classes else "a number"
        raise InputError(f"{entry.name}: {path.name}, line {line}: {text.strip()[:20]!r} where {wanted} belongs")
    return value


def _merge_repeats(smiles: np.ndarray, values: np.ndarray, task: str) -> tuple[np.ndarray, np.ndarray, int]:
    """First row of each molecule, its merged values (molecules, targets), and how many cells contradict themselves."""
    molecule_of, _ = pd.factorize(smiles)
    cells = pd.DataFrame(values).groupby(molecule_of)
    first = np.flatnonzero(~pd.Series(molecule_of).duplicated().to_numpy())
    merged = cells.mean().to_numpy(copy=True)
    if task == "regression":
        return first, merged, 0
    contradictory = (cells.min() != cells.max()).to_numpy() & ~np.isnan(merged)
    merged[contradictory] = np.nan
    return first, merged, int(contradictory.sum())
