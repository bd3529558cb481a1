"""Heartbeats as samples: windows of a signal around beats, and the intervals between them."""

from __future__ import annotations

import numpy as np

FREQUENCY = 360  # Hz
BEFORE, AFTER = 180, 180  # samples of a window before the beat and from it on: one second
WINDOW = BEFORE + AFTER


def beat_windows(signal: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Windows of one second (at 360 Hz) with the beat at sample ``BEFORE``.

    Where a window reaches over an end of the record, the record's first or last value fills it.

    Args:
        signal: (samples, leads) mV.
        positions: (n,) samples at which beats are annotated.

    Returns:
        (n, 360, leads), same type as the signal.
    """
    places = np.asarray(positions)[:, None] + np.arange(-BEFORE, AFTER)
    return signal[np.clip(places, 0, len(signal) - 1)]


def rr_intervals(positions: np.ndarray, frequency: float) -> tuple[np.ndarray, np.ndarray]:
    """Seconds to the beat before and to the beat after, for beats at ``positions`` (n,), n at least 2.

    The first beat has none before it and takes the interval after it; the last one likewise.
    """
    intervals = np.diff(positions) / frequency
    return np.concatenate([intervals[:1], intervals]), np.concatenate([intervals, intervals[-1:]])


def spread(count: int, kept: int) -> np.ndarray:
    """Indices of ``kept`` of ``count`` beats, evenly over the record, so that every class keeps about its share."""
    return np.unique(np.linspace(0, count - 1, min(kept, count)).round().astype(int))
