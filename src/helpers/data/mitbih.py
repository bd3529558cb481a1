"""The MIT-BIH Arrhythmia Database: beats of 44 records with AAMI classes and the split between patients.

The classes are those of ANSI/AAMI EC57; the parts are DS1 and DS2 of de Chazal, O'Dwyer and Reilly (IEEE Trans Biomed
Eng 51:1196, 2004), made so that training and test hold different records with similar shares of arrhythmias.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from helpers.data.catalog.entries import Entry
from helpers.data.dataset import Dataset
from helpers.data.heartbeats import FREQUENCY, beat_windows, rr_intervals, spread
from helpers.runtime import InputError

# Symbols of beats in the annotation files, by AAMI class in the order of the targets: N, S, V, F, Q.
AAMI_SYMBOLS = ("NLRej", "AaJS", "VE", "F", "/fQ")

# The paced records 102, 104, 107 and 217 are in neither.
DS1 = (101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122, 124, 201, 203, 205, 207, 208, 209, 215, 220, 223, 230)
DS2 = (100, 103, 105, 111, 113, 117, 121, 123, 200, 202, 210, 212, 213, 214, 219, 221, 222, 228, 231, 232, 233, 234)

# Whole records of DS1 that validate: about a fifth of its beats and of its S beats, and some of every class. A choice
# of this repository; the paper has no validation part. Records 201 and 202 are one person: 201 stays in training.
VALIDATION = (101, 118, 124, 205, 223)

FIRST_LEAD = "MLII"


@dataclass(frozen=True)
class Record:
    """The beats of one record.

    Attributes:
        number: of the record.
        signal: (samples, 2) float32, mV; MLII first.
        leads: names of the two leads.
        positions: (n,) int64, samples at which the beats are annotated.
        symbols: (n,) symbols of the annotation file.
        targets: (n,) int64, AAMI class.
    """

    number: int
    signal: np.ndarray
    leads: tuple[str, str]
    positions: np.ndarray
    symbols: np.ndarray
    targets: np.ndarray


def read_records(entry: Entry, checksum: str, maximum: int | None = None) -> Dataset:
    """Windows of one second around every beat of the records of DS1 and DS2 that the entry lists.

    The group of a beat is its record. Records 201 (training) and 202 (test) are of one person: keep
    ``dataset.select(dataset.groups != 201)`` to have no person on both sides.

    Args:
        entry: the catalog entry; its files must lie in the data folder.
        checksum: identifies the bytes of all files.
        maximum: at most about so many beats, the same share of every record, spread evenly over it. Whole records, as
            other datasets do it, would leave a handful of people.

    Returns:
        ``inputs`` (n, 360, 2) float32 mV, annotation at sample 180, lead MLII first; ``targets`` AAMI classes N, S, V,
        F, Q as 0 to 4. ``truth`` holds, per beat, ``rr_before`` and ``rr_after`` (seconds to the neighboring beats of
        the record, whether they are kept or not; the first and last beat repeat the interval they have; ventricular
        flutter has no beats, so record 207 has intervals of up to 100 s),
        ``position`` (sample of the annotation) and ``symbol`` (of the annotation file).

    Raises:
        InputError: a file is damaged, has no beats, another frequency or no lead MLII.
    """
    listed = [number for number in sorted(DS1 + DS2) if any(file.name == f"{number}.dat" for file in entry.files)]
    if not listed:
        raise InputError(f"catalog entry {entry.name}: none of the records of DS1 and DS2 is among its files")
    folder = entry.paths()[0].parent
    parts = []
    annotations = [read_annotations(entry, folder, number) for number in listed]
    share = 1.0 if maximum is None else min(1.0, maximum / sum(len(positions) for positions, _ in annotations))
    for number, (positions, symbols) in zip(listed, annotations, strict=True):
        record = read_record(entry, folder, number, positions, symbols)
        before, after = rr_intervals(record.positions, FREQUENCY)
        kept = spread(len(positions), max(1, round(share * len(positions))))
        parts.append(
            {
                "inputs": beat_windows(record.signal, record.positions[kept]),
                "targets": record.targets[kept],
                "groups": np.full(len(kept), number),
                "split": np.full(len(kept), _part(number), dtype="<U10"),
                "rr_before": before[kept],
                "rr_after": after[kept],
                "position": record.positions[kept],
                "symbol": record.symbols[kept],
            }
        )
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Dataset(
        name=entry.name,
        inputs=columns["inputs"],
        targets=columns["targets"],
        task=entry.task,
        groups=columns["groups"],
        groups_known=entry.groups_known,
        split=columns["split"],
        source=entry.source(checksum),
        class_names=entry.class_names,
        truth={name: columns[name] for name in ("rr_before", "rr_after", "position", "symbol")},
    )


def aami_classes(symbols: np.ndarray) -> np.ndarray:
    """AAMI class 0 to 4 (N, S, V, F, Q) of each symbol; -1 for what is not a beat (rhythm, noise, comments)."""
    class_of = {symbol: target for target, members in enumerate(AAMI_SYMBOLS) for symbol in members}
    return np.array([class_of.get(symbol, -1) for symbol in symbols], dtype=np.int64)


def read_annotations(entry: Entry, folder: Path, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions (n,) and symbols (n,) of the beats of a record; what is not a beat is left out.

    Raises:
        InputError: the file cannot be read, holds fewer than two beats or has them out of order.
    """
    with _parsing(entry, f"{number}.atr") as wfdb:
        found = wfdb.rdann(str(folder / f"{number}"), "atr")
    symbols = np.array(found.symbol, dtype="<U1")
    beats = aami_classes(symbols) >= 0
    if beats.sum() < 2:
        raise _damaged(entry, f"{number}.atr", f"it marks {int(beats.sum())} beats")
    positions = np.asarray(found.sample, dtype=np.int64)[beats]
    if (np.diff(positions) <= 0).any():
        raise _damaged(entry, f"{number}.atr", "beats are not in the order of time")
    return positions, symbols[beats]


