"""What a monitor knows of a heartbeat: the beat itself and the past, never the future.

:mod:`helpers.data.beat_context` reads a recording the day after and looks at all of it. Here the usual beat and the
usual interval are running means over what has already been seen, updated beat by beat, so that the same numbers come out
whether beats arrive one by one or all at once.
"""

from __future__ import annotations

import numpy as np

from helpers.data.beat_context import DIFFERENCE_SCALE, FARTHEST, LARGEST, SMALLEST_DEFLECTION, SMALLEST_DIFFERENCE
from helpers.data.dataset import Dataset
from helpers.data.heartbeats import BEFORE, WINDOW
from helpers.data.recordings import NOT_COUNTED
from helpers.data.rhythm import LONGEST, SHORTEST, require_heartbeats
from helpers.runtime import InputError

FIRST_INTERVAL = 0.8  # seconds, before anything is known: 75 beats a minute
MEMORY = 40  # beats that the running means look back on
QRS = 18  # samples on either side of a beat, 50 ms: the QRS complex
SMALLEST_HEIGHT = 0.01  # mV; an electrode that fell off has no height
ALSO_TESTED = {"mitdb": (201,)}  # records of training whose person is tested as well: 201 and 202 are one
CONTEXT = ("interval before", "interval before that", "usual interval", "usual change")


class RunningHeart:
    """What has been usual for one heart so far; forgets what lies more than about :data:`MEMORY` beats back.

    Args:
        samples: averaged into one value of the trace.
        leads: of the signal.
    """

    def __init__(self, samples: int, leads: int) -> None:
        if samples < 1 or WINDOW % samples:
            raise InputError(f"windows of {WINDOW} samples cannot be averaged over {samples}: choose a divisor")
        self._samples, self._leads = samples, leads
        self._beats = 0
        self._usual = np.zeros((WINDOW // samples, leads))
        self._difference = np.zeros(leads)
        self._interval = self._change = self._last = 0.0

    def see(self, window: np.ndarray, interval: float) -> tuple[np.ndarray, np.ndarray]:
        """What the network is given of a beat; afterwards the beat belongs to the past.

        Args:
            window: (360, leads) mV around the beat.
            interval: seconds since the beat before; of the first beat nothing is known, and nothing is taken over.

        Returns:
            Trace (360 / samples, 2 * leads): the leads in heights of the usual beat, and their differences from it in
            usual differences; and the rhythm (4,) in the order of :data:`CONTEXT`: logarithms of the interval before and
            of the one before that against the usual one, of the usual one against a second, and the usual change from
            one interval to the next. Both float32.
        """
        trace = window.reshape(-1, self._samples, self._leads).mean(axis=1, dtype=np.float64)
        trace -= np.median(trace, axis=0)
        interval = float(np.clip(interval if self._beats else FIRST_INTERVAL, SHORTEST, LONGEST))
        if not self._beats:
            self._usual, self._interval, self._last = trace, interval, interval
        height = np.maximum(np.ptp(self._usual, axis=0), SMALLEST_DEFLECTION)
        difference = (trace - self._usual) / height
        unit = SMALLEST_DIFFERENCE + (self._difference if self._beats > 1 else np.abs(difference).mean(axis=0))
        unusual = DIFFERENCE_SCALE * np.clip(difference / unit, -FARTHEST, FARTHEST)
        ratios = np.log(np.array([interval, self._last]) / self._interval)
        rhythm = [*np.clip(ratios, -LARGEST, LARGEST), np.log(self._interval), self._change]
        self._remember(trace, difference, interval)
        return np.concatenate([trace / height, unusual], axis=1).astype(np.float32), np.array(rhythm, dtype=np.float32)

    def _remember(self, trace: np.ndarray, difference: np.ndarray, interval: float) -> None:
        change = abs(np.log(interval / self._last))
        self._beats += 1
        share = 1 / min(self._beats, MEMORY)  # a plain mean at first
        self._usual = self._usual + share * (trace - self._usual)
        self._difference = self._difference + share * (np.abs(difference).mean(axis=0) - self._difference)
        self._interval += share * (interval - self._interval)
        self._change += share * (change - self._change)
        self._last = interval


def to_learn(dataset: Dataset) -> np.ndarray:
    """Rows of the beats that a monitor for strangers may learn from.

    These are the beats of training that count, without the records of :data:`ALSO_TESTED`: the usual split of MIT-BIH (de
    Chazal et al. 2004, IEEE Trans Biomed Eng 51:1196) puts one person on both sides.

    Args:
        dataset: heartbeats, the group of a beat being its record.
    """
    known = np.isin(dataset.groups, ALSO_TESTED.get(dataset.name, ()))
    return np.flatnonzero((dataset.split == "train") & ~np.isin(dataset.targets, NOT_COUNTED) & ~known)


def causal_inputs(dataset: Dataset, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Traces and rhythm of all beats as a monitor would have seen them, recording by recording.

    Args:
        dataset: heartbeats, all those of a recording in the order of time.
        samples: averaged into one value of the trace.

    Returns:
        (n, 360 / samples, 2 * leads) and (n, 4), float32; see :meth:`RunningHeart.see`.
    """
    require_heartbeats(dataset)
    leads = dataset.inputs.shape[2]
    traces = np.empty((len(dataset), WINDOW // samples, 2 * leads), dtype=np.float32)
    rhythms = np.empty((len(dataset), len(CONTEXT)), dtype=np.float32)
    intervals = np.asarray(dataset.truth["rr_before"], dtype=np.float64)
    for group in np.unique(dataset.groups):
        heart = RunningHeart(samples, leads)
        for row in np.flatnonzero(dataset.groups == group):
            traces[row], rhythms[row] = heart.see(dataset.inputs[row], intervals[row])
    return traces, rhythms


def qrs_heights(windows: np.ndarray) -> np.ndarray:
    """Logarithm of the height of the first lead within :data:`QRS` samples of each beat, (n,).

    The logarithm makes a weaker electrode a shift, the narrow window leaves ST and breathing out.

    Args:
        windows: (n, 360, leads) mV, the beat at sample 180.
    """
    heights = np.ptp(windows[:, BEFORE - QRS : BEFORE + QRS, 0], axis=1)
    return np.log(np.maximum(heights, SMALLEST_HEIGHT))
