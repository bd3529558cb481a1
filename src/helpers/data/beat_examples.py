"""Which beats to show: a stretch of one recording around an early beat, and beats beside what is usual in their recording."""

from __future__ import annotations

import numpy as np

from helpers.data.dataset import Dataset
from helpers.runtime import InputError


def stretch_of_beats(beats: Dataset, rows: np.ndarray, label: int, length: int = 40) -> np.ndarray:
    """Rows of neighboring beats of the recording that has most beats of a class, from a little before the first of them.

    Args:
        beats: with whole recordings in their order.
        rows: to choose from.
        label: the class.
        length: beats; fewer where the recording ends.

    Raises:
        InputError: no beat of the class is among the rows.
    """
    of_class = rows[beats.targets[rows] == label]
    if not len(of_class):
        raise InputError(f"no beat of class {label} to show: take another dataset or more beats")
    recordings, counts = np.unique(beats.groups[of_class], return_counts=True)
    inside = rows[beats.groups[rows] == recordings[counts.argmax()]]
    start = max(0, int(np.flatnonzero(beats.targets[inside] == label)[0]) - length // 4)
    return inside[start : start + length]


def first_of_each_class(
    beats: Dataset, rows: np.ndarray, traces: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The first beat of every class that occurs, and beside each the usual beat of its recording.

    Args:
        beats: heartbeats.
        rows: to choose from.
        traces: (n, steps, channels) of all beats; the first channel is shown.

    Returns:
        Name of the class to (steps,); (classes, steps) medians over all beats of the recordings.
    """
    labels = np.unique(beats.targets[rows])
    first = [rows[beats.targets[rows] == label][0] for label in labels]
    shown = {beats.class_names[label]: traces[row, :, 0] for label, row in zip(labels, first, strict=True)}
    usual = [np.median(traces[beats.groups == beats.groups[row], :, 0], axis=0) for row in first]
    return shown, np.stack(usual)