def read_record(entry: Entry, folder: Path, number: int, positions: np.ndarray, symbols: np.ndarray) -> Record:
    """The two leads of a record in mV, MLII first, with its beats.

    Raises:
        InputError: signal or header cannot be read, the frequency is not 360 Hz, there is no lead MLII or a beat lies
            outside of the signal.
    """
    with _parsing(entry, f"{number}.hea or {number}.dat") as wfdb:
        found = wfdb.rdrecord(str(folder / f"{number}"), return_res=32)
    if found.fs != FREQUENCY:
        raise _damaged(entry, f"{number}.hea", f"the frequency is {found.fs:g} Hz, not {FREQUENCY} Hz")
    if FIRST_LEAD not in found.sig_name or found.n_sig != 2:
        raise _damaged(
            entry, f"{number}.hea", f"the leads are {', '.join(found.sig_name)}, not {FIRST_LEAD} and one more"
        )
    if positions[0] < 0 or positions[-1] >= found.sig_len:
        wrong = f"beats are marked up to sample {positions[-1]:,}, the signal has {found.sig_len:,}"
        raise _damaged(entry, f"{number}.atr or {number}.dat", wrong)
    first = found.sig_name.index(FIRST_LEAD)
    return Record(
        number=number,
        signal=np.asarray(found.p_signal[:, [first, 1 - first]], dtype=np.float32),
        leads=(FIRST_LEAD, found.sig_name[1 - first]),
        positions=positions,
        symbols=symbols,
        targets=aami_classes(symbols),
    )


def _part(number: int) -> str:
    if number in DS2:
        return "test"
    return "validation" if number in VALIDATION else "train"


@contextmanager
def _parsing(entry: Entry, name: str) -> Iterator[ModuleType]:
    """The wfdb package, imported when a record is read; whatever it stumbles over becomes one clear line."""
    with warnings.catch_warnings():
        # It calls pandas in ways that pandas 4 will no longer know.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        import wfdb

        try:
            yield wfdb
        except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            raise _damaged(entry, name, "it cannot be read") from error


def _damaged(entry: Entry, name: str, wrong: str) -> InputError:
    return InputError(
        f"{name} of {entry.name} is not of the expected layout: {wrong}; get it again with `medlab fetch {entry.name}`"
    )
