"""What stands around a heartbeat: the rhythm before and after it, and the patient's usual beat.

Nothing here looks at a label, and everything looks at the *whole record*: beats to come, and averages over half an hour.
That is how a recording is read the day after it was worn (Holter); a monitor at the bedside could not do it. De Chazal,
O'Dwyer and Reilly (2004, IEEE Trans Biomed Eng 51:1196) use intervals and their averages; that a classifier may adapt to
a patient through unlabeled beats of the same record is the idea of Llamedo and Martínez (2012, IEEE Trans Biomed Eng
59:2312).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter, uniform_filter1d

from helpers.data.dataset import Dataset
from helpers.data.heartbeats import BEFORE, FREQUENCY, WINDOW
from helpers.data.rhythm import LONGEST, SHORTEST, coarse_trace, require_heartbeats
from helpers.runtime import InputError

REACH = 2  # intervals on either side of those that touch the beat
NEAR = 25  # beats on either side that decide how irregular the rhythm is around a beat
FAR = 150  # beats on either side that decide what interval is usual: longer than most runs of premature beats
LARGEST = 1.2  # logarithm of a ratio of intervals: a factor of 3.3
# Simulated fibrillation: beats of a record, seconds of its usual interval, standard deviation of the logarithm.
SIMULATED_BEATS, SIMULATED_INTERVAL, SIMULATED_DEVIATION = 100, (0.45, 1.0), (0.1, 0.3)
# Seconds against the annotated beat: where the P wave, the QRS complex, and ST with the T wave lie at usual rates.
PARTS_OF_BEAT = {"P": (-0.25, -0.07), "QRS": (-0.07, 0.09), "ST and T": (0.09, 0.45)}
SMALLEST_DEFLECTION = 0.1  # mV; a lead that fell off records nothing, and noise must not be blown up
SMALLEST_DIFFERENCE = 0.02  # heights of the usual beat: a trace without noise must not make everything unusual
DIFFERENCE_SCALE = 0.2  # brings usual differences to about the size of the traces beside them
SMALLEST_CHANGE = 0.01  # of the logarithm of an interval; a phantom or a pacemaker may be perfectly regular
SMALLEST_DISTANCE, FARTHEST = 0.02, 10.0  # the unit of distance is at least so large; as many units are told at most

CONTEXT = (
    *(f"interval {place:+d}" for place in range(-REACH, 0)),
    "interval before",
    "interval after",
    *(f"interval {place:+d}" for place in range(2, REACH + 2)),
    "usual interval",
    "usual interval, against that of the record",
    "interval before, against that of the record",
    "median of the near intervals",
    "usual change",
    "usual distance",
    "interval before, in usual distances",
    "interval after, in usual distances",
)


def rhythm_context(dataset: Dataset) -> np.ndarray:
    """The intervals around every beat, against those that are usual around it; (n, 14) float32, order :data:`CONTEXT`.

    The six intervals from two before the beat's own to two after the one that follows are logarithms against the usual
    one, the running mean over :data:`FAR` intervals on either side (symmetric), clipped to a factor of 3.3: early means
    early for this heart. A mean, as de Chazal et al. take it, because a median follows the majority, and there are people
    most of whose beats are premature: in record 232 of MIT-BIH such beats follow each other after 0.7 s until a pause of
    almost 2 s ends the run, so the median is 0.7 s and the mean, which the pauses draw up, 1.0 s. Then come the usual
    interval itself (logarithm of seconds), the same against the mean of the record, the interval before the beat against
    that one, and the median of the :data:`NEAR` intervals on either side against the usual one: in a run of premature
    beats nothing is early against its neighbors. Last, how irregular
    the rhythm is: near medians of the change from one interval to the next and of the distance from the near median
    (logarithms), and the intervals before and after the beat in units of that distance. In atrial fibrillation half of
    all beats are "early", and none of them is unusual.

    Intervals are first clipped to 0.2 to 3 s: ventricular flutter has no beats, so a record may have gaps of minutes.

    Args:
        dataset: heartbeats, all those of a record in the order of time, with ``rr_before`` and ``rr_after`` in seconds.

    Raises:
        InputError: these are no heartbeats, or beats of a record were left out: neighbors would be missing.
    """
    require_heartbeats(dataset)
    before, after = (np.asarray(dataset.truth[name], dtype=np.float64) for name in ("rr_before", "rr_after"))
    context = np.empty((len(dataset), len(CONTEXT)), dtype=np.float32)
    for group in np.unique(dataset.groups):
        rows = np.flatnonzero(dataset.groups == group)
        if not np.allclose(after[rows[:-1]], before[rows[1:]], atol=1e-6):
            raise InputError(
                f"{dataset.name}: beats were left out, so the rhythm around the others is unknown: "
                "load the dataset without a maximum and take fewer beats afterwards"
            )
        intervals = np.append(before[rows], after[rows[-1]])
        context[rows] = _around(np.log(np.clip(intervals, SHORTEST, LONGEST)))
    return context


def with_fibrillation(context: np.ndarray, targets: np.ndarray, share: float, seed: int) -> np.ndarray:
    """The context, with that of some normal beats replaced by one from simulated atrial fibrillation.

    Beats conducted in fibrillation are normal ones by AAMI's classes, however early they come, and a training part of 22
    records holds two or three people with it. Fibrillation is simulated as intervals that do not depend on each other
    (log-normal, as ventricular response roughly is), each record with a rate and an irregularity of its own. For
    training alone.

    Args:
        context: (n, 14) from :func:`rhythm_context`.
        targets: (n,) classes; 0 is normal.
        share: of the normal beats.
        seed: of simulation and choice.

    Returns:
        (n, 14) float32, a copy.

    Raises:
        InputError: the share is no share.
    """
    if not 0 <= share <= 1:
        raise InputError(f"a share of {share} of the normal beats: it lies between 0 and 1")
    generator = np.random.default_rng(seed)
    normal = np.flatnonzero(targets == 0)
    chosen = generator.choice(normal, round(share * len(normal)), replace=False)
    changed = context.astype(np.float32)
    for start in range(0, len(chosen), SIMULATED_BEATS):
        rows = chosen[start : start + SIMULATED_BEATS]
        usual, deviation = generator.uniform(*SIMULATED_INTERVAL), generator.uniform(*SIMULATED_DEVIATION)
        intervals = usual * np.exp(deviation * generator.standard_normal(SIMULATED_BEATS + 1))
        changed[rows] = _around(np.log(np.clip(intervals, SHORTEST, LONGEST)))[: len(rows)]
    return changed


def patient_traces(dataset: Dataset, samples: int, leads: int) -> np.ndarray:
    """Traces in heights of the patient's usual beat, and beside them how unusual every deviation from it is.

    The usual beat of a record is the median over all its beats, sample by sample: mostly normal beats, because most
    beats are (where most are not, it is something else, and no label says so). Each trace is centered on its own
    median and divided by the height of the usual beat, lead by lead. Differences from the usual beat are told in usual
    differences (medians over the record): a noisy lead is always different, and that means nothing.

    Args:
        dataset: heartbeats, (n, time, leads) mV.
        samples: averaged into one value, as in :func:`helpers.data.rhythm.coarse_trace`.
        leads: how many to take, the first ones.

    Returns:
        (n, time / samples, 2 * leads) float32: the leads, then their differences from the usual
        beat: 0.2 is a usual one, and nothing lies beyond 2.

    Raises:
        InputError: these are no heartbeats, they have fewer leads, or the time is no multiple of ``samples``.
    """
    require_heartbeats(dataset)
    if not 1 <= leads <= dataset.inputs.shape[2]:
        raise InputError(f"{dataset.name}: {dataset.inputs.shape[2]} leads, so {leads} cannot be taken")
    traces = coarse_trace(dataset.inputs[:, :, :leads], samples)
    traces = traces - np.median(traces, axis=1, keepdims=True)
    differences = np.empty_like(traces)
    for group in np.unique(dataset.groups):
        inside = dataset.groups == group
        usual = np.median(traces[inside], axis=0)
        height = np.maximum(np.ptp(usual, axis=0), SMALLEST_DEFLECTION)
        traces[inside] /= height
        difference = traces[inside] - usual / height
        unit = SMALLEST_DIFFERENCE + np.median(np.abs(difference), axis=(0, 1))
        differences[inside] = DIFFERENCE_SCALE * np.clip(difference / unit, -FARTHEST, FARTHEST)
    return np.concatenate([traces, differences], axis=2).astype(np.float32)


def _around(intervals: np.ndarray) -> np.ndarray:
    """(beats, context) of one record from the logarithms of its intervals (beats + 1,)."""
    seconds = np.exp(intervals)
    usual = np.log(uniform_filter1d(seconds, 2 * FAR + 1, mode="reflect"))
    overall = np.log(seconds.mean())
    near = _running_median(intervals, NEAR)
    change = _running_median(np.abs(np.diff(intervals, prepend=intervals[0])), NEAR)
    distance = _running_median(np.abs(intervals - near), NEAR)
    unusual = np.clip((intervals - usual) / (SMALLEST_DISTANCE + distance), -FARTHEST, FARTHEST)
    beats = len(intervals) - 1
    padded = np.pad(intervals, REACH, mode="edge")
    strip = np.stack([padded[place : place + beats] for place in range(2 * REACH + 2)], axis=1) - usual[:-1, None]
    rest = [usual, usual - overall, intervals - overall, near - usual]
    rest += [np.log(SMALLEST_CHANGE + one) for one in (change, distance)]
    before_beat = [values[:-1] for values in (*rest, unusual)]
    return np.column_stack([np.clip(strip, -LARGEST, LARGEST), *before_beat, unusual[1:]])


def _running_median(values: np.ndarray, reach: int) -> np.ndarray:
    return median_filter(values, 2 * reach + 1, mode="reflect")


def wave_numbers(traces: np.ndarray) -> np.ndarray:
    """What a classical classifier is given of the shape: six numbers per lead for each of the three parts of a beat.

    Highest and lowest value of the trace, highest and lowest difference from the usual beat, and the root mean squares
    of both, in each of :data:`PARTS_OF_BEAT`.

    Args:
        traces: (n, steps, 2 * leads) from :func:`patient_traces`.

    Returns:
        (n, 18 * leads) float32.
    """
    steps = traces.shape[1]
    seconds = ((np.arange(steps) + 0.5) / steps * WINDOW - BEFORE) / FREQUENCY
    numbers = []
    for begin, end in PARTS_OF_BEAT.values():
        inside = traces[:, (seconds >= begin) & (seconds < end)]
        numbers += [inside.max(axis=1), inside.min(axis=1), np.sqrt((inside**2).mean(axis=1))]
    return np.concatenate(numbers, axis=1).astype(np.float32)
