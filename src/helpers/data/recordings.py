"""Whole ECG recordings, sample by sample, as a monitor receives them, with the beats that are known in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.dataset import Dataset, Source
from helpers.data.heartbeats import FREQUENCY, beat_windows, rr_intervals
from helpers.runtime import InputError

PHANTOM_RECORDING = 1  # the dataset's windows come from recording 0 of the same patients
VENTRICULAR, NOT_COUNTED = 2, (3, 4)  # AAMI: V; F and Q called V are neither right nor wrong (EC57)


@dataclass(frozen=True)
class Recording:
    """One recording of one person.

    Attributes:
        group: of the dataset, which the recording belongs to.
        signal: (samples, leads) float32, mV, 360 Hz.
        positions: (n,) samples of the beats.
        targets: (n,) AAMI classes.
    """

    group: int
    signal: np.ndarray
    positions: np.ndarray
    targets: np.ndarray

    @property
    def hours(self) -> float:
        return len(self.signal) / FREQUENCY / 3600

    @property
    def to_find(self) -> np.ndarray:
        """(n,) 1 for a ventricular beat, -1 for a fusion beat or one nobody could classify, 0 for any other."""
        return np.select([self.targets == VENTRICULAR, np.isin(self.targets, NOT_COUNTED)], [1, -1], 0)

    @property
    def seconds(self) -> np.ndarray:
        """(n,) seconds of the beats from the start."""
        return self.positions / FREQUENCY


def open_recordings(dataset: Dataset, part: str, minutes: float) -> list[Recording]:
    """Recordings of every person of one part of a dataset of heartbeats.

    Args:
        dataset: ``ecg-phantom`` or ``mitdb``, as loaded from the catalog.
        part: of the split.
        minutes: from the start of the recording; shorter ones stay as long as they are.

    Raises:
        InputError: only these two datasets have recordings, or the time is not above zero.
    """
    if minutes <= 0:
        raise InputError(f"{minutes} minutes of recordings: give a time above 0 in the budget")
    openers = {"ecg-phantom": _phantom, "mitdb": _mitdb}
    if dataset.name not in openers:
        raise InputError(f"{dataset.name} has no recordings to stream: choose one of {', '.join(openers)}")
    groups = np.unique(dataset.groups[dataset.split == part])
    return [openers[dataset.name](int(group), minutes) for group in groups]


def heartbeats_of(recordings: list[Recording], class_names: tuple[str, ...], source: Source) -> Dataset:
    """All beats of the recordings as windows of one second, in time, the group of a beat being its recording's."""
    gaps = [rr_intervals(one.positions, FREQUENCY) for one in recordings]
    counts = [len(one.positions) for one in recordings]
    return Dataset(
        name="recordings",
        inputs=np.concatenate([beat_windows(one.signal, one.positions) for one in recordings]),
        targets=np.concatenate([one.targets for one in recordings]),
        task="multiclass",
        groups=np.repeat([one.group for one in recordings], counts),
        groups_known=True,
        split=np.full(sum(counts), "test", dtype="<U10"),
        class_names=class_names,
        truth={
            "rr_before": np.concatenate([before for before, _ in gaps]),
            "rr_after": np.concatenate([after for _, after in gaps]),
            "position": np.concatenate([one.positions for one in recordings]),
        },
        source=source,
    )


def _phantom(group: int, minutes: float) -> Recording:
    from helpers.data.phantoms import ecg

    record = ecg.simulate_record(ecg.DATASET_SEED, group, 60 * minutes, FREQUENCY, recording=PHANTOM_RECORDING)
    targets = np.array([ecg.SYMBOLS.index(symbol) for symbol in record.symbols], dtype=np.int64)
    return Recording(group, record.signal, record.positions, targets)


def _mitdb(group: int, minutes: float) -> Recording:
    from helpers.data import mitbih
    from helpers.data.catalog import describe

    entry = describe("mitdb")
    folder = entry.paths()[0].parent
    record = mitbih.read_record(entry, folder, group, *mitbih.read_annotations(entry, folder, group))
    end = min(len(record.signal), round(60 * minutes * FREQUENCY))
    inside = record.positions < end
    return Recording(group, record.signal[:end], record.positions[inside], record.targets[inside])
