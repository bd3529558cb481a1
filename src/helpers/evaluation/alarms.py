"""Alarms of a monitor: which are true, how many an hour, and how late they come.

A monitor is not judged beat by beat. Nurses hear *alarms*, and most of those in intensive care are false (Drew et al.
2014, PLoS ONE 9:e110274); so calls that follow each other closely are one alarm, and false ones are counted per hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from helpers.data.recordings import Recording
from helpers.evaluation.proportions import LEVEL, Interval
from helpers.runtime import InputError

HOLD = 10.0  # seconds in which further calls belong to the same alarm


@dataclass(frozen=True)
class Monitored:
    """One recording as a monitor saw it.

    Attributes:
        seconds: (n,) time of the beats.
        scores: (n,) of the monitor.
        targets: (n,) 1 for a beat to be found, 0 for another, -1 for one that counts neither way.
        hours: length of the recording.
    """

    seconds: np.ndarray
    scores: np.ndarray
    targets: np.ndarray
    hours: float

    def alarms(self, threshold: float, hold: float = HOLD) -> np.ndarray:
        """One row per alarm: (first beat that was called, last beat that belongs to it + 1)."""
        called = np.flatnonzero(self.scores >= threshold)
        rows = []
        while len(called):
            end = int(np.searchsorted(self.seconds, self.seconds[called[0]] + hold, side="right"))
            rows.append((int(called[0]), end))
            called = called[called >= end]
        return np.array(rows, dtype=np.int64).reshape(-1, 2)

    def judged_alarms(self, threshold: float, hold: float = HOLD) -> tuple[int, int, int]:
        """How many alarms are true, false, and neither.

        True is one with a called beat to be found, false one whose called beats are all others; what rests on beats that
        count neither way alone, or beside others, counts neither way itself.
        """
        called = self.scores >= threshold
        kinds = [self.targets[first:end][called[first:end]] for first, end in self.alarms(threshold, hold)]
        true = sum(bool((kind == 1).any()) for kind in kinds)
        false = sum(bool((kind == 0).all()) for kind in kinds)
        return true, false, len(kinds) - true - false

    def false_alarms(self, threshold: float, hold: float = HOLD) -> int:
        """Alarms all of whose called beats are other ones; see :meth:`judged_alarms`."""
        return self.judged_alarms(threshold, hold)[1]


@dataclass(frozen=True)
class AlarmCount:
    """Alarms of several recordings.

    Attributes:
        true, false, neither: (n,) alarms of each recording; see :meth:`Monitored.judged_alarms`.
        hours: (n,) their lengths.
    """

    true: np.ndarray
    false: np.ndarray
    neither: np.ndarray
    hours: np.ndarray

    @property
    def false_rate(self) -> Interval:
        """False alarms an hour; see :func:`event_rate`."""
        return event_rate(self.false, self.hours)

    @property
    def rate(self) -> Interval:
        """Alarms an hour."""
        return event_rate(self.true + self.false + self.neither, self.hours)


def listen(recordings: Sequence[Recording], groups: np.ndarray, scores: np.ndarray) -> list[Monitored]:
    """Recordings with the scores of their beats.

    Args:
        recordings: n of them.
        groups: (beats,) recording of every score.
        scores: (beats,) in the order of time within each recording.
    """
    return [Monitored(one.seconds, scores[groups == one.group], one.to_find, one.hours) for one in recordings]


def count_alarms(recordings: Sequence[Monitored], threshold: float, hold: float = HOLD) -> AlarmCount:
    """Alarms of every recording at a threshold, judged."""
    judged = np.array([one.judged_alarms(threshold, hold) for one in recordings], dtype=np.int64).reshape(-1, 3)
    return AlarmCount(*judged.T, np.array([one.hours for one in recordings]))


def threshold_for(recordings: Sequence[Monitored], per_hour: float, hold: float = HOLD) -> float:
    """The threshold down to which false alarms nowhere exceed a rate on these recordings (validation).

    Only a beat that is not to be found can begin a false alarm, so the scores of such beats are tried from the highest
    on; the threshold is the last one that still keeps the rate, and lies just above the score that would break it.

    Args:
        recordings: to choose on.
        per_hour: false alarms at most, above 0.
        hold: seconds in which further calls belong to the same alarm.

    Raises:
        InputError: no recordings, or a rate that is not above zero.
    """
    hours = sum(one.hours for one in recordings)
    if not hours or per_hour <= 0:
        raise InputError(f"{per_hour} false alarms an hour on {hours:.1f} hours: both have to be above 0")
    for score in np.unique(np.concatenate([one.scores[one.targets == 0] for one in recordings]))[::-1]:
        if sum(one.false_alarms(score, hold) for one in recordings) > per_hour * hours:
            return float(np.nextafter(score, np.inf))
    return 0.0


def event_rate(
    counts: Sequence[int] | np.ndarray, exposure: Sequence[float] | np.ndarray, level: float = LEVEL
) -> Interval:
    """Events per unit of exposure with the exact Poisson interval (Garwood 1936, Biometrika 28:437).

    Recordings differ: where their counts vary more than Poisson counts would, the number of events is divided by that
    factor before the interval is computed (quasi-Poisson; McCullagh and Nelder 1989, section 6.2.3), so that twenty false
    alarms of one person do not count as twenty people's. Without any event the interval starts at 0 and stays open above.

    Args:
        counts: events of each recording.
        exposure: of each recording, hours for example.
        level: confidence level.

    Raises:
        InputError: nothing was exposed, or the two do not belong together.
    """
    counts, exposure = np.asarray(counts, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    if counts.shape != exposure.shape or not exposure.sum() > 0 or (exposure <= 0).any():
        raise InputError(f"{counts.size} counts and {exposure.size} exposures: give one time above 0 per count")
    rate = counts.sum() / exposure.sum()
    factor = dispersion(counts, exposure)
    events = counts.sum() / factor
    tail = (1 - level) / 2
    low = chi2.ppf(tail, 2 * events) / 2 if events else 0.0
    high = chi2.ppf(1 - tail, 2 * (events + 1)) / 2
    method = "exact Poisson" if factor == 1 else "exact Poisson, dispersion"
    scale = factor / exposure.sum()
    return Interval(float(rate), float(low * scale), float(high * scale), method, level)


def dispersion(counts: np.ndarray, exposure: np.ndarray) -> float:
    """How much more the counts vary between recordings than Poisson counts would; at least 1."""
    counts, exposure = np.asarray(counts, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    expected = counts.sum() * exposure / exposure.sum()
    if len(counts) < 2 or not counts.sum():
        return 1.0
    return max(1.0, float(np.sum((counts - expected) ** 2 / expected) / (len(counts) - 1)))
