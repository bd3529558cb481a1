"""Watch how strong a signal is: the height of QRS in blocks of beats, a drift alarm on it, and a change planted to test it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.data.causal_beats import qrs_heights
from helpers.data.heartbeats import FREQUENCY, beat_windows
from helpers.evaluation.alarms import event_rate
from helpers.evaluation.drift import block_medians, cusum, expected_alarms, self_starting_scores
from helpers.evaluation.proportions import Interval, wilson
from helpers.runtime import InputError


@dataclass(frozen=True)
class Watched:
    """One recording as the drift alarm saw it.

    Attributes:
        minutes: (blocks,) time at which each block was complete.
        sums: (blocks, 2) of the CUSUM, upward and downward.
        alarms: rows of the blocks at which it alarmed.
    """

    minutes: np.ndarray
    sums: np.ndarray
    alarms: np.ndarray

    def wait_after(self, minute: float) -> float:
        """Minutes from a change to the next alarm; nan when none comes before the recording ends."""
        later = self.minutes[self.alarms][self.minutes[self.alarms] > minute]
        return float(later[0] - minute) if len(later) else float("nan")


def watch_height(signal: np.ndarray, positions: np.ndarray, block: int, limit: float) -> Watched:
    """Follow the height of the QRS complexes of one recording.

    Args:
        signal: (samples, leads) mV, 360 Hz.
        positions: (n,) samples of the beats that count: those the monitor took for usual ones.
        block: beats whose median is one value.
        limit: of the CUSUM.
    """
    middle = block_medians(qrs_heights(beat_windows(signal, positions)), block)
    complete = positions[block - 1 :: block][: len(middle)]
    return Watched(complete / FREQUENCY / 60, *cusum(self_starting_scores(middle), limit))


def weakened(signal: np.ndarray, loss: float) -> np.ndarray:
    """The signal, weaker by a share ``loss`` from its middle on; a copy."""
    if not 0 <= loss < 1:
        raise InputError(f"a signal weaker by {loss}: the loss lies between 0 and 1")
    changed = signal.copy()
    changed[len(signal) // 2 :] *= 1 - loss
    return changed


def derived_alarms(undisturbed: Sequence[Watched], limit: float) -> np.ndarray:
    """False alarms derived for each recording from its number of blocks, (n,)."""
    return np.array([expected_alarms(len(one.minutes), limit) for one in undisturbed])


def times_derived(undisturbed: Sequence[Watched], limit: float) -> Interval:
    """Alarms of recordings in which nothing was planted, in multiples of the derived ones; exact Poisson interval.

    Args:
        undisturbed: recordings; those too short for any alarm count for nothing.
        limit: of the CUSUM.
    """
    derived = derived_alarms(undisturbed, limit)
    counts = np.array([len(one.alarms) for one in undisturbed])
    return event_rate(counts[derived > 0], derived[derived > 0])


def noticed_share(waits: np.ndarray) -> Interval:
    """Share of the recordings in which a planted change was noticed; ``waits`` as of :meth:`Watched.wait_after`."""
    return wilson(int(np.isfinite(waits).sum()), len(waits))
